package dev.broadsheet.core.memory;

import org.jspecify.annotations.Nullable;

/**
 * A number that many threads add to and few ask for, as one of {@link StripedCounts}; in a machine
 * of one thread a plain one.
 */
public final class StripedCount {
  private final @Nullable StripedCounts stripes;

  /** Where one thread counts. */
  private long plain;

  /** Creates a number that is 0; {@code threads} says whether several threads will use it. */
  public StripedCount(boolean threads) {
    stripes = threads ? new StripedCounts(1) : null;
  }

  /**
   * Adds, with the order of a volatile operation.
   *
   * @throws IllegalStateException if a plain number falls below zero: more was taken than given. Of
   *     a striped one only {@link #get} can tell
   */
  public void add(long delta) {
    if (stripes == null) {
      plain += delta;
      if (plain < 0) {
        throw new IllegalStateException("released or left more often than taken or entered");
      }
    } else {
      stripes.add(0, delta);
    }
  }

  /** Returns the value; see {@link StripedCounts} for one that is asked while others add. */
  public long get() {
    return stripes == null ? plain : stripes.sum(0);
  }
}
