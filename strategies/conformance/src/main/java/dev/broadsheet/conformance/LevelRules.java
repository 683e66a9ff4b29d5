package dev.broadsheet.conformance;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.StrategyTrait;
import java.util.List;

/** R3, no wrong large page; R4, no large page missed. */
final class LevelRules extends CaseRules {
  private static final PageLevel[] LARGE = {PageLevel.PG_LEVEL_2M, PageLevel.PG_LEVEL_1G};

  @Override
  public List<Rule> rules() {
    return List.of(Rule.R3, Rule.R4);
  }

  @Override
  public RuleVerdict judge(Rule rule, Subject subject, Settings settings) {
    if (rule == Rule.R4 && isExcused(subject)) {
      return countMisses(subject, settings);
    }
    return super.judge(rule, subject, settings);
  }

  @Override
  long check(Rule rule, Subject subject, OperationCase operations) {
    TestMachine machine = new TestMachine(subject, operations.initialAttributes());
    long checks = 0;
    for (Operation operation : operations.operations()) {
      machine.apply(operation);
      for (Memslot slot : Probes.slots(machine.slots())) {
        for (PageLevel level : LARGE) {
          for (long block : Probes.blocks(slot, level)) {
            checkBlock(rule, machine, slot, level, block, operation);
            checks++;
          }
        }
      }
    }
    return checks;
  }

  private static void checkBlock(
      Rule rule, TestMachine machine, Memslot slot, PageLevel level, long block, Operation after) {
    boolean mayBeLarge = mayBeLarge(machine.truth(), slot, level, block);
    long first = Math.max(block, slot.range().start());
    long last = Math.min(block + level.pages(), slot.range().end()) - 1;
    for (long gfn : new long[] {first, last, (first + last) >>> 1}) {
      PageLevel found = machine.effectiveLevel(gfn);
      boolean large = found.number() >= level.number();
      if (large == mayBeLarge) {
        continue;
      }
      if (large && rule == Rule.R3 && !isSafe(machine.truth(), slot, level, block)) {
        throw new RuleViolation(
            Rule.R3,
            "after %s the effective level of 0x%x: expected below %s, for its block is %s; found %s"
                .formatted(
                    after, gfn, level.label(), fault(machine, slot, level, block), found.label()));
      }
      if (!large && rule == Rule.R4) {
        throw new RuleViolation(
            Rule.R4,
            "after %s the effective level of 0x%x: expected %s, for its block is uniform; found %s"
                .formatted(after, gfn, level.label(), found.label()));
      }
    }
  }

  private static String fault(TestMachine machine, Memslot slot, PageLevel level, long block) {
    return slot.holdsBlock(block, level)
        ? "mixed from 0x%x on".formatted(machine.truth().runEnd(block, block + level.pages()))
        : "not wholly inside memslot " + slot.id();
  }

  /** Returns whether a mapping of the block is allowed by R3. */
  private static boolean isSafe(Truth truth, Memslot slot, PageLevel level, long block) {
    return slot.holdsBlock(block, level)
        && truth.isUniform(new GfnRange(block, block + level.pages()));
  }

  /** Returns whether a mapping of the block is wanted by R4: safe, and congruent as well. */
  static boolean mayBeLarge(Truth truth, Memslot slot, PageLevel level, long block) {
    return isSafe(truth, slot, level, block)
        && level.isAligned(slot.range().start() ^ slot.userGfn());
  }

  /** Returns whether a declared policy permits misses. */
  static boolean isExcused(Subject subject) {
    return subject.has(StrategyTrait.POLICY_ONE_WAY)
        || subject.has(StrategyTrait.POLICY_SMALL_ONLY)
        || subject.has(StrategyTrait.POLICY_LAZY);
  }

  /** A policy excuses misses; they are counted all the same. */
  private static RuleVerdict countMisses(Subject subject, Settings settings) {
    long blocks = 0;
    long misses = 0;
    for (int i = 0; i < settings.cases(); i++) {
      OperationCase operations =
          CaseGenerator.generate(seed(settings, i), subject, settings.operations(), true);
      TestMachine machine = new TestMachine(subject, operations.initialAttributes());
      try {
        machine.run(operations);
      } catch (TrackerFailure | RuleViolation e) {
        continue; // another rule's finding
      }
      for (Memslot slot : Probes.slots(machine.slots())) {
        for (PageLevel level : LARGE) {
          for (long block : Probes.blocks(slot, level)) {
            if (mayBeLarge(machine.truth(), slot, level, block)) {
              blocks++;
              if (machine.effectiveLevel(block).number() < level.number()) {
                misses++;
              }
            }
          }
        }
      }
    }
    return new RuleVerdict(
        Rule.R4,
        RuleVerdict.Result.PASS,
        blocks,
        misses,
        "excused by a declared policy: %d of %d uniform blocks missed".formatted(misses, blocks),
        "");
  }
}
