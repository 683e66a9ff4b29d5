package dev.broadsheet.core.mmu.sync;

import java.util.Arrays;

/**
 * How a fault finds out that a zap has happened, or is happening, since it looked.
 *
 * <p>Whoever zaps opens a window ({@link #begin}), names ranges ({@link #add}) and closes it
 * ({@link #end}). A fault notes the sequence before it looks anything up, and gives up under {@code
 * mmu_lock} if the sequence moved or an open window covers its gfn. The same counter serves
 * host-side changes and attribute changes.
 *
 * <p>KVM keeps one range, the union of all that was added since the first window opened. The policy
 * {@code per-range} keeps them apart, so that a fault between two ranges goes through.
 *
 * <p>Changes are made with {@code mmu_lock} held for write; the tests are valid with it held, and a
 * hint without. Source: Linux v6.12, virt/kvm/kvm_main.c: kvm_mmu_invalidate_begin().
 */
public final class Invalidation {
  private final boolean union;
  private volatile long sequence;
  private volatile int inProgress;
  private volatile long start = -1;
  private volatile long end = -1;

  /** Policy per-range: pairs of start and end; guarded by mmu_lock. */
  private long[] ranges = new long[8];

  private int rangeCount;

  /**
   * Creates the protocol's state.
   *
   * @param union KVM's single range, rather than one per call of {@link #add}
   */
  public Invalidation(boolean union) {
    this.union = union;
  }

  /** Returns the number of windows that were ever closed. */
  public long sequence() {
    return sequence;
  }

  /** Opens a window. */
  public void begin() {
    int now = inProgress + 1;
    inProgress = now;
    if (now == 1) {
      start = -1;
      end = -1;
      rangeCount = 0;
    }
  }

  /** Adds a range of gfns to the open windows. */
  public void add(long rangeStart, long rangeEnd) {
    if (inProgress == 0) {
      throw new IllegalStateException("a range was added while no invalidation is open");
    }
    if (start < 0) {
      start = rangeStart;
      end = rangeEnd;
    } else {
      start = Math.min(start, rangeStart);
      end = Math.max(end, rangeEnd);
    }
    if (!union) {
      if (rangeCount == ranges.length) {
        ranges = Arrays.copyOf(ranges, 2 * rangeCount);
      }
      ranges[rangeCount] = rangeStart;
      ranges[rangeCount + 1] = rangeEnd;
      rangeCount += 2;
    }
  }

  /** Closes a window. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer at a time: mmu_lock is held for write
  public void end() {
    if (inProgress == 0) {
      throw new IllegalStateException("an invalidation ended that never began");
    }
    if (start < 0) {
      throw new IllegalStateException("an invalidation ended that named no range");
    }
    sequence = sequence + 1;
    inProgress = inProgress - 1;
  }

  /** Returns whether a window is open. */
  public boolean isOpen() {
    return inProgress > 0;
  }

  /** Returns whether an open window covers {@code gfn}. */
  public boolean covers(long gfn) {
    if (inProgress == 0 || gfn < start || gfn >= end) {
      return false;
    }
    if (union) {
      return true;
    }
    for (int i = 0; i < rangeCount; i += 2) {
      if (gfn >= ranges[i] && gfn < ranges[i + 1]) {
        return true;
      }
    }
    return false;
  }

  /** Returns whether a fault that noted {@code seen} must retry. */
  public boolean mustRetry(long seen, long gfn) {
    return covers(gfn) || sequence != seen;
  }
}
