package dev.broadsheet.benchmarks;

/**
 * A line of the table that no benchmark alone gives: counted or computed after the measurements.
 *
 * @param id permanent, kebab case
 * @param what one line for the table
 * @param wanted the bound as text
 * @param figure the figure with its unit
 * @param reached {@code yes}, {@code no}, or empty where nothing is wanted
 */
record Observation(String id, String what, String wanted, String figure, String reached) {
  static Observation atMost(String id, String what, double limit, double figure, String unit) {
    return new Observation(
        id,
        what,
        "<= " + RatioTable.number(limit) + unit,
        RatioTable.number(figure) + unit,
        figure <= limit ? "yes" : "no");
  }

  static Observation watched(String id, String what, double figure, String unit) {
    return new Observation(id, what, "watched", RatioTable.number(figure) + unit, "");
  }

  /** Returns the line of the table, with the columns of {@link RatioTable}. */
  String line() {
    return "| %s | %s | %s | %s | | | %s |".formatted(id, what, wanted, figure, reached);
  }
}
