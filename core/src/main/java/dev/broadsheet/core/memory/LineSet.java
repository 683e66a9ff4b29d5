package dev.broadsheet.core.memory;

import java.util.Arrays;

/**
 * The distinct cache lines of one operation: open addressing over one {@code long[]}, forgotten in
 * constant time.
 *
 * <pre>
 *   63 ...... 44 | 43 ...... 0
 *   generation   | line number
 * </pre>
 *
 * <p>An entry of another generation is an empty one, so that starting the next operation is an
 * increment. A large operation borrows a large table and gives it back at its end, so that the many
 * small ones stay within 8 KiB.
 */
final class LineSet {
  private static final int LINE_BITS = 44;
  private static final int LAST_GENERATION = (1 << (Long.SIZE - LINE_BITS)) - 1;
  private static final int SMALL_SHIFT = 10;
  private static final long GOLDEN_RATIO = 0x9e37_79b9_7f4a_7c15L;

  private final long[] small = new long[1 << SMALL_SHIFT];
  private long[] large = new long[0];
  private long[] table = small;
  private int hashShift = Long.SIZE - SMALL_SHIFT;
  private long generation = 1L << LINE_BITS;
  private int size;

  /** Forgets all lines. */
  void clear() {
    size = 0;
    table = small;
    hashShift = Long.SIZE - SMALL_SHIFT;
    if (generation >>> LINE_BITS == LAST_GENERATION) {
      Arrays.fill(small, 0);
      large = new long[0];
      generation = 0;
    }
    generation += 1L << LINE_BITS;
  }

  /** Adds a line; returns whether it is new. */
  boolean add(long line) {
    long[] lines = table;
    long wanted = generation | line;
    int mask = lines.length - 1;
    int at = (int) ((line * GOLDEN_RATIO) >>> hashShift);
    while (true) {
      long found = lines[at];
      if (found == wanted) {
        return false;
      }
      if ((found ^ generation) >>> LINE_BITS != 0) {
        lines[at] = wanted;
        if (++size > mask >> 1) {
          grow();
        }
        return true;
      }
      at = (at + 1) & mask;
    }
  }

  int size() {
    return size;
  }

  private void grow() {
    long[] old = table;
    // What an earlier operation left in the large table is of another generation: it reads as
    // empty.
    boolean reuse = old == small && large.length > small.length;
    table = reuse ? large : new long[4 * old.length];
    large = table;
    hashShift = Long.numberOfLeadingZeros(table.length) + 1;
    size = 0;
    for (long entry : old) {
      if ((entry ^ generation) >>> LINE_BITS == 0) {
        insert(entry);
      }
    }
  }

  private void insert(long entry) {
    long line = entry & ((1L << LINE_BITS) - 1);
    int mask = table.length - 1;
    int at = (int) ((line * GOLDEN_RATIO) >>> hashShift);
    while ((table[at] ^ generation) >>> LINE_BITS == 0) {
      at = (at + 1) & mask;
    }
    table[at] = entry;
    size++;
  }
}
