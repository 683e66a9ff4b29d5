package dev.broadsheet.conformance;

/**
 * How much is looked at, and from which seed.
 *
 * @param seed of all that is random
 * @param cases random cases per rule
 * @param operations operations of a case, at most
 * @param schedules interleavings per scenario of R9
 */
public record Settings(long seed, int cases, int operations, int schedules) {
  /** Checks the numbers. */
  public Settings {
    if (cases < 1 || operations < 1 || schedules < 1) {
      throw new IllegalArgumentException(
          "settings with %d cases, %d operations, %d schedules; each is at least 1"
              .formatted(cases, operations, schedules));
    }
  }

  /** A second or two per strategy: for the inner loop. */
  public static Settings quick() {
    return new Settings(1, 12, 12, 60);
  }

  /** Less than a second per rule: for mutation testing, which runs the rules once per mutant. */
  static Settings mutation() {
    return new Settings(1, 8, 12, 2);
  }

  /** Some seconds per strategy: for builds. */
  public static Settings standard() {
    return new Settings(1, 40, 20, 250);
  }

  /** Minutes per strategy: before a release. */
  public static Settings thorough() {
    return new Settings(1, 600, 40, 4000);
  }

  /** Returns the same with another seed. */
  public Settings withSeed(long other) {
    return new Settings(other, cases, operations, schedules);
  }
}
