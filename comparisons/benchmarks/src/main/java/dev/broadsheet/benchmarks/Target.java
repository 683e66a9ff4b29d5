package dev.broadsheet.benchmarks;

import com.google.common.collect.ImmutableList;
import java.util.function.ToDoubleFunction;

/**
 * A figure that is wanted, and what is wanted of it.
 *
 * @param id permanent, kebab case; the key in {@code ratios.json}
 * @param what one line for the table
 * @param unit what kind of figure it is
 * @param over what is measured
 * @param under what it is divided by: the least of these, so that a peer is always the best one;
 *     empty for a figure that stands alone
 * @param wanted which values reach the target
 * @param limit the target's bound; NaN for a figure that only guards against regressions
 */
record Target(
    String id,
    String what,
    Unit unit,
    Quantity over,
    ImmutableList<Quantity> under,
    Wanted wanted,
    double limit) {
  private static final int SMALLEST_OBJECT = 16;

  /** What kind of figure a target is about. */
  enum Unit {
    /** One measurement over another of the same run: means the same on another machine. */
    RATIO,
    /** Nanoseconds of this machine as busy as it was. */
    NANOS,
    /** Bytes: means the same everywhere. */
    BYTES
  }

  /** On which side of the limit the target lies. */
  enum Wanted {
    /** The limit or less. */
    AT_MOST,
    /** The limit or more. */
    AT_LEAST
  }

  static Target ratio(String id, String what, Quantity over, Quantity under, double atMost) {
    return new Target(id, what, Unit.RATIO, over, ImmutableList.of(under), Wanted.AT_MOST, atMost);
  }

  static Target nanos(String id, String what, Quantity quantity, double atMost) {
    return new Target(id, what, Unit.NANOS, quantity, ImmutableList.of(), Wanted.AT_MOST, atMost);
  }

  static Target bytes(String id, String what, Quantity quantity, double atMost) {
    return new Target(id, what, Unit.BYTES, quantity, ImmutableList.of(), Wanted.AT_MOST, atMost);
  }

  /** Returns the same figure, wanted to be at least its limit. */
  Target atLeast() {
    return new Target(id, what, unit, over, under, Wanted.AT_LEAST, limit);
  }

  /** Returns all that has to be measured. */
  ImmutableList<Quantity> quantities() {
    return ImmutableList.<Quantity>builder().add(over).addAll(under).build();
  }

  /** Returns the figure, given what was measured. */
  double figure(ToDoubleFunction<Quantity> measured) {
    double value = measured.applyAsDouble(over);
    return under.isEmpty()
        ? value
        : value / under.stream().mapToDouble(measured).min().orElseThrow();
  }

  /**
   * Returns whether a figure reaches the target. Less than 16 bytes per operation is what the
   * process's own bookkeeping allocates: an object on every call has 16 at least.
   */
  boolean reachedBy(double figure) {
    if (unit == Unit.BYTES) {
      return figure < limit + SMALLEST_OBJECT;
    }
    return wanted == Wanted.AT_MOST ? figure <= limit : figure >= limit;
  }

  /** Returns whether a figure is worse than a committed one by more than some factor. */
  boolean worse(double figure, double committed, double factor) {
    return wanted == Wanted.AT_MOST ? figure > committed * factor : figure * factor < committed;
  }
}
