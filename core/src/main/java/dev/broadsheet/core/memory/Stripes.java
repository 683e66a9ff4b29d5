package dev.broadsheet.core.memory;

/**
 * Which part of something that threads share is the calling thread's: the model's {@code
 * smp_processor_id()}. More threads than stripes share some, which costs time and nothing else.
 */
public final class Stripes {
  /** The most stripes: each costs 4 KiB per gigabyte of PAMT, which has 2 MiB of entries. */
  private static final int MOST = 32;

  /** Number of stripes, a power of two. */
  public static final int COUNT =
      Math.min(
          MOST, Integer.highestOneBit(Math.max(4, 2 * Runtime.getRuntime().availableProcessors())));

  /**
   * Words from one stripe to the next, at least: two cache lines, which processors fetch as one.
   */
  public static final int WORDS = 16;

  private Stripes() {}

  /** Returns the stripe of the calling thread, 0 to {@link #COUNT} - 1. */
  public static int mine() {
    return (int) Thread.currentThread().getId() & (COUNT - 1);
  }
}
