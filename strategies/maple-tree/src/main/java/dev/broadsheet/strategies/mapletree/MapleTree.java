package dev.broadsheet.strategies.mapletree;

import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.memory.ElementWidth;
import dev.broadsheet.api.memory.KernelArray;
import dev.broadsheet.api.memory.KernelMemory;

/**
 * A tree of ranges from indexes to values, in the shape of the kernel's maple tree: 16 slots in a
 * node, all leaves at one depth, every index covered, neighbours with equal values in one range.
 *
 * <p>Look-ups are lockless and safe at any time inside an RCU read section; everything else belongs
 * to one thread at a time. A range is stored in two steps: {@link #prepare} takes all memory and
 * builds, {@link #commit} puts it in place and cannot fail.
 */
final class MapleTree {
  /** The last index: gfns have 52 bits. */
  static final long LAST = (1L << 52) - 1;

  private static final int HEAD = 0;

  /** The head holds the top node's handle, and above it the number of levels. */
  private static final int HEIGHT_SHIFT = 40;

  private static final long HANDLE = (1L << HEIGHT_SHIFT) - 1;

  /** What a walk shall bring back. */
  private enum Ask {
    ENTRY,
    LAST_OF_RANGE,
    LARGEST_BLOCK
  }

  private final KernelArray head;
  private final MapleNodes nodes;
  private final MapleRebuild rebuild;

  /**
   * Creates a tree with one range.
   *
   * @throws dev.broadsheet.api.memory.KernelOutOfMemoryException if there is no memory; nothing is
   *     left allocated then
   */
  MapleTree(KernelMemory memory, int value) {
    this.nodes = new MapleNodes(memory);
    long leaf = nodes.allocate();
    nodes.put(leaf, 0, LAST, entry(value));
    nodes.setCount(leaf, 1);
    KernelArray newHead;
    try {
      newHead = memory.array("maple_head", ElementWidth.U64, 2);
    } catch (RuntimeException e) {
      nodes.freeNow(leaf);
      throw e;
    }
    this.head = newHead;
    setTop(leaf, 1);
    this.rebuild = new MapleRebuild(this, nodes);
  }

  /** A value as the kernel stores it: 0 is a value, not the lack of one. */
  private static long entry(int value) {
    return (long) value << 1 | 1;
  }

  private static int value(long entry) {
    return (int) (entry >>> 1);
  }

  /** Returns the value at an index. */
  int get(long index) {
    return value(walk(index, Ask.ENTRY));
  }

  /** Returns the last index of the range that holds {@code index}. */
  long lastOfRange(long index) {
    return walk(index, Ask.LAST_OF_RANGE);
  }

  /** Returns the largest level whose block around {@code index} lies in one range. */
  PageLevel largestBlock(long index) {
    return PageLevel.of((int) walk(index, Ask.LARGEST_BLOCK));
  }

  /** Returns the entry at an index, for the writer. */
  long load(long index) {
    return walk(index, Ask.ENTRY);
  }

  private long walk(long index, Ask ask) {
    long word = head.get(HEAD);
    long node = word & HANDLE;
    long first = 0;
    long last = LAST;
    for (int below = (int) (word >>> HEIGHT_SHIFT) - 1; ; below--) {
      int slot = 0;
      for (int end = nodes.count(node) - 1; slot < end; slot++) {
        long pivot = nodes.pivot(node, slot);
        if (index <= pivot) {
          last = pivot;
          break;
        }
        first = pivot + 1;
      }
      if (below == 0) {
        return switch (ask) {
          case ENTRY -> nodes.slot(node, slot);
          case LAST_OF_RANGE -> last;
          case LARGEST_BLOCK -> largestBlock(index, first, last).number();
        };
      }
      node = nodes.slot(node, slot);
    }
  }

  private static PageLevel largestBlock(long index, long first, long last) {
    PageLevel level = PageLevel.PG_LEVEL_1G;
    while (level != PageLevel.PG_LEVEL_4K) {
      long start = level.roundDown(index);
      if (first <= start && start + level.pages() - 1 <= last) {
        return level;
      }
      level = level.below();
    }
    return level;
  }

  /**
   * Builds what {@link #commit} will put in place, or {@link #cancel} gives back.
   *
   * @throws dev.broadsheet.api.memory.KernelOutOfMemoryException if there is no memory; nothing has
   *     changed then
   */
  void prepare(long from, long to, int value) {
    rebuild.build(from, to, entry(value));
  }

  /** Stores what was prepared: readers see all of it at once. */
  void commit() {
    rebuild.publish();
  }

  void cancel() {
    rebuild.cancel();
  }

  long top() {
    return head.getPlain(HEAD) & HANDLE;
  }

  /** Returns the number of levels, at least 1. */
  int height() {
    return (int) (head.getPlain(HEAD) >>> HEIGHT_SHIFT);
  }

  void setTop(long node, int height) {
    head.set(HEAD, node | (long) height << HEIGHT_SHIFT);
  }

  long nodes() {
    return nodes.live();
  }

  void audit() {
    new MapleAudit(nodes).check(top(), height());
  }

  /** Frees the tree. Nobody may read any more. */
  void free() {
    free(top(), height());
    head.free();
  }

  private void free(long node, int height) {
    if (height > 1) {
      for (int slot = 0; slot < nodes.count(node); slot++) {
        free(nodes.slot(node, slot), height - 1);
      }
    }
    nodes.freeNow(node);
  }
}
