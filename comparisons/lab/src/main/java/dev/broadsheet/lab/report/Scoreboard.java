package dev.broadsheet.lab.report;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.lab.metrics.Direction;
import dev.broadsheet.lab.metrics.Metric;
import dev.broadsheet.lab.metrics.MetricCatalog;
import dev.broadsheet.lab.report.ReportModel.StrategyResult;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/**
 * The table that sets all strategies side by side: one row each, bounds last, the best candidate of
 * each column marked.
 *
 * @param columns the metrics shown
 * @param rows one per strategy that ran
 */
public record Scoreboard(ImmutableList<Metric> columns, ImmutableList<Row> rows) {
  private static final List<String> COLUMNS =
      List.of(
          "memory.tracker.steady",
          "memory.tracker.peak",
          "memory.design.steady",
          "fault.lines.mean",
          "fault.tracker.lines.mean",
          "conversion.references.mean",
          "conversion.lines.mean",
          "large.allowed.share",
          "large.bytes.share",
          "memory.machine.steady",
          "fault.count",
          "tdx.seamcalls");

  /** The shorter list of the terminal. */
  private static final List<String> TERMINAL_COLUMNS =
      List.of(
          "memory.tracker.steady",
          "fault.lines.mean",
          "conversion.references.mean",
          "large.allowed.share",
          "memory.design.steady",
          "tdx.seamcalls");

  /** A strategy's row. */
  public record Row(StrategyResult strategy, ImmutableList<Cell> cells) {}

  /**
   * A value.
   *
   * @param text for people
   * @param exact for sorting and for scripts
   * @param best whether no candidate is better and one is worse
   */
  public record Cell(String text, String exact, boolean best) {}

  /** Returns the scoreboard of a report's first page. */
  public static Scoreboard of(ReportModel model) {
    return of(model, COLUMNS);
  }

  /** Returns the one that a terminal has room for. */
  public static Scoreboard forTerminal(ReportModel model) {
    return of(model, TERMINAL_COLUMNS);
  }

  private static Scoreboard of(ReportModel model, List<String> ids) {
    List<Metric> columns = ids.stream().map(MetricCatalog::find).toList();
    List<StrategyResult> ran =
        model.strategies().stream().filter(strategy -> strategy.failure().isEmpty()).toList();
    List<Row> rows = new ArrayList<>();
    for (StrategyResult strategy : ran) {
      List<Cell> cells = new ArrayList<>();
      for (Metric metric : columns) {
        Number value = strategy.metric(metric.id());
        cells.add(
            new Cell(
                MetricText.of(metric, value),
                MetricText.exact(value),
                !strategy.bound() && isBest(metric, value.doubleValue(), ran)));
      }
      rows.add(new Row(strategy, ImmutableList.copyOf(cells)));
    }
    return new Scoreboard(ImmutableList.copyOf(columns), ImmutableList.copyOf(rows));
  }

  private static boolean isBest(Metric metric, double value, List<StrategyResult> ran) {
    if (metric.direction() == Direction.NEUTRAL) {
      return false;
    }
    double sign = metric.direction() == Direction.HIGHER ? 1 : -1;
    double[] candidates =
        ran.stream()
            .filter(strategy -> !strategy.bound())
            .mapToDouble(strategy -> sign * strategy.metric(metric.id()).doubleValue())
            .sorted()
            .toArray();
    OptionalDouble best = Arrays.stream(candidates).max();
    return best.isPresent()
        && sign * value >= best.getAsDouble()
        && candidates[0] < best.getAsDouble();
  }
}
