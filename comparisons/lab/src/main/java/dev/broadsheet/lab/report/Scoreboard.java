package dev.broadsheet.lab.report;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.lab.metrics.Direction;
import dev.broadsheet.lab.metrics.Metric;
import dev.broadsheet.lab.metrics.MetricCatalog;
import dev.broadsheet.lab.report.ReportModel.StrategyResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The table that sets all strategies side by side: one row each, the first bound above all
 * candidates and the other bounds below them, the best candidate of each column marked.
 *
 * @param columns the metrics shown
 * @param rows one per strategy that ran
 */
public record Scoreboard(ImmutableList<Metric> columns, ImmutableList<Row> rows) {
  /** Ids of the columns of the first page. */
  public static final List<String> COLUMNS =
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

  /**
   * A strategy's row.
   *
   * @param index of the strategy in the list that the board is made of
   * @param spec id and options
   * @param bound whether it is a bound and not a candidate
   * @param cells one per column
   */
  public record Row(int index, String spec, boolean bound, ImmutableList<Cell> cells) {}

  /**
   * A value.
   *
   * @param metric of the column
   * @param value as results.json has it
   * @param best whether no candidate is better and one is worse
   */
  public record Cell(Metric metric, Number value, boolean best) {
    /** Returns the value for people. */
    public String text() {
      return MetricText.of(metric, value);
    }

    /** Returns the value for sorting and for scripts. */
    public String exact() {
      return MetricText.exact(value);
    }
  }

  /** A strategy and its figures, before they are compared. */
  private record Entry(int index, String spec, boolean bound, Map<String, Number> metrics) {
    double value(Metric metric) {
      return value(metric.id()).doubleValue();
    }

    Number value(String id) {
      return Objects.requireNonNull(metrics.get(id), id);
    }
  }

  /** Returns the scoreboard of one input. */
  public static Scoreboard of(ReportModel model) {
    return of(entries(model), COLUMNS);
  }

  /** Returns the one that a terminal has room for. */
  public static Scoreboard forTerminal(ReportModel model) {
    return of(entries(model), TERMINAL_COLUMNS);
  }

  /** Returns the scoreboard of the means over all inputs. */
  public static Scoreboard ofMeans(Report report) {
    return of(entries(report), COLUMNS);
  }

  /** Returns the one of the means that a terminal has room for. */
  public static Scoreboard ofMeansForTerminal(Report report) {
    return of(entries(report), TERMINAL_COLUMNS);
  }

  private static List<Entry> entries(ReportModel model) {
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < model.strategies().size(); i++) {
      StrategyResult result = model.strategies().get(i);
      if (result.failure().isEmpty()) {
        entries.add(new Entry(i, result.spec(), result.bound(), result.metrics()));
      }
    }
    return boundsApart(entries);
  }

  private static List<Entry> entries(Report report) {
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < report.means().size(); i++) {
      Report.Mean mean = report.means().get(i);
      entries.add(new Entry(i, mean.spec(), mean.bound(), mean.metrics()));
    }
    return boundsApart(entries);
  }

  private static List<Entry> boundsApart(List<Entry> entries) {
    List<Entry> bounds = entries.stream().filter(Entry::bound).toList();
    List<Entry> apart = new ArrayList<>(entries);
    apart.removeAll(bounds);
    apart.addAll(bounds);
    if (!bounds.isEmpty()) {
      apart.remove(bounds.get(0));
      apart.add(0, bounds.get(0));
    }
    return apart;
  }

  private static Scoreboard of(List<Entry> entries, List<String> ids) {
    List<Metric> columns = ids.stream().map(MetricCatalog::find).toList();
    List<Row> rows = new ArrayList<>();
    for (Entry entry : entries) {
      List<Cell> cells = new ArrayList<>();
      for (Metric metric : columns) {
        cells.add(
            new Cell(
                metric,
                entry.value(metric.id()),
                !entry.bound() && isBest(metric, entry.value(metric), entries)));
      }
      rows.add(new Row(entry.index(), entry.spec(), entry.bound(), ImmutableList.copyOf(cells)));
    }
    return new Scoreboard(ImmutableList.copyOf(columns), ImmutableList.copyOf(rows));
  }

  private static boolean isBest(Metric metric, double value, List<Entry> entries) {
    if (metric.direction() == Direction.NEUTRAL) {
      return false;
    }
    double sign = metric.direction() == Direction.HIGHER ? 1 : -1;
    double[] candidates =
        entries.stream()
            .filter(entry -> !entry.bound())
            .mapToDouble(entry -> sign * entry.value(metric))
            .sorted()
            .toArray();
    return candidates.length > 0
        && sign * value >= candidates[candidates.length - 1]
        && candidates[0] < candidates[candidates.length - 1];
  }
}
