package dev.broadsheet.lab.report;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.broadsheet.lab.report.ReportModel.MarkFacts;
import dev.broadsheet.lab.report.ReportModel.Mosaic;
import dev.broadsheet.lab.report.ReportModel.OperationRow;
import dev.broadsheet.lab.report.ReportModel.StrategyResult;

/**
 * What the page's charts and maps draw: parts of results.json, word for word, so that a page with
 * many inputs stays small. All other numbers of the page stand in its tables.
 *
 * @param inputs in the order of the report
 */
record ChartData(ImmutableList<InputCharts> inputs) {
  /** Charts of one input. */
  record InputCharts(ImmutableList<MarkFacts> marks, ImmutableList<StrategyCharts> strategies) {}

  /**
   * What is drawn of one strategy that ran.
   *
   * @param spec id and options
   * @param bound whether it is a bound
   * @param colour of its lines
   * @param operations distributions
   * @param curve samples over the run
   * @param mosaic pictures of the address space
   */
  record StrategyCharts(
      String spec,
      boolean bound,
      String colour,
      ImmutableList<OperationRow> operations,
      ImmutableMap<String, ImmutableList<Long>> curve,
      Mosaic mosaic) {}

  static ChartData of(Report report) {
    return new ChartData(
        report.inputs().stream()
            .map(input -> of(report, input))
            .collect(ImmutableList.toImmutableList()));
  }

  private static InputCharts of(Report report, ReportModel input) {
    ImmutableList.Builder<StrategyCharts> strategies = ImmutableList.builder();
    for (StrategyResult result : input.ran()) {
      strategies.add(
          new StrategyCharts(
              result.spec(),
              result.bound(),
              ReportPage.colour(report, result.spec()),
              result.operations(),
              result.curve(),
              result.mosaic()));
    }
    return new InputCharts(input.trace().marks(), strategies.build());
  }
}
