package dev.broadsheet.lab.runner;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSortedMap;
import dev.broadsheet.api.StrategyDescription;
import dev.broadsheet.core.memory.AccessCounts;
import dev.broadsheet.core.memory.Footprint;
import dev.broadsheet.core.memory.LockSummary;
import dev.broadsheet.core.memory.MemoryMeter;
import dev.broadsheet.core.memory.OperationSummary;
import dev.broadsheet.core.memory.Spread;
import dev.broadsheet.core.strategy.ConfiguredStrategy;
import dev.broadsheet.core.tdx.ModuleMemory;
import dev.broadsheet.lab.complexity.CodeSize;
import dev.broadsheet.lab.complexity.DesignCost;
import dev.broadsheet.lab.complexity.StrategyCode;
import dev.broadsheet.lab.cost.CostModel;
import dev.broadsheet.lab.report.ReportModel.Check;
import dev.broadsheet.lab.report.ReportModel.CodeRow;
import dev.broadsheet.lab.report.ReportModel.FootprintRow;
import dev.broadsheet.lab.report.ReportModel.LockRow;
import dev.broadsheet.lab.report.ReportModel.Mosaic;
import dev.broadsheet.lab.report.ReportModel.OperationRow;
import dev.broadsheet.lab.report.ReportModel.SpreadRow;
import dev.broadsheet.lab.report.ReportModel.StrategyResult;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Puts what a run found into the shape of the report. */
final class Results {
  private Results() {}

  static StrategyResult of(
      ConfiguredStrategy strategy,
      boolean bound,
      StrategyRun.@Nullable Outcome outcome,
      @Nullable DesignCost design,
      String failure,
      StrategyRun.@Nullable Outcome reference,
      CostModel costs) {
    StrategyDescription description = strategy.strategy().description();
    ImmutableList<String> aliases =
        description.aliases().stream().sorted().collect(ImmutableList.toImmutableList());
    if (outcome == null || design == null) {
      return new StrategyResult(
          strategy.toString(),
          strategy.strategy().id(),
          description.title(),
          description.sentence(),
          description.source(),
          aliases,
          bound,
          failure.isEmpty() ? "unknown" : failure,
          ImmutableMap.of(),
          ImmutableList.of(),
          ImmutableList.of(),
          ImmutableList.of(),
          ImmutableList.of(),
          ImmutableList.of(),
          ImmutableMap.of(),
          ImmutableMap.of(),
          ImmutableMap.of(),
          ImmutableMap.of(),
          ImmutableList.of(),
          new Check(0, 0, "", 0, false, "not reached"),
          ImmutableMap.of(),
          new Mosaic(ImmutableList.of(), ImmutableList.of()));
    }
    Times times = new Times(outcome, costs);
    return new StrategyResult(
        strategy.toString(),
        strategy.strategy().id(),
        description.title(),
        description.sentence(),
        description.source(),
        aliases,
        bound,
        "",
        Measures.of(outcome, reference, times, design),
        footprint(outcome),
        operations(outcome.memory()),
        locks(outcome.memory()),
        outcome.sizes(),
        times.rows(),
        counters(outcome.books()),
        outcome.seamcalls(),
        ImmutableSortedMap.copyOf(outcome.gauges()),
        outcome.events(),
        code(design.code()),
        outcome.check(),
        outcome.curve(),
        outcome.mosaic());
  }

  private static ImmutableList<CodeRow> code(StrategyCode code) {
    ImmutableList.Builder<CodeRow> rows = ImmutableList.builder();
    code.concerns().forEach((concern, size) -> rows.add(row("concern", concern.title(), size)));
    code.packages().forEach((name, size) -> rows.add(row("package", name, size)));
    return rows.build();
  }

  private static CodeRow row(String by, String part, CodeSize size) {
    return new CodeRow(
        by, part, size.classes(), size.methods(), size.branches(), size.instructions());
  }

  private static ImmutableList<FootprintRow> footprint(StrategyRun.Outcome outcome) {
    ImmutableList.Builder<FootprintRow> rows = ImmutableList.builder();
    for (boolean trackers : new boolean[] {true, false}) {
      for (Footprint footprint : outcome.memory().labels()) {
        if (outcome.memory().trackerLabels().contains(footprint.label()) == trackers) {
          rows.add(
              new FootprintRow(
                  footprint.label(),
                  trackers
                      ? "tracker"
                      : ModuleMemory.holds(footprint.label()) ? "module" : "machine",
                  footprint.bytes(),
                  footprint.peakBytes(),
                  footprint.roundedBytes(),
                  footprint.peakRoundedBytes(),
                  footprint.live(),
                  footprint.allocations()));
        }
      }
    }
    return rows.build();
  }

  private static ImmutableList<OperationRow> operations(StrategyRun.Books books) {
    ImmutableList.Builder<OperationRow> rows = ImmutableList.builder();
    for (OperationSummary operation : books.operations().values()) {
      if (operation.kind().equals(Billing.CHECK) || operation.kind().equals(MemoryMeter.OUTSIDE)) {
        continue;
      }
      rows.add(row(operation, "all", operation.total()));
      for (Map.Entry<String, AccessCounts> group : operation.groups().entrySet()) {
        String account =
            group.getKey().equals(MemoryMeter.OTHER) ? BilledStrategy.MACHINE : group.getKey();
        rows.add(row(operation, account, group.getValue()));
      }
    }
    return rows.build();
  }

  private static OperationRow row(OperationSummary operation, String account, AccessCounts counts) {
    boolean isAll = account.equals("all");
    Spread allocations = isAll ? tally(operation, MemoryMeter.ALLOCATION) : Spread.NONE;
    return new OperationRow(
        operation.kind(),
        account,
        operation.count(),
        counts.loads(),
        counts.stores(),
        counts.lines(),
        spread(counts.referencesPerOperation()),
        spread(counts.linesPerOperation()),
        ImmutableMap.copyOf(counts.linesCounted()),
        ImmutableList.copyOf(counts.misses()),
        allocations.sum(),
        spread(allocations),
        spread(isAll ? tally(operation, Billing.SEAMCALL) : Spread.NONE));
  }

  private static Spread tally(OperationSummary operation, String name) {
    return operation.tallies().getOrDefault(name, Spread.NONE);
  }

  private static SpreadRow spread(Spread spread) {
    return new SpreadRow(spread.sum(), spread.p50(), spread.p99(), spread.max());
  }

  private static ImmutableList<LockRow> locks(StrategyRun.Books books) {
    ImmutableList.Builder<LockRow> rows = ImmutableList.builder();
    for (LockSummary lock : books.locks()) {
      rows.add(
          new LockRow(
              lock.label(),
              lock.acquisitions(),
              spread(lock.referencesPerHold()),
              spread(lock.tallies().getOrDefault(Billing.SEAMCALL, Spread.NONE)),
              spread(lock.tallies().getOrDefault(MemoryMeter.ALLOCATION, Spread.NONE))));
    }
    return rows.build();
  }

  private static ImmutableMap<String, Long> counters(Map<String, Long> books) {
    ImmutableMap.Builder<String, Long> counters = ImmutableMap.builder();
    books.forEach(
        (id, value) -> {
          if (!id.startsWith(StrategyRun.SEAMCALL)) {
            counters.put(id, value);
          }
        });
    return counters.buildOrThrow();
  }
}
