package dev.broadsheet.lab.report;

import dev.broadsheet.lab.metrics.Metric;
import java.util.Locale;

/** How the value of a metric is written for people; the exact value stands in results.json. */
final class MetricText {
  private MetricText() {}

  static String of(Metric metric, Number value) {
    return switch (metric.unit()) {
      case "B" -> Units.bytes(value.longValue());
      case "B/GiB" -> Units.bytes(value.longValue()) + "/GiB";
      case "%" -> Units.decimal(value.doubleValue(), 2) + " %";
      default ->
          value instanceof Double
              ? Units.decimal(value.doubleValue(), 2)
              : Units.count(value.longValue());
    };
  }

  /** Returns the value without separators or units, as tables sort it and CSV carries it. */
  static String exact(Number value) {
    return value instanceof Double
        ? exactDecimal(value.doubleValue())
        : Long.toString(value.longValue());
  }

  private static String exactDecimal(double value) {
    String text = String.format(Locale.ROOT, "%.4f", value);
    int end = text.length();
    while (text.charAt(end - 1) == '0') {
      end--;
    }
    return text.substring(0, text.charAt(end - 1) == '.' ? end - 1 : end);
  }
}
