package dev.broadsheet.conformance;

import dev.broadsheet.api.ConversionOutcome;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.PageType;
import dev.broadsheet.core.memory.Footprint;
import java.util.List;

/** R2, the truth; R5, nothing to do is nothing done. */
final class TruthRules extends CaseRules {
  private static final PageLevel[] LEVELS = {
    PageLevel.PG_LEVEL_4K, PageLevel.PG_LEVEL_2M, PageLevel.PG_LEVEL_1G
  };

  /** Blocks turn mixed and uniform again. */
  private static final OperationCase TURNS =
      OperationCase.parse("init=0 +0:0x0-0x400@0x0 c8:0x0-0x1 c0:0x0-0x1");

  @Override
  public List<Rule> rules() {
    return List.of(Rule.R2, Rule.R5);
  }

  /** A tracker may tell nothing of blocks that turn; the verdict says whether it does. */
  @Override
  String remark(Rule rule, Subject subject) {
    if (rule != Rule.R2) {
      return "";
    }
    TestMachine machine = new TestMachine(subject, PageAttributes.SHARED);
    for (Operation operation : TURNS.operations()) {
      machine.apply(operation);
      if (!machine.told().isEmpty()) {
        return "";
      }
    }
    return "; tells nothing of blocks that turn";
  }

  @Override
  boolean blamedForExceptions(Rule rule) {
    return rule == Rule.R2;
  }

  @Override
  long check(Rule rule, Subject subject, OperationCase operations) {
    TestMachine machine = new TestMachine(subject, operations.initialAttributes());
    long limit = operations.limit() + 600;
    long checks = 0;
    for (Operation operation : operations.operations()) {
      machine.apply(operation);
      if (rule == Rule.R2) {
        checks += checkTruth(machine, limit, operation);
      }
    }
    if (rule == Rule.R5) {
      checks += checkUnchanged(machine, limit);
    } else {
      audit(machine);
    }
    return checks;
  }

  private static long checkTruth(TestMachine machine, long limit, Operation after) {
    List<Long> gfns = Probes.gfns(machine, limit, limit);
    for (long gfn : gfns) {
      int found = machine.attributes(gfn);
      int expected = machine.truth().get(gfn);
      if (found != expected) {
        throw new RuleViolation(
            Rule.R2,
            "after %s attributes(0x%x): expected %x, found %x"
                .formatted(after, gfn, expected, found));
      }
      checkFirstDifference(machine, gfn, limit, after);
    }
    for (Memslot slot : Probes.slots(machine.slots())) {
      for (long gfn : gfns) {
        if (slot.range().contains(gfn)) {
          checkTypes(machine, slot, gfn, after);
        }
      }
    }
    return gfns.size();
  }

  private static void checkFirstDifference(
      TestMachine machine, long gfn, long limit, Operation after) {
    int attributes = machine.truth().get(gfn);
    long end = Math.min(limit, machine.truth().runEnd(gfn, limit) + 3);
    checkFirstDifference(machine, gfn, end, attributes, after);
    checkFirstDifference(machine, gfn, end, attributes ^ PageAttributes.PRIVATE, after);
  }

  private static void checkFirstDifference(
      TestMachine machine, long gfn, long end, int attributes, Operation after) {
    long expected = machine.truth().firstDifference(gfn, end, attributes);
    long found = machine.tracker().firstDifference(gfn, end, attributes);
    if (found != expected) {
      throw new RuleViolation(
          Rule.R2,
          "after %s firstDifference(0x%x, 0x%x, %x): expected 0x%x, found 0x%x"
              .formatted(after, gfn, end, attributes, expected, found));
    }
  }

  private static void checkTypes(TestMachine machine, Memslot slot, long gfn, Operation after) {
    for (PageLevel level : LEVELS) {
      PageType expected = machine.truth().type(slot, gfn, level);
      PageType found = machine.tracker().type(gfn, level);
      if (found != expected) {
        throw new RuleViolation(
            Rule.R2,
            "after %s type(0x%x, %s): expected %s, found %s"
                .formatted(after, gfn, level.label(), expected, found));
      }
    }
  }

  private static void audit(TestMachine machine) {
    try {
      machine.tracker().audit();
    } catch (IllegalStateException e) {
      throw new RuleViolation(
          Rule.R2, "the tracker's own audit: expected that it passes, found " + e.getMessage(), e);
    }
  }

  private static long checkUnchanged(TestMachine machine, long limit) {
    String before = machine.observableState(limit);
    Footprint held = machine.meter().totalFootprint();
    long checks = 0;
    for (long start : List.copyOf(machine.truth().starts())) {
      long end = machine.truth().runEnd(start, limit);
      if (start >= limit || checks == 30) {
        break;
      }
      GfnRange whole = new GfnRange(start, end);
      GfnRange part = new GfnRange(start + (end - start) / 3, end);
      for (GfnRange range : List.of(whole, part)) {
        checkUnchanged(machine, range);
        checks++;
      }
    }
    String after = machine.observableState(limit);
    if (!after.equals(before)) {
      throw new RuleViolation(
          Rule.R5, "the observable state: expected as before " + before + ", found " + after);
    }
    Footprint holds = machine.meter().totalFootprint();
    if (holds.bytes() != held.bytes() || holds.live() != held.live()) {
      throw new RuleViolation(
          Rule.R5,
          "the footprint after conversions to what holds: expected %d bytes as before, found %d"
              .formatted(held.bytes(), holds.bytes()));
    }
    return checks;
  }

  private static void checkUnchanged(TestMachine machine, GfnRange range) {
    int attributes = machine.truth().get(range.start());
    Operation operation = new Operation.Convert(range, attributes);
    ConversionOutcome outcome = machine.apply(operation);
    if (!(outcome instanceof ConversionOutcome.Unchanged)) {
      throw new RuleViolation(
          Rule.R5,
          "%s where all pages are %x: expected Unchanged, found %s"
              .formatted(operation, attributes, outcome));
    }
  }
}
