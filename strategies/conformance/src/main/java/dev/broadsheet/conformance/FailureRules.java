package dev.broadsheet.conformance;

import dev.broadsheet.api.ConversionOutcome;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.RejectReason;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** R8: failed, rejected and cancelled calls leave all as before. */
final class FailureRules extends CaseRules {
  /** Up to here each allocation fails in turn; above, ever larger steps are taken. */
  private static final int EACH_UP_TO = 24;

  @Override
  public List<Rule> rules() {
    return List.of(Rule.R8);
  }

  /** Each allocation runs the case again: whole 1G blocks would take thousands of them. */
  @Override
  boolean largeMachines(Rule rule) {
    return false;
  }

  @Override
  boolean blamedForExceptions(Rule rule) {
    return true;
  }

  @Override
  int cases(Rule rule, Settings settings) {
    return Math.max(4, settings.cases() / 2);
  }

  @Override
  long check(Rule rule, Subject subject, OperationCase operations) {
    long checks = checkCreation(subject, operations.initialAttributes());
    checks += checkCancelAndReject(subject, operations);
    for (int last = 0; last < operations.operations().size(); last++) {
      if (!(operations.operations().get(last) instanceof Operation.Cancel)) {
        checks += checkEachAllocation(subject, operations, last);
      }
    }
    return checks;
  }

  private static long checkCreation(Subject subject, int initialAttributes) {
    for (long n = 1; ; n++) {
      try {
        TestMachine machine = new TestMachine(subject, initialAttributes, n);
        machine.failing().disarm();
        machine.tracker().close();
        return n;
      } catch (TestMachine.CreationFailed e) {
        if (e.left() != 0) {
          throw new RuleViolation(
              Rule.R8,
              "creation with allocation %d failing: expected nothing left allocated, found %d"
                  .formatted(n, e.left()),
              e);
        }
      }
    }
  }

  private static long checkCancelAndReject(Subject subject, OperationCase operations) {
    long limit = operations.limit() + 1;
    TestMachine machine = new TestMachine(subject, operations.initialAttributes());
    for (Operation operation : operations.operations()) {
      GfnRange range = operation.converted();
      if (range != null && !(operation instanceof Operation.Cancel)) {
        int attributes = attributesOf(operation);
        String before = machine.observableState(limit);
        Operation cancel = new Operation.Cancel(range, attributes);
        machine.apply(cancel);
        requireSame(machine, before, limit, cancel + " (cancelled)");
        checkUnsupported(subject, machine, range, before, limit);
      }
      machine.apply(operation);
    }
    return operations.operations().size();
  }

  private static void checkUnsupported(
      Subject subject, TestMachine machine, GfnRange range, String before, long limit) {
    int unsupported = Integer.lowestOneBit(~subject.description().attributeBits());
    Operation operation = new Operation.Convert(range, unsupported);
    ConversionOutcome outcome = machine.apply(operation);
    boolean rejected =
        outcome instanceof ConversionOutcome.Rejected refusal
            && refusal.reason() == RejectReason.UNSUPPORTED_ATTRIBUTES;
    if (!rejected) {
      throw new RuleViolation(
          Rule.R8,
          "%s with an undeclared bit: expected Rejected(UNSUPPORTED_ATTRIBUTES), found %s"
              .formatted(operation, outcome));
    }
    requireSame(machine, before, limit, operation + " (rejected)");
  }

  private static long checkEachAllocation(Subject subject, OperationCase operations, int last) {
    long checks = 0;
    long n = 1;
    while (true) {
      TestMachine machine = new TestMachine(subject, operations.initialAttributes());
      for (int i = 0; i < last; i++) {
        machine.apply(operations.operations().get(i));
      }
      if (!failsAt(machine, operations.operations().get(last), n, operations.limit() + 1)) {
        return checks;
      }
      checks++;
      n += n < EACH_UP_TO ? 1 : n / 4;
    }
  }

  /** Lets one allocation of an operation fail; returns whether it got so far. */
  private static boolean failsAt(TestMachine machine, Operation operation, long n, long limit) {
    String before = machine.observableState(limit);
    Truth truthBefore = new Truth(machine.truth());
    machine.failing().failAt(n);
    ConversionOutcome outcome = null;
    boolean threw = false;
    try {
      outcome = machine.apply(operation);
    } catch (KernelOutOfMemoryException e) {
      threw = true;
    }
    machine.failing().disarm();
    String failure = machine.failing().lastFailure().orElse(null);
    if (failure == null) {
      return false;
    }
    String what = operation + " with " + failure + " failing";
    if (outcome instanceof ConversionOutcome.Partial partial) {
      checkPrefix(machine, truthBefore, operation, partial, limit, what);
    } else if (threw || isOutOfMemory(outcome)) {
      requireSame(machine, before, limit, what);
    } // else the operation went round the failure, which the next lines check
    finish(machine, operation, what);
    checkAttributes(machine, limit, what + ", then repeated");
    return true;
  }

  private static void checkPrefix(
      TestMachine machine,
      Truth truthBefore,
      Operation operation,
      ConversionOutcome.Partial partial,
      long limit,
      String what) {
    GfnRange asked = operation.converted();
    if (asked == null
        || partial.range().start() != asked.start()
        || partial.nextGfn() != partial.range().end()
        || partial.nextGfn() >= asked.end()) {
      throw new RuleViolation(
          Rule.R8, what + ": expected a prefix of what was asked, found " + partial);
    }
    truthBefore.set(partial.range(), attributesOf(operation));
    checkAttributes(machine, limit, what + ", a prefix converted");
    if (!truthBefore.toString().equals(machine.truth().toString())) {
      throw new RuleViolation(
          Rule.R8,
          "%s: expected that the told prefix turned, %s; found %s"
              .formatted(what, truthBefore, machine.truth()));
    }
  }

  private static void finish(TestMachine machine, Operation operation, String what) {
    ConversionOutcome outcome;
    try {
      outcome = machine.apply(operation);
    } catch (KernelOutOfMemoryException e) {
      throw new RuleViolation(
          Rule.R8, what + ", then repeated with memory at hand: expected success, found " + e, e);
    }
    if (outcome instanceof ConversionOutcome.Partial || isOutOfMemory(outcome)) {
      throw new RuleViolation(
          Rule.R8,
          what + ", then repeated with memory at hand: expected success, found " + outcome);
    }
  }

  private static void checkAttributes(TestMachine machine, long limit, String what) {
    for (long gfn : Probes.gfns(machine, limit, limit)) {
      int found = machine.attributes(gfn);
      int expected = machine.truth().get(gfn);
      if (found != expected) {
        throw new RuleViolation(
            Rule.R8,
            "%s: attributes(0x%x): expected %x, found %x".formatted(what, gfn, expected, found));
      }
    }
  }

  private static void requireSame(TestMachine machine, String before, long limit, String what) {
    String after = machine.observableState(limit);
    if (!after.equals(before)) {
      throw new RuleViolation(
          Rule.R8, "%s: expected the state as before %s, found %s".formatted(what, before, after));
    }
  }

  private static boolean isOutOfMemory(@Nullable ConversionOutcome outcome) {
    return outcome instanceof ConversionOutcome.Rejected rejected
        && rejected.reason() == RejectReason.OUT_OF_MEMORY;
  }

  private static int attributesOf(Operation operation) {
    if (operation instanceof Operation.Convert convert) {
      return convert.attributes();
    }
    return operation instanceof Operation.ConvertAtOnce convert ? convert.attributes() : 0;
  }
}
