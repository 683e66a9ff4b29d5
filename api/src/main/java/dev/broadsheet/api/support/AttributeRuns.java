package dev.broadsheet.api.support;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.memory.ElementWidth;
import dev.broadsheet.api.memory.KernelArray;
import dev.broadsheet.api.memory.KernelLock;
import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import java.util.function.Consumer;

/**
 * The attributes of all gfns as sorted runs in one kernel array that grows by doubling.
 *
 * <pre>{@code
 * word 0     sequence: odd while runs are being moved
 * word 1     number of runs, at least 1
 * word 2+i   run i: first gfn << 8 | attributes; it ends where run i+1 begins
 * }</pre>
 *
 * <p>Run 0 begins at gfn 0, the last one ends at 2^52, and neighbours differ, so the number of runs
 * is a function of the attributes. Memory: 8 bytes per run, at least 64 bytes in all, at most about
 * four times what is needed after shrinking.
 *
 * <p><b>Concurrency.</b> {@link #get} and {@link #isUniform} are safe at any time: a reader that
 * meets a moving run tries again, and after a few attempts takes the writer's lock, so it never
 * spins for long ({@code read_seqbegin_or_lock}). All other methods belong to one thread at a time
 * ({@code slots_lock}).
 */
public final class AttributeRuns {
  private static final int SEQUENCE = 0;
  private static final int COUNT = 1;
  private static final int FIRST = 2;
  private static final int LEAST_WORDS = 8;
  private static final int ATTRIBUTE_BITS = 8;
  private static final long ATTRIBUTES = (1L << ATTRIBUTE_BITS) - 1;
  private static final int OPTIMISTIC_TRIES = 4;

  private final KernelMemory memory;
  private final String label;
  private final KernelLock lock;
  private final Consumer<Runnable> afterGrace;
  private volatile KernelArray words;

  /**
   * Creates runs that say {@code initial} everywhere.
   *
   * @param label of the array and of the lock
   * @param afterGrace how to run something after an RCU grace period, such as {@code
   *     context::defer}
   * @throws KernelOutOfMemoryException if there is no memory
   */
  public AttributeRuns(
      KernelMemory memory, String label, int initial, Consumer<Runnable> afterGrace) {
    this.memory = memory;
    this.label = label;
    this.afterGrace = afterGrace;
    this.lock = memory.lock(label);
    KernelArray first = memory.array(label, ElementWidth.U64, LEAST_WORDS);
    first.setPlain(COUNT, 1);
    first.setPlain(FIRST, word(0, initial));
    this.words = first;
  }

  /** Returns the attributes of a gfn; safe at any time. */
  public int get(long gfn) {
    for (int i = 0; i < OPTIMISTIC_TRIES; i++) {
      KernelArray now = words;
      long sequence = now.get(SEQUENCE);
      if ((sequence & 1) == 0) {
        int found = attributes(now.get(FIRST + find(now, gfn)));
        if (now.get(SEQUENCE) == sequence) {
          return found;
        }
      }
    }
    lock.lock();
    try {
      KernelArray now = words;
      return attributes(now.get(FIRST + find(now, gfn)));
    } finally {
      lock.unlock();
    }
  }

  /**
   * Returns whether all gfns of {@code [start, end)} have the same attributes; safe at any time.
   */
  public boolean isUniform(long start, long end) {
    for (int i = 0; i < OPTIMISTIC_TRIES; i++) {
      KernelArray now = words;
      long sequence = now.get(SEQUENCE);
      if ((sequence & 1) == 0) {
        boolean uniform = endOfRun(now, find(now, start)) >= end;
        if (now.get(SEQUENCE) == sequence) {
          return uniform;
        }
      }
    }
    lock.lock();
    try {
      KernelArray now = words;
      return endOfRun(now, find(now, start)) >= end;
    } finally {
      lock.unlock();
    }
  }

  /** Returns the first gfn behind the run that holds {@code gfn}; 2^52 for the last run. */
  public long runEnd(long gfn) {
    KernelArray now = words;
    return endOfRun(now, find(now, gfn));
  }

  /** Returns the first gfn of {@code [gfn, end)} with other attributes, or {@code end}. */
  public long firstDifference(long gfn, long end, int attributes) {
    KernelArray now = words;
    long next = gfn;
    for (long i = find(now, gfn); next < end && attributes(now.get(FIRST + i)) == attributes; i++) {
      next = endOfRun(now, i);
    }
    return Math.min(next, end);
  }

  /** Returns the number of runs, at least 1. */
  public long runs() {
    return words.get(COUNT);
  }

  /**
   * Makes room for {@code assignments} calls of {@link #assign}, each of which may add two runs.
   *
   * @throws KernelOutOfMemoryException if there is no memory; nothing has changed then
   */
  public void reserve(long assignments) {
    KernelArray now = words;
    long needed = FIRST + now.getPlain(COUNT) + 2 * assignments;
    if (needed > now.length()) {
      replace(now, memory.array(label, ElementWidth.U64, wordsFor(needed)));
    }
  }

  /** Gives every gfn of {@code [start, end)} these attributes; needs room from {@link #reserve}. */
  public void assign(long start, long end, int attributes) {
    KernelArray now = words;
    long count = now.getPlain(COUNT);
    long low = firstRunFrom(now, count, start);
    long high = firstRunFrom(now, count, end);
    // Read before anything moves: what stands left of the range, and what goes on behind it.
    boolean opens = low == 0 || attributes(now.getPlain(FIRST + low - 1)) != attributes;
    boolean meetsRun = high < count && gfn(now.getPlain(FIRST + high)) == end;
    int behind = attributes(now.getPlain(FIRST + (meetsRun ? high : high - 1)));
    boolean closes = end < GfnRange.GFN_LIMIT && behind != attributes;
    if (meetsRun) {
      high++; // dropped here, put back as the closing run if it still differs
    }
    int added = (opens ? 1 : 0) + (closes ? 1 : 0);

    lock.lock();
    now.getAndAdd(SEQUENCE, 1);
    move(now, high, count, added - (high - low));
    long at = low;
    if (opens) {
      now.setPlain(FIRST + at++, word(start, attributes));
    }
    if (closes) {
      now.setPlain(FIRST + at, word(end, behind));
    }
    now.setPlain(COUNT, count + added - (high - low));
    now.getAndAdd(SEQUENCE, 1);
    lock.unlock();
  }

  /**
   * Gives back memory that is no longer needed; keeps it if a smaller array cannot be had. A single
   * run always goes back to the smallest array, so that what is empty again is as small as at
   * first.
   */
  public void trim() {
    KernelArray now = words;
    long runs = now.getPlain(COUNT);
    long needed = FIRST + runs;
    if (now.length() <= LEAST_WORDS || (runs > 1 && 4 * needed > now.length())) {
      return;
    }
    KernelArray smaller;
    try {
      smaller = memory.array(label, ElementWidth.U64, wordsFor(2 * needed - 1));
    } catch (KernelOutOfMemoryException keepTheLargeOne) {
      return;
    }
    replace(now, smaller);
  }

  /** Frees the array at once; nothing may be called afterwards. */
  public void free() {
    words.free();
  }

  /**
   * Checks order and that neighbours differ.
   *
   * @throws IllegalStateException if the runs are not what they should be
   */
  public void audit() {
    KernelArray now = words;
    long count = now.get(COUNT);
    for (long i = 0; i < count; i++) {
      long word = now.get(FIRST + i);
      long previous = i == 0 ? -1 : now.get(FIRST + i - 1);
      boolean ordered = i == 0 ? gfn(word) == 0 : gfn(word) > gfn(previous);
      if (!ordered || (i > 0 && attributes(word) == attributes(previous))) {
        throw new IllegalStateException(
            "'%s': run %d begins at 0x%x with attributes %d, behind one at 0x%x with %d"
                .formatted(
                    label,
                    i,
                    gfn(word),
                    attributes(word),
                    i == 0 ? -1 : gfn(previous),
                    i == 0 ? -1 : attributes(previous)));
      }
    }
  }

  /** Returns the least length that holds so many words: a power of two. */
  private static long wordsFor(long needed) {
    return Math.max(LEAST_WORDS, Long.highestOneBit(needed - 1) << 1);
  }

  private void replace(KernelArray old, KernelArray with) {
    long used = FIRST + old.getPlain(COUNT);
    for (long i = COUNT; i < used; i++) {
      with.setPlain(i, old.getPlain(i));
    }
    words = with;
    afterGrace.accept(old::free);
  }

  /** Moves the runs from {@code from} on by {@code distance} places. */
  private static void move(KernelArray words, long from, long count, long distance) {
    if (distance > 0) {
      for (long i = count - 1; i >= from; i--) {
        words.setPlain(FIRST + i + distance, words.getPlain(FIRST + i));
      }
    } else if (distance < 0) {
      for (long i = from; i < count; i++) {
        words.setPlain(FIRST + i + distance, words.getPlain(FIRST + i));
      }
    }
  }

  /** Returns the number of the run that holds a gfn. */
  private static long find(KernelArray words, long gfn) {
    long low = 0;
    long high = words.get(COUNT);
    while (high - low > 1) {
      long middle = (low + high) >>> 1;
      if (gfn(words.get(FIRST + middle)) <= gfn) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** Returns the number of the first run that begins at {@code gfn} or later. */
  private static long firstRunFrom(KernelArray words, long count, long gfn) {
    if (gfn == GfnRange.GFN_LIMIT) {
      return count;
    }
    long holder = find(words, gfn);
    return gfn(words.getPlain(FIRST + holder)) == gfn ? holder : holder + 1;
  }

  private static long endOfRun(KernelArray words, long run) {
    return run + 1 < words.get(COUNT) ? gfn(words.get(FIRST + run + 1)) : GfnRange.GFN_LIMIT;
  }

  private static long word(long gfn, int attributes) {
    return gfn << ATTRIBUTE_BITS | attributes;
  }

  private static long gfn(long word) {
    return word >>> ATTRIBUTE_BITS;
  }

  private static int attributes(long word) {
    return (int) (word & ATTRIBUTES);
  }
}
