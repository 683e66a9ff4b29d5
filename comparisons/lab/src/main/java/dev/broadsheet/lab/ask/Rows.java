package dev.broadsheet.lab.ask;

import dev.broadsheet.lab.report.Units;
import dev.broadsheet.lab.runner.Comparison;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** What sentences ask of rows. */
final class Rows {
  private Rows() {}

  /** Returns the rows of candidates; of bounds if there is nothing else. */
  static List<AnswerTable.Row> candidates(List<AnswerTable.Row> rows) {
    List<AnswerTable.Row> candidates =
        rows.stream().filter(row -> !Comparison.isBound(row.text("strategy"))).toList();
    return candidates.isEmpty() ? rows : candidates;
  }

  /** Returns the first row with the largest number in a column. */
  static AnswerTable.Row most(List<AnswerTable.Row> rows, String column) {
    // max() of a stream would return the last of equals
    return rows.stream()
        .min(Comparator.comparingDouble((AnswerTable.Row row) -> -row.value(column)))
        .orElseThrow();
  }

  /** Returns the first row with the smallest number in a column. */
  static AnswerTable.Row least(List<AnswerTable.Row> rows, String column) {
    return rows.stream()
        .min(Comparator.comparingDouble((AnswerTable.Row row) -> row.value(column)))
        .orElseThrow();
  }

  /** Returns the first row in which columns hold these texts: column, text, column, text ... */
  static AnswerTable.Row the(AnswerTable table, String... columnsAndTexts) {
    return table.stream()
        .filter(
            row -> {
              for (int i = 0; i < columnsAndTexts.length; i += 2) {
                if (!row.text(columnsAndTexts[i]).equals(columnsAndTexts[i + 1])) {
                  return false;
                }
              }
              return true;
            })
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no row with " + String.join(" ", List.of(columnsAndTexts))));
  }

  /** Returns how many times larger one number is, in words such as {@code 3.4 times}. */
  static String times(double larger, double smaller) {
    if (smaller == 0) {
      return larger == 0 ? "as much" : "more, against none";
    }
    double ratio = larger / smaller;
    return String.format(Locale.ROOT, ratio < 10 ? "%.1f times" : "%,.0f times", ratio);
  }

  /** Returns {@code 1 page} or {@code 2 pages}. */
  static String count(long number, String one, String many) {
    return Units.count(number) + " " + (number == 1 ? one : many);
  }
}
