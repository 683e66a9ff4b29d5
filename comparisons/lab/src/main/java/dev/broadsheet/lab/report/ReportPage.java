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

/** What the page's template asks: the model, put into words and tables. */
public final class ReportPage {
  /** Colours of the strategies, told apart by people of all kinds of sight. */
  private static final List<String> COLOURS =
      List.of(
          "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b8860b", "#56b4e9", "#7b4fa3", "#8c564b",
          "#4d7c0f", "#e11d48", "#0f766e", "#6b7280");

  private final ReportModel model;
  private final ImmutableList<StrategyResult> ran;

  /** A table with strategies as columns. */
  public record Table(String head, ImmutableList<TableRow> rows) {}

  /** A row of it: a name, its explanation, a cell per strategy. */
  public record TableRow(String name, String hint, ImmutableList<String> cells) {
    /** Returns whether there is nothing to see, so that the row may step back. */
    public boolean isZero() {
      return cells.stream().allMatch(cell -> cell.equals("0"));
    }
  }

  ReportPage(ReportModel model) {
    this.model = model;
    this.ran =
        model.strategies().stream()
            .filter(strategy -> strategy.failure().isEmpty())
            .collect(ImmutableList.toImmutableList());
  }

  /** Returns the model. */
  public ReportModel model() {
    return model;
  }

  /** Returns the strategies that ran to their end. */
  public ImmutableList<StrategyResult> ran() {
    return ran;
  }

  /** Returns those that did not. */
  public List<StrategyResult> failed() {
    return model.strategies().stream().filter(s -> !s.failure().isEmpty()).toList();
  }

  /** Returns the scoreboard. */
  public Scoreboard scoreboard() {
    return Scoreboard.of(model);
  }

  /** Returns the colour of a strategy. */
  public String colour(StrategyResult strategy) {
    return COLOURS.get(model.strategies().indexOf(strategy) % COLOURS.size());
  }

  /** Returns a column's arrow: which way is better. */
  public String better(Metric metric) {
    return switch (metric.direction()) {
      case LOWER -> "↓";
      case HIGHER -> "↑";
      case NEUTRAL -> "";
    };
  }

  /** Returns whether lower is better, for the first click on a column. */
  public boolean isAscending(Metric metric) {
    return metric.direction() != Direction.HIGHER;
  }

  /** Returns every metric, a table per group. */
  public List<Table> groups() {
    List<Table> tables = new ArrayList<>();
    for (MetricGroup group : MetricGroup.values()) {
      ImmutableList.Builder<TableRow> rows = ImmutableList.builder();
      for (Metric metric : model.metrics()) {
        if (metric.group() == group) {
          rows.add(
              new TableRow(
                  metric.label() + " " + better(metric),
                  metric.id() + ": " + metric.sentence(),
                  cells(s -> MetricText.of(metric, s.metric(metric.id())))));
        }
      }
      tables.add(new Table(group.title(), rows.build()));
    }
    return tables;
  }

  /** Returns what became of the events. */
  public Table events() {
    return counts("what became of the events", StrategyResult::events);
  }

  /** Returns the SEAMCALLs by leaf. */
  public Table seamcalls() {
    return counts("leaf", StrategyResult::seamcalls);
  }

  /** Returns the machine's own counters, those that are not zero everywhere. */
  public Table counters() {
    return counts("counter", StrategyResult::counters);
  }

  private Table counts(String head, Function<StrategyResult, Map<String, Long>> of) {
    Set<String> names = new LinkedHashSet<>();
    ran.forEach(strategy -> names.addAll(of.apply(strategy).keySet()));
    ImmutableList.Builder<TableRow> rows = ImmutableList.builder();
    for (String name : names) {
      rows.add(new TableRow(name, "", cells(s -> Units.count(of.apply(s).getOrDefault(name, 0L)))));
    }
    return new Table(head, rows.build());
  }

  private ImmutableList<String> cells(Function<StrategyResult, String> cell) {
    return ran.stream().map(cell).collect(ImmutableList.toImmutableList());
  }

  /** Returns a size for people. */
  public String bytes(long bytes) {
    return Units.bytes(bytes);
  }

  /** Returns a count for people. */
  public String count(long count) {
    return Units.count(count);
  }

  /** Returns the style sheet. */
  public String css() {
    return HtmlReport.resource("page.css");
  }

  /** Returns the page's own script. */
  public String script() {
    return HtmlReport.resource("page.js");
  }

  /** Returns the chart library, with its licence in its first lines. */
  public String charts() {
    return HtmlReport.resource("d3.min.js") + "\n" + HtmlReport.resource("plot.umd.min.js");
  }

  /** Returns results.json on one line, safe inside a script element. */
  public String json() {
    return JsonReport.compact(model);
  }
}
