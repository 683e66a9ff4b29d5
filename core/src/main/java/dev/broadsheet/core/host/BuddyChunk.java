package dev.broadsheet.core.host;

/**
 * The free blocks of one aligned gigabyte of frames that was broken up: a buddy allocator over
 * orders 0 to 18. Not thread-safe; {@link HostMemory} guards it.
 */
final class BuddyChunk {
  static final int MAX_ORDER = 18;

  /** {@code free[order]} has each free block of that order, in units of it. */
  private final FreeBlocks[] free = new FreeBlocks[MAX_ORDER + 1];

  /** Bit i: there is a free block of order i. */
  private int orders;

  /** Creates a chunk with its first {@code frames} free, all else missing. */
  BuddyChunk(int frames) {
    for (int order = 0; order <= MAX_ORDER; order++) {
      free[order] = new FreeBlocks();
    }
    int at = 0;
    for (int order = MAX_ORDER; order >= 0; order--) {
      if ((frames & (1 << order)) != 0) {
        add(at, order);
        at += 1 << order;
      }
    }
  }

  /** Returns whether a block of this order can be taken. */
  boolean has(int order) {
    return (orders >>> order) != 0;
  }

  /** Returns whether the whole gigabyte is free. */
  boolean isWhole() {
    return (orders >>> MAX_ORDER) != 0;
  }

  /** Takes the lowest block of the smallest order that suffices; {@link #has} is true. */
  int take(int order) {
    int from = order + Integer.numberOfTrailingZeros(orders >>> order);
    FreeBlocks blocks = free[from];
    int at = blocks.takeFirst() << from;
    if (blocks.isEmpty()) {
      orders &= ~(1 << from);
    }
    giveBackBehind(at, order, from);
    return at;
  }

  /** Takes the frame at a place if it is free; returns whether it was. */
  boolean takeAt(int frame) {
    for (int order = 0; order <= MAX_ORDER; order++) {
      if (free[order].get(frame >>> order)) {
        int block = frame >>> order << order;
        remove(block, order);
        for (int half = order - 1; half >= 0; half--) {
          int other = (frame >>> half ^ 1) << half;
          add(other, half);
        }
        return true;
      }
    }
    return false;
  }

  private void giveBackBehind(int at, int order, int from) {
    for (int half = from - 1; half >= order; half--) {
      add(at + (1 << half), half);
    }
  }

  /** Gives a block back and merges it with its free buddies. */
  void give(int frame, int order) {
    int at = frame;
    int size = order;
    while (size < MAX_ORDER && free[size].get(at >>> size ^ 1)) {
      remove((at >>> size ^ 1) << size, size);
      size++;
      at = at >>> size << size;
    }
    add(at, size);
  }

  /** Returns whether any frame of the block is free: it cannot be given back again. */
  boolean overlapsFree(int frame, int order) {
    for (int size = order; size <= MAX_ORDER; size++) {
      if (free[size].get(frame >>> size)) {
        return true;
      }
    }
    for (int size = order - 1; size >= 0; size--) {
      if (free[size].hasAny(frame >>> size, (frame + (1 << order)) >>> size)) {
        return true;
      }
    }
    return false;
  }

  private void add(int at, int order) {
    free[order].add(at >>> order);
    orders |= 1 << order;
  }

  private void remove(int at, int order) {
    free[order].remove(at >>> order);
    if (free[order].isEmpty()) {
      orders &= ~(1 << order);
    }
  }
}
