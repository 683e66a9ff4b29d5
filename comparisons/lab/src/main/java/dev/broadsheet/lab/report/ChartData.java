package dev.broadsheet.lab.report;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.broadsheet.lab.report.ReportModel.MarkFacts;
import dev.broadsheet.lab.report.ReportModel.Mosaic;
import dev.broadsheet.lab.report.ReportModel.OperationRow;
import dev.broadsheet.lab.report.ReportModel.SizeRow;
import dev.broadsheet.lab.report.ReportModel.StrategyResult;
import java.util.LinkedHashMap;
import java.util.Map;

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
   * @param operations the distributions that are drawn
   * @param conversionSizes what MapGPA calls cost by their size
   * @param nanos modelled time by kind of operation, the sum of its rows of work
   * @param curve samples over the run
   * @param mosaic pictures of the address space
   */
  record StrategyCharts(
      String spec,
      boolean bound,
      String colour,
      ImmutableList<OperationRow> operations,
      ImmutableList<SizeRow> conversionSizes,
      ImmutableMap<String, Double> nanos,
      ImmutableMap<String, ImmutableList<Long>> curve,
      Mosaic mosaic) {}

  /** So many runs have curves with every sample; with more, samples are left out. */
  private static final int RUNS_IN_FULL = 40;

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
              result.operations().stream()
                  .filter(ChartData::isDrawn)
                  .collect(ImmutableList.toImmutableList()),
              result.conversionSizes(),
              nanos(result),
              thinned(result.curve(), 1 + ReportPage.runs(report) / RUNS_IN_FULL),
              result.mosaic()));
    }
    return new InputCharts(input.trace().marks(), strategies.build());
  }

  private static ImmutableMap<String, Double> nanos(StrategyResult result) {
    Map<String, Double> sums = new LinkedHashMap<>();
    result.work().forEach(row -> sums.merge(row.operation(), row.nanos(), Double::sum));
    return ImmutableMap.copyOf(sums);
  }

  private static boolean isDrawn(OperationRow row) {
    return (row.operation().equals("fault") && row.account().equals("all"))
        || (row.operation().equals("convert") && row.account().equals("tracker"));
  }

  /** Every {@code step}-th sample, and the last. */
  private static ImmutableMap<String, ImmutableList<Long>> thinned(
      ImmutableMap<String, ImmutableList<Long>> curve, int step) {
    ImmutableMap.Builder<String, ImmutableList<Long>> columns = ImmutableMap.builder();
    curve.forEach(
        (name, samples) -> {
          ImmutableList.Builder<Long> kept = ImmutableList.builder();
          for (int i = 0; i < samples.size(); i++) {
            if (i % step == 0 || i == samples.size() - 1) {
              kept.add(samples.get(i));
            }
          }
          columns.put(name, kept.build());
        });
    return columns.buildOrThrow();
  }
}
