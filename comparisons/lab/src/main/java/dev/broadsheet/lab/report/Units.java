package dev.broadsheet.lab.report;

import dev.broadsheet.lab.metrics.Metric;
import dev.broadsheet.lab.report.ReportModel.SpreadRow;
import java.util.Locale;

/** How numbers are written for people; the same in every locale. */
public final class Units {
  private static final String[] BINARY = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};

  private Units() {}

  /** Returns a size with a binary unit: {@code 18.6 KiB}, {@code 2 MiB}. */
  public static String bytes(long bytes) {
    double size = bytes;
    int unit = 0;
    while (Math.abs(size) >= 1024 && unit < BINARY.length - 1) {
      size /= 1024;
      unit++;
    }
    return trim(String.format(Locale.ROOT, Math.abs(size) < 100 ? "%.2f" : "%.1f", size))
        + " "
        + BINARY[unit];
  }

  /** Returns a count with separators between thousands. */
  public static String count(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }

  /** Returns a number with at most {@code digits} digits behind the point, zeroes cut off. */
  public static String decimal(double value, int digits) {
    return trim(String.format(Locale.ROOT, "%,." + digits + "f", value));
  }

  /** Returns a distribution in three numbers: half, 99 of 100, the worst. */
  static String ranks(SpreadRow spread) {
    return "%s / %s / %s".formatted(count(spread.p50()), count(spread.p99()), count(spread.max()));
  }

  /** Returns a metric's value for people. */
  public static String metric(Metric metric, Number value) {
    return MetricText.of(metric, value);
  }

  private static String trim(String text) {
    int point = text.indexOf('.');
    if (point < 0) {
      return text;
    }
    int end = text.length();
    while (text.charAt(end - 1) == '0') {
      end--;
    }
    return text.substring(0, end - 1 == point ? point : end);
  }
}
