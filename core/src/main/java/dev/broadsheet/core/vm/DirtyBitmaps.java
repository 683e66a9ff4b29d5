package dev.broadsheet.core.vm;

import dev.broadsheet.core.memslot.KvmMemslot;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Dirty bitmaps of logged slots: one bit per page, set by faults, fetched by user space. */
final class DirtyBitmaps {
  private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);

  private final Map<Integer, long[]> bitmaps = new ConcurrentHashMap<>();

  void create(KvmMemslot slot) {
    bitmaps.put(slot.id(), new long[(int) ((slot.range().pages() + 63) >>> 6)]);
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

  /** Takes one word and leaves it clear. */
  static long take(long[] words, int index) {
    return (long) WORD.getAndSet(words, index, 0L);
  }
}
