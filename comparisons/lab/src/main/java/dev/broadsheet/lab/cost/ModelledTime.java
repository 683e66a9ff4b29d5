package dev.broadsheet.lab.cost;

/**
 * A time that was computed from counts, in nanoseconds; nobody measured it.
 *
 * @param nanos with the values of the constants
 * @param low with the low end of every constant's range
 * @param high with the high end
 */
public record ModelledTime(double nanos, double low, double high) {
  /** Nothing takes no time. */
  public static final ModelledTime ZERO = new ModelledTime(0, 0, 0);

  /** Returns this after another. */
  public ModelledTime plus(ModelledTime other) {
    return new ModelledTime(nanos + other.nanos, low + other.low, high + other.high);
  }

  /** Returns the share of one of {@code parts} equal parts; zero if there are none. */
  public ModelledTime per(long parts) {
    return parts == 0 ? ZERO : new ModelledTime(nanos / parts, low / parts, high / parts);
  }
}
