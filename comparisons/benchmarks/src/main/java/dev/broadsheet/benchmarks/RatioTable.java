package dev.broadsheet.benchmarks;

import com.google.common.collect.ImmutableList;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The figures of a run beside their targets, as a table to read and as JSON. */
final class RatioTable {
  private static final Gson JSON =
      new GsonBuilder().setPrettyPrinting().serializeSpecialFloatingPointValues().create();

  private final List<Target> targets;
  private final Measurements measurements;
  private final Map<String, Double> committed;
  private final List<Observation> observations;

  RatioTable(
      List<Target> targets,
      Measurements measurements,
      Map<String, Double> committed,
      List<Observation> observations) {
    this.targets = targets;
    this.measurements = measurements;
    this.committed = committed;
    this.observations = observations;
  }

  /** Returns a table in Markdown: one line per target, median and spread; then on what it ran. */
  String markdown() {
    StringBuilder text =
        new StringBuilder(
            """
            | target | what | wanted | median | spread | committed | reached |
            |---|---|---|---|---|---|---|
            """);
    targets.forEach(target -> text.append(line(target)).append('\n'));
    observations.forEach(observation -> text.append(observation.line()).append('\n'));
    text.append('\n').append(Surroundings.line()).append('\n');
    return text.toString();
  }

  /** Returns one line of the table. */
  String line(Target target) {
    ImmutableList<Double> figures = measurements.figures(target);
    double median = measurements.median(target);
    Double before = committed.get(target.id());
    return "| %s | %s | %s | %s | %s to %s | %s | %s |"
        .formatted(
            target.id(),
            target.what(),
            wanted(target),
            format(target, median),
            format(target, figures.get(0)),
            format(target, figures.get(figures.size() - 1)),
            before == null ? "" : format(target, before),
            Double.isNaN(target.limit()) ? "" : target.reachedBy(median) ? "yes" : "no");
  }

  private static String wanted(Target target) {
    if (Double.isNaN(target.limit())) {
      return "watched";
    }
    String sign = target.wanted() == Target.Wanted.AT_MOST ? "<= " : ">= ";
    return sign + format(target, target.limit());
  }

  private static String format(Target target, double figure) {
    String number = number(figure);
    return switch (target.unit()) {
      case RATIO -> number;
      case NANOS -> number + " ns";
      case BYTES -> number + " B";
    };
  }

  static String number(double figure) {
    return String.format(Locale.ROOT, figure >= 100 ? "%.0f" : "%.2f", figure);
  }

  /** Returns targets with their figures, and all that was measured, as JSON. */
  String json() {
    Map<String, Object> all = new LinkedHashMap<>();
    Map<String, Object> figures = new LinkedHashMap<>();
    for (Target target : targets) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("what", target.what());
      entry.put("unit", target.unit().name().toLowerCase(Locale.ROOT));
      if (!Double.isNaN(target.limit())) {
        entry.put("wanted", wanted(target));
        entry.put("reached", target.reachedBy(measurements.median(target)));
      }
      entry.put("median", measurements.median(target));
      entry.put("rounds", measurements.figures(target));
      figures.put(target.id(), entry);
    }
    all.put("surroundings", Surroundings.ofThisRun());
    all.put("targets", figures);
    all.put("observations", observations);
    Map<String, Object> subjects = new LinkedHashMap<>();
    for (Subject subject : measurements.subjects()) {
      subjects.put(subject.toString(), measurements.samples(subject));
    }
    all.put("measured", subjects);
    return JSON.toJson(all) + "\n";
  }
}
