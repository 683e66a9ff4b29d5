package dev.broadsheet.lab.cost;

/**
 * What one of something takes.
 *
 * @param key as {@code --cost} spells it
 * @param what what one of it is
 * @param nanos value that times are computed with
 * @param low the least that is thought possible
 * @param high the most
 * @param origin where the value comes from; "estimate" where nobody published one
 */
public record CostConstant(
    String key, String what, double nanos, double low, double high, String origin) {
  /** Checks that the value lies in its range. */
  public CostConstant {
    if (!(low >= 0 && low <= nanos && nanos <= high)) {
      throw new IllegalArgumentException(
          "cost %s: %s is not between %s and %s".formatted(key, nanos, low, high));
    }
  }

  /** Returns the constant with a value that the user knows, and no range. */
  CostConstant given(double value) {
    return new CostConstant(key, what, value, value, value, "given with --cost");
  }
}
