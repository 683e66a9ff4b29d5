package dev.broadsheet.lab.runner;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.lab.metrics.Direction;
import dev.broadsheet.lab.metrics.Metric;
import dev.broadsheet.lab.metrics.MetricCatalog;
import dev.broadsheet.lab.report.ReportModel.Answer;
import dev.broadsheet.lab.report.ReportModel.StrategyResult;
import dev.broadsheet.lab.report.Units;
import dev.broadsheet.lab.trace.EventKind;
import dev.broadsheet.lab.trace.TraceScan;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Which one, for what, at what price: the results in plain sentences. */
final class Verdict {
  private static final String MEMORY = "memory.design.steady";
  private static final String FAULT = "fault.tracker.lines.mean";
  private static final String CONVERSION = "conversion.references.mean";
  private static final String LARGE = "large.allowed.share";

  private final TraceScan scan;
  private final List<StrategyResult> results;
  private final List<StrategyResult> candidates;
  private final boolean passed;

  Verdict(TraceScan scan, List<StrategyResult> results, boolean passed) {
    this.scan = scan;
    this.results = results;
    this.passed = passed;
    List<StrategyResult> ran =
        results.stream().filter(result -> result.failure().isEmpty()).toList();
    List<StrategyResult> unbound = ran.stream().filter(result -> !result.bound()).toList();
    this.candidates = unbound.isEmpty() ? ran : unbound;
  }

  ImmutableList<String> sentences() {
    ImmutableList.Builder<String> sentences = ImmutableList.builder();
    sentences.add(headline());
    long answers = results.stream().mapToLong(result -> result.check().comparisons()).sum();
    sentences.add(
        passed
            ? "All %s runs agree with the oracle in %s answers, and every machine passed its audit."
                .formatted(results.size(), Units.count(answers))
            : failure());
    if (!candidates.isEmpty()) {
      sentences.add(largePages());
      sentences.add(
          spread(
              MEMORY, "The memory of the design at the end, page tables that it adds included,"));
      sentences.add(spread(FAULT, "What a fault pays for tracking"));
      sentences.add(spread(CONVERSION, "The tracker's share of one conversion"));
    }
    sentences.add(
        "The trace: %s first accesses, %s accepts, %s conversions; %s of %s touched 2M regions were"
                .formatted(
                    Units.count(scan.count(EventKind.FIRST)),
                    Units.count(scan.count(EventKind.ACCEPT)),
                    Units.count(scan.count(EventKind.CONVERT)),
                    Units.count(scan.conversions().everMixedRegions()),
                    Units.count(scan.touchedRegions()))
            + " ever mixed, %s at the end."
                .formatted(Units.count(scan.conversions().mixedAtEnd())));
    return sentences.build();
  }

  private String headline() {
    if (!passed) {
      return "Something is wrong: do not use these numbers";
    }
    if (candidates.size() < 2) {
      return candidates.isEmpty()
          ? "Nothing ran"
          : candidates.get(0).spec() + " answers every question right";
    }
    StrategyResult smallest = best(MEMORY);
    StrategyResult lightest = best(FAULT);
    return smallest.spec().equals(lightest.spec())
        ? "%s is the smallest and adds least to a fault".formatted(smallest.spec())
        : "%s is the smallest; %s adds least to a fault"
            .formatted(smallest.spec(), lightest.spec());
  }

  private String failure() {
    for (StrategyResult result : results) {
      if (!result.failure().isEmpty()) {
        return "%s did not finish: %s".formatted(result.spec(), result.failure());
      }
      if (result.check().differences() > 0) {
        return "%s gave %s wrong answers; the first: %s."
            .formatted(
                result.spec(),
                Units.count(result.check().differences()),
                result.check().firstDifference());
      }
      if (!result.check().audit().equals("passed")) {
        return "%s failed its audit: %s".formatted(result.spec(), result.check().audit());
      }
    }
    return "";
  }

  private String largePages() {
    double least = value(worst(LARGE), LARGE);
    double most = value(best(LARGE), LARGE);
    long misses = candidates.stream().mapToLong(result -> result.check().misses()).max().orElse(0);
    if (least == most) {
      return "Large pages do not decide here: every candidate keeps %s %% of the 2M regions whole%s."
          .formatted(
              Units.decimal(most, 2), misses == 0 ? ", as many as the attributes allow" : "");
    }
    return "%s keeps %s %% of the 2M regions whole, %s only %s %%."
        .formatted(
            best(LARGE).spec(),
            Units.decimal(most, 2),
            worst(LARGE).spec(),
            Units.decimal(least, 2));
  }

  private String spread(String id, String what) {
    Metric metric = MetricCatalog.find(id);
    StrategyResult best = best(id);
    StrategyResult worst = worst(id);
    if (value(best, id) == value(worst, id)) {
      return "%s is the same for all candidates: %s.".formatted(what, text(metric, best));
    }
    return "%s goes from %s (%s) to %s (%s)."
        .formatted(what, text(metric, best), best.spec(), text(metric, worst), worst.spec());
  }

  ImmutableList<Answer> answers() {
    if (candidates.size() < 2) {
      return ImmutableList.of();
    }
    return ImmutableList.of(
        answer("Least memory", MEMORY, FAULT, CONVERSION),
        answer("Cheapest fault", FAULT, MEMORY, CONVERSION),
        answer("Cheapest conversion", CONVERSION, MEMORY, FAULT),
        answer("Most large pages", LARGE, MEMORY, FAULT));
  }

  private Answer answer(String question, String id, String... prices) {
    Metric metric = MetricCatalog.find(id);
    double best = value(best(id), id);
    List<StrategyResult> winners =
        candidates.stream().filter(result -> value(result, id) == best).toList();
    if (winners.size() == candidates.size()) {
      return new Answer(
          question,
          id,
          ImmutableList.of("no difference"),
          text(metric, winners.get(0)),
          "All candidates are equal in this.");
    }
    List<String> price = new ArrayList<>();
    for (String other : prices) {
      Metric paid = MetricCatalog.find(other);
      StrategyResult winner = winners.get(0);
      double ratio = value(winner, other) / Math.max(1e-9, value(best(other), other));
      if (paid.direction() == Direction.LOWER && value(best(other), other) > 0 && ratio > 1.005) {
        price.add(
            "%s %s (%s× the best)"
                .formatted(
                    text(paid, winner), paid.label(), Units.decimal(ratio, ratio < 10 ? 2 : 0)));
      }
    }
    return new Answer(
        question,
        id,
        winners.stream().map(StrategyResult::spec).collect(ImmutableList.toImmutableList()),
        text(metric, winners.get(0)),
        price.isEmpty()
            ? "At no price: it is also best in the rest."
            : "Price: " + String.join(", ", price) + ".");
  }

  private StrategyResult best(String id) {
    return candidates.stream().min(order(id)).orElseThrow();
  }

  private StrategyResult worst(String id) {
    return candidates.stream().max(order(id)).orElseThrow();
  }

  private static Comparator<StrategyResult> order(String id) {
    double sign = MetricCatalog.find(id).direction() == Direction.HIGHER ? -1 : 1;
    return Comparator.comparingDouble(result -> sign * value(result, id));
  }

  private static double value(StrategyResult result, String id) {
    return result.metric(id).doubleValue();
  }

  private static String text(Metric metric, StrategyResult result) {
    return Units.metric(metric, result.metric(metric.id()))
        + (metric.unit().equals("B") || metric.unit().equals("%") ? "" : " " + metric.unit());
  }
}
