package dev.broadsheet.lab.report;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import dev.broadsheet.lab.report.Report.Evidence;
import dev.broadsheet.lab.report.ReportModel.StrategyResult;
import java.util.List;
import java.util.stream.Collectors;

/** What the page's template asks about the whole report. */
public final class ReportPage {
  /** Colours of the strategies, told apart by people of all kinds of sight. */
  private static final List<String> COLOURS =
      List.of(
          "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b8860b", "#56b4e9", "#7b4fa3", "#8c564b",
          "#4d7c0f", "#e11d48", "#0f766e", "#6b7280", "#c026d3", "#1d4ed8", "#a16207", "#64748b");

  /** The parts of the style sheet and of the script, in the order in which they stand. */
  private static final List<String> STYLES =
      List.of("page.css", "tables.css", "claims.css", "charts.css", "print.css");

  private static final List<String> SCRIPTS =
      List.of("page.js", "tables.js", "charts.js", "mosaic.js", "start.js");

  /** Of 45 KB each. */
  private static final int RUNS_ON_A_WHOLE_PAGE = 80;

  private final Report report;
  private final ImmutableList<InputPage> inputs;

  ReportPage(Report report) {
    this.report = report;
    ImmutableList.Builder<InputPage> pages = ImmutableList.builder();
    for (int i = 0; i < report.inputs().size(); i++) {
      pages.add(new InputPage(report, i));
    }
    this.inputs = pages.build();
  }

  /** Returns the report. */
  public Report report() {
    return report;
  }

  /** Returns a page for each input. */
  public ImmutableList<InputPage> inputs() {
    return inputs;
  }

  /** Returns whether inputs stand side by side. */
  public boolean isSeveral() {
    return inputs.size() > 1;
  }

  /** Returns the title of the page: the names of the first inputs. */
  public String title() {
    String names =
        report.inputs().stream()
            .limit(3)
            .map(input -> input.trace().name())
            .collect(Collectors.joining(", "));
    return report.inputs().size() > 3 ? names + ", ..." : names;
  }

  /** Returns the headline word by word: a strategy's name is not broken at its hyphens. */
  public List<String> headline() {
    return Splitter.on(' ').splitToList(report.verdict().get(0));
  }

  /** Returns the number of events of all inputs. */
  public long events() {
    return report.inputs().stream().mapToLong(input -> input.trace().events()).sum();
  }

  /** Returns the number of strategies. */
  public int strategies() {
    return report.inputs().get(0).strategies().size();
  }

  /** Returns how many runs there are: inputs times strategies. */
  static int runs(Report report) {
    return report.inputs().stream().mapToInt(input -> input.strategies().size()).sum();
  }

  /**
   * Returns whether there is room for everything: a page stays below 5 MB. With more runs, rows of
   * zeroes and the tables of single strategies stand in results.json alone.
   */
  public boolean isWhole() {
    return isWhole(report);
  }

  static boolean isWhole(Report report) {
    return runs(report) <= RUNS_ON_A_WHOLE_PAGE;
  }

  /** Returns the id of the part where a comparison's metric stands. */
  public String anchorOfMetrics(Evidence evidence) {
    return input(evidence).id("metrics");
  }

  /** Returns the id of the part about a comparison's strategy. */
  public String anchorOfStrategy(Evidence evidence) {
    InputPage input = input(evidence);
    for (StrategyResult strategy : input.ran()) {
      if (strategy.spec().equals(evidence.strategy())) {
        return input.anchor(strategy);
      }
    }
    return input.id("details");
  }

  private InputPage input(Evidence evidence) {
    return inputs.stream()
        .filter(input -> input.model().trace().name().equals(evidence.input()))
        .findFirst()
        .orElse(inputs.get(0));
  }

  /** Returns the answers with the whole field below each. */
  public ImmutableList<AnswerCard> cards() {
    return AnswerCard.of(report);
  }

  /** Returns the scoreboard of the means over all inputs. */
  public Scoreboard means() {
    return Scoreboard.ofMeans(report);
  }

  /** Returns the tables that set inputs side by side. */
  public ImmutableList<Matrix> matrices() {
    return Matrix.of(report);
  }

  /** Returns the colour of the strategy with this key. */
  public String colour(String spec) {
    return colour(report, spec);
  }

  static String colour(Report report, String spec) {
    List<ReportModel.StrategyResult> all = report.inputs().get(0).strategies();
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i).spec().equals(spec)) {
        return COLOURS.get(i % COLOURS.size());
      }
    }
    return COLOURS.get(COLOURS.size() - 1);
  }

  /** Returns a count for people. */
  public String count(long count) {
    return Units.count(count);
  }

  /** Returns the style sheet. */
  public String css() {
    return joined(STYLES);
  }

  /** Returns the page's own script. */
  public String script() {
    return "\"use strict\";\n(() => {\n" + joined(SCRIPTS) + "})();";
  }

  private static String joined(List<String> names) {
    return names.stream().map(HtmlReport::resource).collect(Collectors.joining("\n"));
  }

  /** Returns the chart library, with its licence in its first lines. */
  public String charts() {
    return HtmlReport.resource("d3.min.js") + "\n" + HtmlReport.resource("plot.umd.min.js");
  }

  /** Returns what the charts draw on one line, safe inside a script element. */
  public String chartData() {
    return JsonReport.compact(ChartData.of(report));
  }
}
