package dev.broadsheet.core.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Numbers that many threads add to all the time and few ask for: the kernel's {@code
 * percpu_counter}. Each thread adds to words on cache lines of its own; a value is the sum over all
 * of them.
 *
 * <p>Adding is an atomic operation with the order of a volatile one, so that "count, then look" on
 * one side and "say, then sum" on the other never miss each other. A sum that is taken while others
 * add is one of the values that the number had meanwhile only if they all add, or all subtract.
 *
 * <p>Safe for use from many threads; nothing is allocated after creation. One stripe may stand
 * below zero: what one thread added, another may take away.
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
