package dev.broadsheet.lab.report;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.lab.metrics.Direction;
import dev.broadsheet.lab.metrics.Metric;
import dev.broadsheet.lab.metrics.MetricGroup;
import dev.broadsheet.lab.report.ReportModel.StrategyResult;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What the template of one input asks: its model, put into words and tables. */
public final class InputPage {
  private final Report report;
  private final ReportModel model;
  private final int index;

  /**
   * A table with strategies as columns.
   *
   * @param head of the first column
   * @param path where its numbers stand in a strategy's part of results.json
   * @param rows from top to bottom
   */
  public record Table(String head, String path, ImmutableList<TableRow> rows) {}

  /** A row of it: a name, its explanation, the key in results.json, a cell per strategy. */
  public record TableRow(String name, String hint, String key, ImmutableList<TableCell> cells) {
    /** Returns whether there is nothing to see, so that the row may step back. */
    public boolean isZero() {
      return cells.stream().allMatch(cell -> cell.text().equals("0"));
    }
  }

  /** A number for people, and as it is. */
  public record TableCell(String text, String exact) {}

  InputPage(Report report, int index) {
    this.report = report;
    this.model = report.inputs().get(index);
    this.index = index;
  }

  /** Returns the model. */
  public ReportModel model() {
    return model;
  }

  /** Returns the place of this input in the report, from 0. */
  public int index() {
    return index;
  }

  /** Returns the id of a part of this input's page; ids are unique on the page. */
  public String id(String part) {
    return index == 0 ? part : part + "-" + index;
  }

  /** Returns the strategies that ran to their end. */
  public ImmutableList<StrategyResult> ran() {
    return model.ran();
  }

  /** Returns those that did not. */
  public List<StrategyResult> failed() {
    return model.strategies().stream().filter(s -> !s.failure().isEmpty()).toList();
  }

  /** Returns the id of the part about a strategy. */
  public String anchor(StrategyResult strategy) {
    return id("s") + "-" + place(strategy);
  }

  /** Returns the place of a strategy in the list of all of them. */
  public int place(StrategyResult strategy) {
    return model.strategies().indexOf(strategy);
  }

  /** Returns the scoreboard. */
  public Scoreboard scoreboard() {
    return Scoreboard.of(model);
  }

  /** Returns the colour of a strategy. */
  public String colour(String spec) {
    return ReportPage.colour(report, spec);
  }

  /** Returns a column's arrow: which way is better. */
  public static String better(Metric metric) {
    return switch (metric.direction()) {
      case LOWER -> "↓";
      case HIGHER -> "↑";
      case NEUTRAL -> "";
    };
  }

  /** Returns how the first click on a column sorts it: the best on top. */
  public static String firstOrder(Metric metric) {
    return metric.direction() == Direction.HIGHER ? "descending" : "ascending";
  }

  /** Returns every metric, a table per group. */
  public List<Table> groups() {
    List<Table> tables = new ArrayList<>();
    for (MetricGroup group : MetricGroup.values()) {
      ImmutableList.Builder<TableRow> rows = ImmutableList.builder();
      for (Metric metric : report.metrics()) {
        if (metric.group() == group) {
          rows.add(
              new TableRow(
                  metric.label() + " " + better(metric),
                  metric.id() + ": " + metric.sentence(),
                  metric.id(),
                  cells(
                      s ->
                          new TableCell(
                              MetricText.of(metric, s.metric(metric.id())),
                              MetricText.exact(s.metric(metric.id()))))));
        }
      }
      tables.add(new Table(group.title(), "metrics", shown(rows.build())));
    }
    return tables;
  }

  /** Returns what became of the events. */
  public Table events() {
    return counts("what became of the events", "events", StrategyResult::events);
  }

  /** Returns the SEAMCALLs by leaf. */
  public Table seamcalls() {
    return counts("leaf", "seamcalls", StrategyResult::seamcalls);
  }

  /** Returns the machine's own counters. */
  public Table counters() {
    return counts("counter", "counters", StrategyResult::counters);
  }

  private Table counts(String head, String path, Function<StrategyResult, Map<String, Long>> of) {
    Set<String> names = new LinkedHashSet<>();
    ran().forEach(strategy -> names.addAll(of.apply(strategy).keySet()));
    ImmutableList.Builder<TableRow> rows = ImmutableList.builder();
    for (String name : names) {
      rows.add(new TableRow(name, "", name, cells(s -> count(of.apply(s).get(name)))));
    }
    return new Table(head, path, shown(rows.build()));
  }

  private ImmutableList<TableRow> shown(ImmutableList<TableRow> rows) {
    return rows.stream()
        .filter(row -> ReportPage.isWhole(report) || !row.isZero())
        .collect(ImmutableList.toImmutableList());
  }

  /** A strategy that has no such counter has nothing to show: no number stands in results.json. */
  private static TableCell count(@Nullable Long count) {
    return count == null
        ? new TableCell("0", "")
        : new TableCell(Units.count(count), Long.toString(count));
  }

  private ImmutableList<TableCell> cells(Function<StrategyResult, TableCell> cell) {
    return ran().stream().map(cell).collect(ImmutableList.toImmutableList());
  }

  /** Returns a size for people. */
  public String bytes(long bytes) {
    return Units.bytes(bytes);
  }

  /** Returns nanoseconds for people. */
  public String nanos(double nanos) {
    return Units.decimal(nanos, 1);
  }

  /** Returns a count for people. */
  public String count(long count) {
    return Units.count(count);
  }
}
