package dev.broadsheet.core.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Numbers that many threads add to all the time and few ask for: the kernel's {@code
 * percpu_counter}. Each thread adds to words on cache lines of its own; a value is the sum over all
 * of them. One stripe may stand below zero: what one thread added, another may take away.
 *
 * <p>A sum that is taken while others add and subtract is near. It is exact for a lock, whose
 * sharers are counted here and whose flag stands elsewhere: who shares adds one, then looks at the
 * flag, and takes the one back, in the same stripe, if it is up; who wants to be alone puts the
 * flag up, then sums. All who succeeded added before the flag, so only releases still come, and a
 * sum of zero stays.
 *
 * <p>Relies on: an addition is a full fence, in HotSpot on every processor, so that the look behind
 * it is not made before it. Safe for use from many threads; nothing is allocated after creation.
 */
public final class StripedCounts {
  private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);

  private final int stripeWords;
  private final long[] words;

  /** Creates numbers 0 to {@code cells - 1}, all of them 0. */
  public StripedCounts(int cells) {
    stripeWords = (cells / Stripes.WORDS + 2) * Stripes.WORDS;
    words = new long[Stripes.COUNT * stripeWords + Stripes.WORDS];
  }

  /** Adds to a number. */
  public void add(int cell, long delta) {
    WORD.getAndAdd(words, Stripes.WORDS + Stripes.mine() * stripeWords + cell, delta);
  }

  /** Returns the value of a number. */
  public long sum(int cell) {
    long sum = 0;
    for (int at = Stripes.WORDS + cell; at < words.length; at += stripeWords) {
      sum += (long) WORD.getVolatile(words, at);
    }
    return sum;
  }
}
