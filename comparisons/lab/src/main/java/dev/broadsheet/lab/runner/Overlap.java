package dev.broadsheet.lab.runner;

/**
 * Which events of other vCPUs happen while one vCPU converts or faults.
 *
 * @param mode how they are chosen
 * @param seed of the choice; 0 unless {@link Mode#SEED}
 */
public record Overlap(Mode mode, long seed) {
  /** How overlapping events are chosen. */
  public enum Mode {
    /** None: one event after the other. */
    OFF,
    /** Those that the trace puts there. */
    TRACE,
    /** By lot, also events that the trace puts later. */
    SEED
  }

  /** One event after the other. */
  public static final Overlap OFF = new Overlap(Mode.OFF, 0);

  private static final String SEED_PREFIX = "seed=";

  /**
   * Returns what {@code --overlap} says.
   *
   * @throws IllegalArgumentException if it is none of {@code off}, {@code trace}, {@code seed},
   *     {@code seed=N}
   */
  public static Overlap parse(String text) {
    if (text.equals("seed")) {
      return new Overlap(Mode.SEED, 1);
    }
    if (text.startsWith(SEED_PREFIX)
        && text.substring(SEED_PREFIX.length()).matches("[0-9]{1,18}")) {
      return new Overlap(Mode.SEED, Long.parseLong(text.substring(SEED_PREFIX.length())));
    }
    return switch (text) {
      case "off" -> OFF;
      case "trace" -> new Overlap(Mode.TRACE, 0);
      default ->
          throw new IllegalArgumentException(
              "Unknown --overlap '%s'. Known: off, trace, seed, seed=N.".formatted(text));
    };
  }

  /** Returns how {@link #parse} reads it. */
  @Override
  public String toString() {
    return switch (mode) {
      case OFF -> "off";
      case TRACE -> "trace";
      case SEED -> SEED_PREFIX + seed;
    };
  }
}
