package dev.broadsheet.lab.report;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.lab.metrics.Direction;
import dev.broadsheet.lab.metrics.Metric;
import dev.broadsheet.lab.metrics.MetricCatalog;
import dev.broadsheet.lab.report.ReportModel.Answer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * An answer of the first screen with the whole field below it: every strategy's figure, the best on
 * top, bounds at the end.
 *
 * @param answer which strategy to choose
 * @param metric that decides
 * @param bars one per strategy
 */
public record AnswerCard(Answer answer, Metric metric, ImmutableList<Bar> bars) {
  /**
   * A strategy's figure.
   *
   * @param index of the strategy in the list of means
   * @param spec id and options
   * @param bound whether it is a bound
   * @param best whether it is among the winners
   * @param text the value for people
   * @param exact the value
   * @param percent length of the bar, the longest candidate's being 100; bounds may be cut
   * @param beyond whether the bar is cut
   */
  public record Bar(
      int index,
      String spec,
      boolean bound,
      boolean best,
      String text,
      String exact,
      String percent,
      boolean beyond) {}

  static ImmutableList<AnswerCard> of(Report report) {
    return report.answers().stream()
        .map(answer -> of(report, answer))
        .collect(ImmutableList.toImmutableList());
  }

  private static AnswerCard of(Report report, Answer answer) {
    Metric metric = MetricCatalog.find(answer.metric());
    double longest =
        report.means().stream()
            .filter(mean -> !mean.bound())
            .mapToDouble(mean -> value(mean, metric))
            .max()
            .orElse(0);
    double sign = metric.direction() == Direction.HIGHER ? -1 : 1;
    List<Report.Mean> order = new ArrayList<>(report.means());
    order.sort(
        Comparator.comparing(Report.Mean::bound)
            .thenComparingDouble(mean -> sign * value(mean, metric)));
    ImmutableList.Builder<Bar> bars = ImmutableList.builder();
    for (Report.Mean mean : order) {
      double share = longest > 0 ? Math.max(0, value(mean, metric) / longest) : 0;
      Number value = mean.metrics().get(metric.id());
      if (value == null) {
        throw new IllegalArgumentException("no mean of " + metric.id());
      }
      bars.add(
          new Bar(
              report.means().indexOf(mean),
              mean.spec(),
              mean.bound(),
              answer.winners().contains(mean.spec()),
              MetricText.of(metric, value),
              MetricText.exact(value),
              Units.decimal(100 * Math.min(1, share), 1),
              share > 1));
    }
    return new AnswerCard(answer, metric, bars.build());
  }

  private static double value(Report.Mean mean, Metric metric) {
    Number value = mean.metrics().get(metric.id());
    return value == null ? 0 : value.doubleValue();
  }
}
