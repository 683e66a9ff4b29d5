package dev.broadsheet.conformance;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.core.memslot.KvmMemslot;
import dev.broadsheet.core.memslot.SlotLpageInfo;
import java.util.List;

/** R7: large-page words of others. */
final class LpageInfoRules extends CaseRules {
  @Override
  public List<Rule> rules() {
    return List.of(Rule.R7);
  }

  @Override
  long check(Rule rule, Subject subject, OperationCase operations) {
    TestMachine machine = new TestMachine(subject, operations.initialAttributes());
    long checks = 0;
    for (Operation operation : operations.operations()) {
      try {
        machine.apply(operation);
      } finally {
        machine
            .lpageInfo()
            .breach()
            .ifPresent(
                breach -> {
                  throw new RuleViolation(
                      Rule.R7,
                      "in %s: expected no change of words of others, found %s"
                          .formatted(operation, breach));
                });
      }
      for (int i = 0; i < machine.slots().table().size(); i++) {
        checks += checkEdges(machine.slots().table().at(i), operation);
      }
    }
    return checks;
  }

  /** The words of blocks that the slot's edges cut hold the count of their placement, no more. */
  private static long checkEdges(KvmMemslot slot, Operation after) {
    long checks = 0;
    for (PageLevel level : new PageLevel[] {PageLevel.PG_LEVEL_2M, PageLevel.PG_LEVEL_1G}) {
      GfnRange range = slot.range();
      for (long gfn : new long[] {range.start(), range.end() - 1}) {
        if (slot.holdsBlock(gfn, level)) {
          continue;
        }
        checks++;
        long word = slot.lpageInfo().word(gfn, level);
        if (word != 1) {
          throw new RuleViolation(
              Rule.R7,
              "after %s the %s word at the edge 0x%x of %s: expected 1, found 0x%x (%s)"
                  .formatted(
                      after,
                      level.label(),
                      gfn,
                      slot,
                      word,
                      (word & SlotLpageInfo.MIXED) != 0 ? "it is flagged mixed" : "its placement"));
        }
      }
    }
    return checks;
  }
}
