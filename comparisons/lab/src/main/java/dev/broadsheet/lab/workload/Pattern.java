package dev.broadsheet.lab.workload;

import com.google.common.collect.ImmutableList;

/** How one workload works: its text, its knobs, and what its guest does. */
interface Pattern {
  /** Returns what it is called and what it means. */
  Description description();

  /** Returns its knobs, in the order in which they are listed. */
  ImmutableList<Parameter> parameters();

  /** Returns the guest that runs it. */
  default GuestShape shape(Values values) {
    return GuestShape.q35(values.number("ram"), values.count("vcpus"));
  }

  /**
   * Refuses values that cannot go together.
   *
   * @throws IllegalArgumentException with what was asked and what would do
   */
  default void check(Values values, GuestShape shape) {}

  /** Appends what the guest does. */
  void plan(Values values, Guest guest, Stage stage);
}
