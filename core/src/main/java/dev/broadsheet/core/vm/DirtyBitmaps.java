package dev.broadsheet.core.vm;

import dev.broadsheet.core.memslot.KvmMemslot;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Dirty bitmaps of logged slots: one bit per page, set by faults, fetched by user space. */
final class DirtyBitmaps {
  private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);

  private final Map<Integer, long[]> bitmaps = new ConcurrentHashMap<>();

  void create(KvmMemslot slot, boolean allDirty) {
    long pages = slot.range().pages();
    long[] words = new long[(int) ((pages + 63) >>> 6)];
    if (allDirty) {
      Arrays.fill(words, -1);
      if ((pages & 63) != 0) {
        words[words.length - 1] = (1L << pages) - 1;
      }
    }
    bitmaps.put(slot.id(), words);
  }

  void drop(int id) {
    bitmaps.remove(id);
  }

  void mark(KvmMemslot slot, long gfn) {
    long[] bits = bitmaps.get(slot.id());
    if (bits != null) {
      long page = gfn - slot.start();
      WORD.getAndBitwiseOr(bits, (int) (page >>> 6), 1L << page);
    }
  }

  /** Returns the words of a slot's bitmap, or an empty array. */
  long[] words(int id) {
    long[] bits = bitmaps.get(id);
    return bits == null ? new long[0] : bits;
  }

  /** Returns one word as it is. */
  static long read(long[] words, int index) {
    return (long) WORD.getVolatile(words, index);
  }

  /** Clears the bits of {@code mask} in one word; returns those of them that were set. */
  static long clear(long[] words, int index, long mask) {
    return (long) WORD.getAndBitwiseAnd(words, index, ~mask) & mask;
  }

  /** Takes one word and leaves it clear. */
  static long take(long[] words, int index) {
    return (long) WORD.getAndSet(words, index, 0L);
  }
}
