package dev.broadsheet.strategies.xarray;

import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.api.memory.ObjectCache;

/**
 * The nodes of one array: their words, how many there are, and how many there were at most.
 *
 * <pre>{@code
 * word 0       shift (8 bits), offset in the parent (8), count of entries (8), of values (8)
 * word 1       parent's handle, 0 for the top
 * word 2..4    array, list or rcu head: idle here
 * word 5..68   slots
 * word 69..71  marks, 3 x 64 bits: never set
 * }</pre>
 *
 * <p>Words of the header belong to the writer; readers take {@code shift} alone, which never
 * changes.
 */
final class XaNodes {
  static final int NODE_BYTES = 576;
  static final int CHUNK_SHIFT = 6;
  static final int SLOTS = 1 << CHUNK_SHIFT;
  static final int MASK = SLOTS - 1;

  /** Word of slot 0. */
  static final int SLOT = 5;

  private static final int HEADER = 0;
  private static final int PARENT = 1;
  private static final int OFFSET_SHIFT = 8;
  private static final int COUNT_SHIFT = 16;
  private static final int VALUES_SHIFT = 24;
  private static final int BYTE = 0xff;

  private final ObjectCache cache;
  private long live;
  private long peak;

  XaNodes(KernelMemory memory) {
    this.cache = memory.cache("xa_node", NODE_BYTES);
  }

  /** Returns the number of nodes that belong to the array now. */
  long live() {
    return live;
  }

  /** Returns the most nodes since {@link #restartPeak}. */
  long peak() {
    return peak;
  }

  void restartPeak() {
    peak = live;
  }

  /**
   * Takes an empty node; it is in no tree yet.
   *
   * @throws dev.broadsheet.api.memory.KernelOutOfMemoryException if there is no memory
   */
  long allocate(int shift, long parent, int offset) {
    long node = cache.allocate();
    cache.setPlain(node, HEADER, shift | (long) offset << OFFSET_SHIFT);
    cache.setPlain(node, PARENT, parent);
    live++;
    peak = Math.max(peak, live);
    return node;
  }

  /** Gives a node back; readers may stand in it until a grace period is over. */
  void free(long node) {
    cache.freeAfterGrace(node);
    live--;
  }

  /** Gives a node back at once; for the end of the array. */
  void freeNow(long node) {
    cache.free(node);
    live--;
  }

  int shift(long node) {
    return (int) cache.getPlain(node, HEADER) & BYTE;
  }

  int offset(long node) {
    return (int) (cache.getPlain(node, HEADER) >>> OFFSET_SHIFT) & BYTE;
  }

  int count(long node) {
    return (int) (cache.getPlain(node, HEADER) >>> COUNT_SHIFT) & BYTE;
  }

  int values(long node) {
    return (int) (cache.getPlain(node, HEADER) >>> VALUES_SHIFT) & BYTE;
  }

  /** Adds to both counts of a node and returns how many entries it has now. */
  int addCounts(long node, int entries, int values) {
    long header =
        cache.getPlain(node, HEADER)
            + ((long) entries << COUNT_SHIFT)
            + ((long) values << VALUES_SHIFT);
    cache.setPlain(node, HEADER, header);
    return (int) (header >>> COUNT_SHIFT) & BYTE;
  }

  long parent(long node) {
    return cache.getPlain(node, PARENT);
  }

  /** Puts a node that was the top below slot 0 of another, or makes it the top ({@code 0}). */
  void setParent(long node, long parent) {
    cache.setPlain(node, PARENT, parent);
  }

  long slot(long node, int slot) {
    return cache.get(node, SLOT + slot);
  }

  long slotPlain(long node, int slot) {
    return cache.getPlain(node, SLOT + slot);
  }

  void setSlot(long node, int slot, long entry) {
    cache.set(node, SLOT + slot, entry);
  }

  void fill(long node, int from, int to, long entry) {
    cache.fill(node, SLOT + from, SLOT + to, entry);
  }

  /** Returns the first slot of {@code [from, to)} that holds another entry, or {@code to}. */
  int mismatch(long node, int from, int to, long entry) {
    return cache.mismatch(node, SLOT + from, SLOT + to, entry) - SLOT;
  }
}
