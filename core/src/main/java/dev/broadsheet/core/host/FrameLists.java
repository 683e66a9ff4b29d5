package dev.broadsheet.core.host;

import dev.broadsheet.core.memory.Stripes;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Free frames that threads have at hand, each a block of its own: the kernel's per-CPU lists of
 * pages. A thread takes the frames of its block in order and then the next block, so that threads
 * neither wait for each other nor get frames whose metadata share a cache line.
 *
 * <p>A word has the next frame and how many are left; whoever changes it owns what he took out.
 * Safe for use from many threads.
 */
final class FrameLists {
  /**
   * A block has 512 frames, whose PAMT entries fill a page. In less of one, processors that fetch
   * ahead would take lines from the thread that has the next frames.
   */
  static final int ORDER = 9;

  private static final int LEFT_BITS = 10;
  private static final long LEFT = (1L << LEFT_BITS) - 1;

  private final AtomicLongArray words = new AtomicLongArray((Stripes.COUNT + 1) * Stripes.WORDS);

  /** Returns the next frame of the calling thread, or {@link HostMemory#NONE} if it has no more. */
  long take() {
    int at = place(Stripes.mine());
    while (true) {
      long word = words.get(at);
      if ((word & LEFT) == 0) {
        return HostMemory.NONE;
      }
      if (words.compareAndSet(at, word, word + (1L << LEFT_BITS) - 1)) {
        return word >>> LEFT_BITS;
      }
    }
  }

  /** Gives the calling thread frames; returns whether it did, for it may have some by now. */
  boolean offer(long first, int count) {
    int at = place(Stripes.mine());
    long word = words.get(at);
    return (word & LEFT) == 0 && words.compareAndSet(at, word, first << LEFT_BITS | count);
  }

  /** Receives frames that nobody took. */
  @FunctionalInterface
  interface Unused {
    /** Frames from {@code first} on. */
    void frames(long first, int count);
  }

  /** Takes all frames from all threads. */
  void drain(Unused receiver) {
    for (int stripe = 0; stripe < Stripes.COUNT; stripe++) {
      int at = place(stripe);
      long word = words.get(at) == 0 ? 0 : words.getAndSet(at, 0);
      if ((word & LEFT) != 0) {
        receiver.frames(word >>> LEFT_BITS, (int) (word & LEFT));
      }
    }
  }

  /** Returns how many frames wait here. */
  long waiting() {
    long waiting = 0;
    for (int stripe = 0; stripe < Stripes.COUNT; stripe++) {
      waiting += words.get(place(stripe)) & LEFT;
    }
    return waiting;
  }

  private static int place(int stripe) {
    return (stripe + 1) * Stripes.WORDS;
  }
}
