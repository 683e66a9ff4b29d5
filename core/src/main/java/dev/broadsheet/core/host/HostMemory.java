package dev.broadsheet.core.host;

import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * The frames of the host: a buddy allocator with blocks of 4 KiB to 1 GiB, lowest address first, so
 * that equal requests give equal frames.
 *
 * <p><b>Fragmentation.</b> With a setting of {@code f}, each aligned 2M block of frames has, with
 * probability {@code f}, one frame that belongs to somebody else for good: no 2M page fits there,
 * and no 1G page around it. Which ones is decided by the seed and the block's place alone.
 *
 * <p><b>Threads.</b> Where each thread has frames at hand, it takes a free 2M block for itself, the
 * lowest, and single frames from it: then small pages break more large blocks than one thread's
 * would. Frames at hand are given out to whoever finds no other.
 *
 * <p>Costs no Java memory for a gigabyte that is wholly free or taken as one block. Safe for use
 * from many threads.
 */
public final class HostMemory {
  /** Returned when no block is free. */
  public static final long NONE = -1;

  private static final int CHUNK_SHIFT = BuddyChunk.MAX_ORDER;
  private static final int BLOCK_PAGES = 512;

  private final long frames;
  private final double fragmentation;
  private final long seed;
  private final boolean threads;

  /** Guarded by this. Null where the gigabyte was not broken up. */
  private final @Nullable BuddyChunk[] chunks;

  /** Guarded by this. Whether a gigabyte that was not broken up is taken as one block. */
  private final boolean[] taken;

  /**
   * Guarded by this. {@code hint[order]}: no chunk below has a free block of that order or larger.
   */
  private final int[] hint = new int[BuddyChunk.MAX_ORDER + 1];

  /** Guarded by this. */
  private long allocated;

  /** Frames that threads have at hand, neither free nor handed out; null if they have none. */
  private final @Nullable FrameLists lists;

  /** Kept, so that nothing is allocated where frames are. */
  private final FrameLists.Unused giveEach = this::giveEach;

  private final SharedBacking.ZeroPages zeroPages = new SharedBacking.ZeroPages(this);

  /**
   * Creates a host with all its frames free, but for those that fragment it.
   *
   * @param frames number of 4 KiB frames
   * @param fragmentation share of 2M blocks that are no longer whole, 0 to 1
   * @param seed decides which
   */
  public HostMemory(long frames, double fragmentation, long seed) {
    this(frames, fragmentation, seed, /* threads= */ true, /* atHand= */ false);
  }

  /**
   * As {@link #HostMemory(long, double, long)}.
   *
   * @param threads whether several threads will use this memory and what stands on it
   * @param atHand whether each of them has frames at hand, so that they do not wait for each other;
   *     which frame a thread gets then depends on the thread
   */
  public HostMemory(long frames, double fragmentation, long seed, boolean threads, boolean atHand) {
    if (frames < 1 || frames >= 1L << 32) {
      throw new IllegalArgumentException(
          "a host of " + frames + " frames; give 1 to 2^32 - 1, which is 16 TiB");
    }
    if (!(fragmentation >= 0 && fragmentation <= 1)) {
      throw new IllegalArgumentException(
          "fragmentation " + fragmentation + "; give a share from 0 to 1");
    }
    this.frames = frames;
    this.fragmentation = fragmentation;
    this.seed = seed;
    this.threads = threads;
    this.lists = threads && atHand ? new FrameLists() : null;
    int count = Math.toIntExact((frames + (1L << CHUNK_SHIFT) - 1) >>> CHUNK_SHIFT);
    this.chunks = new BuddyChunk[count];
    this.taken = new boolean[count];
  }

  /** Creates a host that is not fragmented. */
  public HostMemory(long frames) {
    this(frames, 0, 0);
  }

  /** Returns whether several threads use this memory. */
  boolean hasThreads() {
    return threads;
  }

  /** Returns the number of frames; pfns are below it. */
  public long frames() {
    return frames;
  }

  SharedBacking.ZeroPages zeroPages() {
    return zeroPages;
  }

  /** Returns the number of frames that were handed out and not given back. */
  public synchronized long allocated() {
    return allocated - (lists == null ? 0 : lists.waiting());
  }

  /**
   * Takes a block of {@code 2^order} frames, aligned to its size.
   *
   * @param order 0 to 18
   * @return its first frame, or {@link #NONE}
   */
  public long allocate(int order) {
    if (!threads) {
      return take(order);
    }
    long pfn = order == 0 && lists != null ? lists.take() : NONE;
    return pfn != NONE ? pfn : takeAmongThreads(order);
  }

  private synchronized long takeAmongThreads(int order) {
    if (lists == null) {
      return take(order);
    }
    if (order == 0) {
      long block = take(FrameLists.ORDER);
      if (block != NONE) {
        int others = (1 << FrameLists.ORDER) - 1;
        if (!lists.offer(block + 1, others)) {
          giveEach(block + 1, others);
        }
        return block;
      }
    }
    long pfn = take(order);
    if (pfn == NONE) {
      lists.drain(giveEach);
      pfn = take(order);
    }
    return pfn;
  }

  private void giveEach(long first, int count) {
    for (long pfn = first; pfn < first + count; pfn++) {
      give(pfn, 0);
    }
  }

  private long take(int order) {
    for (int i = hint[order]; i < taken.length; i++) {
      if (hasBlock(i, order)) {
        raiseHints(order, i);
        allocated += 1L << order;
        return ((long) i << CHUNK_SHIFT) + takeFrom(i, order);
      }
    }
    raiseHints(order, taken.length);
    return NONE;
  }

  private void raiseHints(int order, int chunk) {
    if (hint[order] == chunk) {
      return; // those of larger orders are no lower
    }
    for (int larger = order; larger < hint.length; larger++) {
      hint[larger] = Math.max(hint[larger], chunk);
    }
  }

  private boolean hasBlock(int index, int order) {
    BuddyChunk chunk = chunks[index];
    if (chunk == null && !taken[index] && (fragmentation > 0 || !isFull(index))) {
      chunk = breakUp(index);
    }
    return chunk == null ? !taken[index] : chunk.has(order);
  }

  private boolean isFull(int index) {
    return ((long) index + 1) << CHUNK_SHIFT <= frames;
  }

  private int takeFrom(int index, int order) {
    if (order == BuddyChunk.MAX_ORDER) {
      chunks[index] = null;
      taken[index] = true;
      return 0;
    }
    BuddyChunk chunk = chunks[index];
    return (chunk == null ? breakUp(index) : chunk).take(order);
  }

  private BuddyChunk breakUp(int index) {
    long start = (long) index << CHUNK_SHIFT;
    int size = (int) Math.min(frames - start, 1L << CHUNK_SHIFT);
    BuddyChunk chunk = new BuddyChunk(size);
    if (fragmentation > 0) {
      Random random = new Random(seed * 0x9e3779b97f4a7c15L + index);
      for (int block = 0; block + BLOCK_PAGES <= size; block += BLOCK_PAGES) {
        boolean broken = random.nextDouble() < fragmentation;
        int frame = block + random.nextInt(BLOCK_PAGES);
        if (broken) {
          chunk.takeAt(frame);
        }
      }
    }
    chunks[index] = chunk;
    return chunk;
  }

  /**
   * Gives frames back. A block may be given back whole or in aligned parts.
   *
   * @throws IllegalStateException if one of the frames is free already
   */
  public void free(long pfn, int order) {
    if (!threads) {
      give(pfn, order);
      return;
    }
    synchronized (this) {
      give(pfn, order);
    }
  }

  private void give(long pfn, int order) {
    int index = Math.toIntExact(pfn >>> CHUNK_SHIFT);
    int frame = (int) (pfn & ((1L << CHUNK_SHIFT) - 1));
    if (pfn < 0 || pfn + (1L << order) > frames || (frame & ((1 << order) - 1)) != 0) {
      throw new IllegalArgumentException(
          "no block of order %d at pfn 0x%x; frames end at 0x%x".formatted(order, pfn, frames));
    }
    allocated -= 1L << order;
    if (taken[index]) {
      taken[index] = false;
      if (order == BuddyChunk.MAX_ORDER) {
        lowerHints(index);
        return;
      }
      chunks[index] = new BuddyChunk(0);
    }
    BuddyChunk chunk = chunks[index];
    if (chunk == null || chunk.overlapsFree(frame, order)) {
      throw new IllegalStateException("pfn 0x%x, order %d, is free already".formatted(pfn, order));
    }
    chunk.give(frame, order);
    if (chunk.isWhole() && fragmentation == 0) {
      chunks[index] = null;
    }
    lowerHints(index);
  }

  private void lowerHints(int index) {
    for (int order = 0; order < hint.length; order++) {
      hint[order] = Math.min(hint[order], index);
    }
  }
}
