package dev.broadsheet.lab.runner;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.broadsheet.core.memory.AccessCounts;
import dev.broadsheet.core.memory.MemoryMeter;
import dev.broadsheet.core.memory.OperationSummary;
import dev.broadsheet.core.memory.Spread;
import dev.broadsheet.lab.cost.CostModel;
import dev.broadsheet.lab.cost.ModelledTime;
import dev.broadsheet.lab.report.ReportModel.WorkRow;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The counts of a run, sorted by the constant of the cost model that each is multiplied with.
 *
 * <p>Not counted: what the guest does for itself, clearing and copying of its pages, waiting for
 * locks, and TDH.VP.ENTER, which is a part of the exit of each fault and conversion.
 */
final class Times {
  private static final String ENTER = "TDH.VP.ENTER";

  private final StrategyRun.Outcome run;
  private final CostModel costs;
  private final Map<String, Map<String, Long>> byOperation = new LinkedHashMap<>();

  Times(StrategyRun.Outcome run, CostModel costs) {
    this.run = run;
    this.costs = costs;
    for (String kind : Billing.reported().keySet()) {
      byOperation.put(kind, counts(kind));
    }
  }

  private Map<String, Long> counts(String kind) {
    OperationSummary operation = run.memory().operation(kind);
    Map<String, Long> counts = new LinkedHashMap<>();
    costs.keys().forEach(key -> counts.put(key, 0L));
    counts.putAll(references(operation.total()));
    counts.put(CostModel.ATOMIC, tally(operation, MemoryMeter.ATOMIC));
    counts.put(CostModel.LOCK, tally(operation, MemoryMeter.LOCK));
    counts.put(CostModel.ALLOCATION, tally(operation, MemoryMeter.ALLOCATION));
    counts.put(CostModel.PAGE, tally(operation, MemoryMeter.PAGE));
    counts.put(CostModel.KICK, tally(operation, Billing.KICK));
    if (kind.equals(Billing.FAULT) || kind.equals(Billing.CONVERT)) {
      counts.put(CostModel.EXIT, operation.count());
    }
    if (kind.equals(Billing.CONVERT)) {
      counts.put(CostModel.USER, operation.count());
    }
    counts.put(CostModel.FLUSH, run.memory().flushes().getOrDefault(kind, 0L));
    Map<String, Long> calls = run.memory().seamcalls().getOrDefault(kind, ImmutableMap.of());
    calls.forEach(
        (leaf, times) -> {
          if (!leaf.equals(ENTER)) {
            counts.merge(costs.seamcallKey(leaf), times, Long::sum);
          }
        });
    return counts;
  }

  /** Where each reference was found; without a model of caches all are in the first. */
  private static Map<String, Long> references(AccessCounts counts) {
    long missed1 = misses(counts, 0);
    long missed2 = misses(counts, 1);
    long missed3 = misses(counts, 2);
    return Map.of(
        CostModel.L1, counts.loads() + counts.stores() - missed1,
        CostModel.L2, missed1 - missed2,
        CostModel.L3, missed2 - missed3,
        CostModel.MEMORY, missed3);
  }

  private static long misses(AccessCounts counts, int level) {
    return level < counts.misses().size() ? counts.misses().get(level) : 0;
  }

  private static long tally(OperationSummary operation, String name) {
    return operation.tallies().getOrDefault(name, Spread.NONE).sum();
  }

  /** Returns the time of all operations of a kind. */
  ModelledTime of(String kind) {
    return costs.time(byOperation.getOrDefault(kind, Map.of()));
  }

  /** Returns the time of the tracker's references in all operations of a kind. */
  ModelledTime ofTracker(String kind) {
    return costs.time(references(run.memory().operation(kind).group(BilledStrategy.TRACKER)));
  }

  /** Returns the time of everything. */
  ModelledTime total() {
    ModelledTime sum = ModelledTime.ZERO;
    for (String kind : byOperation.keySet()) {
      sum = sum.plus(of(kind));
    }
    return sum;
  }

  /** Returns what was counted, zeroes left out. */
  ImmutableList<WorkRow> rows() {
    ImmutableList.Builder<WorkRow> rows = ImmutableList.builder();
    byOperation.forEach(
        (kind, counts) ->
            counts.forEach(
                (cost, count) -> {
                  if (count > 0) {
                    double nanos = Math.rint(costs.time(cost, count).nanos() * 10) / 10;
                    rows.add(new WorkRow(kind, cost, count, nanos));
                  }
                }));
    return rows.build();
  }
}
