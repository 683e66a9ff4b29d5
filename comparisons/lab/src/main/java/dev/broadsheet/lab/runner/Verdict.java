package dev.broadsheet.lab.runner;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.lab.report.ReportModel.Answer;
import dev.broadsheet.lab.report.ReportModel.StrategyResult;
import dev.broadsheet.lab.report.Units;
import dev.broadsheet.lab.trace.EventKind;
import dev.broadsheet.lab.trace.TraceScan;
import java.util.List;

/** Which one, for what, at what price: the results on one input in plain sentences. */
final class Verdict {
  /** What stands in the place of a headline when numbers must not be used. */
  static final String WRONG = "Something is wrong: do not use these numbers";

  /** What it is when no strategy ran. */
  static final String NOTHING = "Nothing ran";

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

  private Choice choice() {
    return new Choice(
        candidates.stream().map(result -> new Contender(result.spec(), result.metrics())).toList());
  }

  ImmutableList<String> sentences() {
    ImmutableList.Builder<String> sentences = ImmutableList.builder();
    sentences.add(passed ? candidates.isEmpty() ? NOTHING : choice().headline() : WRONG);
    long answers = results.stream().mapToLong(result -> result.check().comparisons()).sum();
    sentences.add(
        passed
            ? "All %s runs agree with the oracle in %s answers, and every machine passed its audit."
                .formatted(results.size(), Units.count(answers))
            : failure(results));
    if (!candidates.isEmpty()) {
      long misses =
          candidates.stream().mapToLong(result -> result.check().misses()).max().orElse(0);
      sentences.add(choice().largePages(misses == 0));
      sentences.addAll(choice().spreads());
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

  /** Returns what is wrong first, or nothing. */
  static String failure(List<StrategyResult> results) {
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

  ImmutableList<Answer> answers() {
    return candidates.isEmpty() ? ImmutableList.of() : choice().answers();
  }
}
