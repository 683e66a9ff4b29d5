package dev.broadsheet.lab.claims;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.api.StrategySpec;
import dev.broadsheet.lab.metrics.Metric;
import dev.broadsheet.lab.metrics.MetricCatalog;
import dev.broadsheet.lab.report.Report.ClaimResult;
import dev.broadsheet.lab.report.Report.Evidence;
import dev.broadsheet.lab.report.ReportModel.CodeRow;
import dev.broadsheet.lab.report.ReportModel.FootprintRow;
import dev.broadsheet.lab.report.ReportModel.StrategyResult;
import dev.broadsheet.lab.report.Units;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Compares the numbers of runs with what was claimed. */
public final class Judge {
  private static final String HOLDS = "holds";
  private static final String DOES_NOT_HOLD = "does not hold";
  private static final String DEPENDS = "depends";
  private static final String NOT_MEASURED = "not measured here";

  private final List<Run> runs;
  private final Claim claim;
  private final List<Dependence.Case> cases = new ArrayList<>();
  private final ImmutableList.Builder<Evidence> evidence = ImmutableList.builder();
  private final Set<String> missing = new TreeSet<>();

  /** Strategies side by side on one input. */
  public record Run(String input, List<StrategyResult> strategies) {
    private List<StrategyResult> of(String id) {
      return strategies.stream()
          .filter(result -> result.id().equals(id) && result.failure().isEmpty())
          .toList();
    }
  }

  private Judge(Claim claim, List<Run> runs) {
    this.claim = claim;
    this.runs = runs;
  }

  /** Returns what runs say to every claim. */
  public static ImmutableList<ClaimResult> all(List<Run> runs) {
    return Claims.all().stream()
        .map(claim -> of(claim, runs))
        .collect(ImmutableList.toImmutableList());
  }

  /** Returns what runs say to one claim. */
  public static ClaimResult of(Claim claim, List<Run> runs) {
    return new Judge(claim, runs).judge(Claims.post(claim));
  }

  private ClaimResult judge(Post post) {
    for (Run run : runs) {
      List<StrategyResult> subjects = subjects(run);
      if (subjects.isEmpty()) {
        missing.add(claim.subject());
      }
      for (StrategyResult subject : subjects) {
        claim.criteria().forEach(criterion -> compare(run, subject, criterion));
      }
    }
    String verdict;
    String because = "";
    if (cases.isEmpty() || !missing.isEmpty()) {
      verdict = NOT_MEASURED;
      because =
          claim.open() != null
              ? claim.open()
              : "it takes a run of " + String.join(" and ", missing) + " beside the others";
    } else if (cases.stream().allMatch(Dependence.Case::holds)) {
      verdict = HOLDS;
    } else if (cases.stream().noneMatch(Dependence.Case::holds)) {
      verdict = DOES_NOT_HOLD;
    } else {
      verdict = DEPENDS;
      because = Dependence.explain(cases);
    }
    return new ClaimResult(
        claim.id(),
        claim.option(),
        claim.sign().name().toLowerCase(Locale.ROOT),
        claim.text(),
        post.author(),
        post.source(),
        claim.assumption() == null ? "" : claim.assumption(),
        verdict,
        because,
        evidence.build());
  }

  private List<StrategyResult> subjects(Run run) {
    List<StrategyResult> all = run.of(claim.strategy());
    String variant = claim.variant();
    return variant == null
        ? all
        : all.stream().filter(result -> options(result).contains(variant)).toList();
  }

  /** The options of a run as they were given: {@code name=value}. */
  private static List<String> options(StrategyResult result) {
    List<String> options = new ArrayList<>();
    StrategySpec.parse(result.spec())
        .options()
        .forEach((name, value) -> options.add(name + "=" + value));
    return options;
  }

  private void compare(Run run, StrategyResult subject, Criterion criterion) {
    if (criterion.than() == null) {
      Double constant = criterion.thanValue();
      String metric = criterion.thanMetric();
      double limit =
          constant != null ? constant : metric != null ? value(subject, criterion, metric) : 0;
      add(run, subject, criterion, null, limit);
      return;
    }
    for (String other : criterion.than()) {
      List<StrategyResult> others = run.of(other);
      if (others.isEmpty()) {
        missing.add(other);
      }
      for (StrategyResult each : others) {
        add(run, subject, criterion, each, value(each, criterion, criterion.metric()));
      }
    }
  }

  private void add(
      Run run,
      StrategyResult subject,
      Criterion criterion,
      @Nullable StrategyResult other,
      double otherValue) {
    double value = value(subject, criterion, criterion.metric());
    double limit = otherValue * criterion.times();
    boolean holds = criterion.is().holds(value, limit);
    Metric metric = MetricCatalog.find(criterion.metric());
    String measure = metric.label() + without(criterion);
    String asked =
        criterion.is().words()
            + (criterion.times() == 1 ? "" : " " + Units.decimal(criterion.times(), 2) + " ×");
    String against =
        other != null ? other.spec() : criterion.thanMetric() != null ? criterion.thanMetric() : "";
    evidence.add(
        new Evidence(
            run.input(),
            subject.spec(),
            criterion.metric(),
            measure,
            exact(value),
            asked,
            against,
            exact(limit),
            criterion.granted(),
            holds,
            words(metric, measure, subject, value, asked, against, criterion, otherValue, holds)));
    Map<String, String> options = new LinkedHashMap<>();
    for (String option : options(subject)) {
      options.put("design's " + option.substring(0, option.indexOf('=')), option);
    }
    Map<String, String> factors = new LinkedHashMap<>();
    if (claim.assumption() != null) {
      factors.put(Dependence.ASSUMPTION, criterion.granted() ? "it granted" : "it not granted");
    }
    factors.put("design's variant", subject.spec());
    factors.put("input", run.input());
    factors.put("measure", measure);
    factors.put("other design", other != null ? other.id() : "no other");
    factors.put("other side", against.isEmpty() ? "no other" : against);
    cases.add(new Dependence.Case(options, factors, holds));
  }

  private static String words(
      Metric metric,
      String measure,
      StrategyResult subject,
      double value,
      String asked,
      String against,
      Criterion criterion,
      double otherValue,
      boolean holds) {
    String limit = criterion.is().hasLimit() ? " " + text(metric, otherValue) : "";
    return "%s of %s: %s, %s %s%s%s"
        .formatted(
            measure,
            subject.spec(),
            text(metric, value),
            holds ? "is" : "is not",
            asked,
            limit,
            against.isEmpty() ? "" : " of " + against);
  }

  private static String text(Metric metric, double value) {
    return Units.metric(metric, exact(value));
  }

  private static Number exact(double value) {
    return value == Math.rint(value) ? (Number) (long) value : (Number) value;
  }

  private static String without(Criterion criterion) {
    if (criterion.withoutLabels() != null) {
      return " without " + String.join(" and ", criterion.withoutLabels());
    }
    return criterion.withoutPackages() == null
        ? ""
        : criterion.withoutPackages().stream()
            .map(name -> name.substring(name.lastIndexOf('.') + 1))
            .collect(Collectors.joining(" and ", " without package ", ""));
  }

  private double value(StrategyResult result, Criterion criterion, String metric) {
    double value = result.metric(metric).doubleValue();
    if (criterion.withoutLabels() != null) {
      for (FootprintRow row : result.footprint()) {
        if (row.owner().equals("tracker") && criterion.withoutLabels().contains(row.label())) {
          value -= row.bytes();
        }
      }
    }
    if (criterion.withoutPackages() != null) {
      for (CodeRow row : result.code()) {
        if (row.by().equals("package") && criterion.withoutPackages().contains(row.part())) {
          value -= metric.equals("design.branches") ? row.branches() : row.instructions();
        }
      }
    }
    return value;
  }
}
