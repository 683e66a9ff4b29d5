package dev.broadsheet.conformance;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.StrategyTrait;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;

/** R6: a conversion and its partitions end alike. */
final class PartitionRules extends CaseRules {
  @Override
  public List<Rule> rules() {
    return List.of(Rule.R6);
  }

  @Override
  long check(Rule rule, Subject subject, OperationCase operations) {
    TestMachine whole = new TestMachine(subject, operations.initialAttributes());
    TestMachine parts = new TestMachine(subject, operations.initialAttributes());
    boolean levelsToo =
        !subject.has(StrategyTrait.POLICY_ONE_WAY) && !subject.has(StrategyTrait.POLICY_LAZY);
    long limit = operations.limit() + 1;
    long checks = 0;
    for (Operation operation : operations.operations()) {
      whole.apply(operation);
      for (Operation part : partition(operation)) {
        parts.apply(part);
      }
      checks += compare(whole, parts, limit, levelsToo, operation);
    }
    return checks;
  }

  private static List<Operation> partition(Operation operation) {
    GfnRange range = operation.converted();
    if (range == null || operation instanceof Operation.Cancel) {
      return List.of(operation);
    }
    Random random = new Random(range.hashCode());
    TreeSet<Long> cuts = new TreeSet<>(List.of(range.start(), range.end()));
    for (int i = 1 + random.nextInt(4); i > 0 && range.pages() > 1; i--) {
      long cut = range.start() + 1 + random.nextLong(range.pages() - 1);
      cuts.add(cut);
      long rounded = PageLevel.PG_LEVEL_2M.roundDown(cut);
      if (rounded > range.start()) {
        cuts.add(rounded);
      }
    }
    List<Operation> parts = new ArrayList<>();
    long start = range.start();
    for (long cut : cuts.tailSet(start, false)) {
      parts.add(operation.over(new GfnRange(start, cut)));
      start = cut;
    }
    Collections.shuffle(parts, random);
    return parts;
  }

  private static long compare(
      TestMachine whole, TestMachine parts, long limit, boolean levelsToo, Operation after) {
    List<Long> gfns = Probes.gfns(whole, limit, limit);
    for (long gfn : gfns) {
      int one = whole.attributes(gfn);
      int many = parts.attributes(gfn);
      if (one != many) {
        throw new RuleViolation(
            Rule.R6,
            "attributes(0x%x): expected %x as after %s at once, found %x after %s"
                .formatted(gfn, one, after, many, partition(after)));
      }
    }
    for (Memslot slot : levelsToo ? Probes.slots(whole.slots()) : List.<Memslot>of()) {
      for (long block : Probes.blocks(slot, PageLevel.PG_LEVEL_2M)) {
        long gfn = Math.max(block, slot.range().start());
        PageLevel one = whole.effectiveLevel(gfn);
        PageLevel many = parts.effectiveLevel(gfn);
        if (one != many) {
          throw new RuleViolation(
              Rule.R6,
              "level of 0x%x: expected %s as after %s at once, found %s after %s"
                  .formatted(gfn, one.label(), after, many.label(), partition(after)));
        }
      }
    }
    return gfns.size();
  }
}
