package dev.broadsheet.conformance;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import dev.broadsheet.core.memory.Footprint;
import java.util.List;

/** R11: memory is given back. */
final class FootprintRules extends CaseRules {
  /** How many allocations of an operation fail, one after the other. */
  private static final int FAILING = 4;

  @Override
  public List<Rule> rules() {
    return List.of(Rule.R11);
  }

  @Override
  boolean blamedForExceptions(Rule rule) {
    return false;
  }

  @Override
  long check(Rule rule, Subject subject, OperationCase operations) {
    TestMachine machine = new TestMachine(subject, operations.initialAttributes());
    Footprint empty = machine.meter().totalFootprint();
    Memslot passing = Memslot.aligned(1000, new GfnRange(0x1000_0000, 0x1004_0400));
    machine.apply(new Operation.Add(passing));
    machine.apply(new Operation.Remove(passing.id()));
    requireEqual(empty, machine, "adding and removing " + passing);

    machine.run(operations);
    checkEnd(machine, empty, operations, "");
    checkFailures(subject, operations);

    TestMachine full = new TestMachine(subject, operations.initialAttributes());
    full.run(operations);
    checkClose(full);
    return 5;
  }

  /** The first allocations of each operation fail in turn; nothing stays behind for it. */
  private static void checkFailures(Subject subject, OperationCase operations) {
    TestMachine machine = new TestMachine(subject, operations.initialAttributes());
    Footprint empty = machine.meter().totalFootprint();
    for (Operation operation : operations.operations()) {
      for (int n = 1; n <= FAILING; n++) {
        machine.failing().failAt(n);
        try {
          machine.apply(operation);
        } catch (KernelOutOfMemoryException e) {
          // Tried again, with the next allocation failing, or none.
        } finally {
          machine.failing().disarm();
        }
      }
      machine.apply(operation);
    }
    checkEnd(machine, empty, operations, "failed allocations, ");
  }

  /** All slots go and all is converted back; then the tracker is closed. */
  private static void checkEnd(
      TestMachine machine, Footprint empty, OperationCase operations, String before) {
    for (Memslot slot : Probes.slots(machine.slots())) {
      machine.apply(new Operation.Remove(slot.id()));
    }
    int untouched = machine.tracker().defaultAttributes();
    GfnRange everything = new GfnRange(0, operations.limit());
    for (long start : List.copyOf(machine.truth().starts())) {
      long end = machine.truth().runEnd(start, everything.end());
      if (start < everything.end() && machine.truth().get(start) != untouched) {
        machine.apply(new Operation.Convert(new GfnRange(start, end), untouched));
      }
    }
    requireEqual(empty, machine, before + "removing all slots and converting everything back");
    checkClose(machine);
  }

  private static void checkClose(TestMachine machine) {
    machine.tracker().close();
    machine.rcu().quiescent();
    Footprint left = machine.meter().totalFootprint();
    if (left.live() != 0 || left.awaiting() != 0) {
      throw new RuleViolation(
          Rule.R11,
          "after close: expected nothing allocated, found %d: %s"
              .formatted(left.live(), labels(machine)));
    }
  }

  private static void requireEqual(Footprint empty, TestMachine machine, String after) {
    machine.rcu().quiescent();
    Footprint now = machine.meter().totalFootprint();
    if (now.bytes() != empty.bytes() || now.live() != empty.live() || now.awaiting() != 0) {
      throw new RuleViolation(
          Rule.R11,
          "after %s: expected %d bytes as when empty, found %d: %s"
              .formatted(after, empty.bytes(), now.bytes(), labels(machine)));
    }
  }

  private static List<String> labels(TestMachine machine) {
    return machine.meter().footprints().stream()
        .filter(footprint -> footprint.live() > 0)
        .map(footprint -> footprint.label() + " " + footprint.bytes())
        .toList();
  }
}
