package dev.broadsheet.core.memory;

/**
 * How a count is spread over operations; exact, by nearest rank.
 *
 * @param samples number of operations
 * @param sum the sum of all
 * @param p50 the smallest value that at least half of the operations do not exceed
 * @param p99 the smallest value that at least 99 of 100 operations do not exceed
 * @param max the largest
 */
public record Spread(long samples, long sum, long p50, long p99, long max) {
  /** Of nothing: all zero. */
  public static final Spread NONE = new Spread(0, 0, 0, 0, 0);
}
