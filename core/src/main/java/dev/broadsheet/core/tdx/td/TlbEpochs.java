package dev.broadsheet.core.tdx.td;

import dev.broadsheet.core.memory.Atomic64;
import dev.broadsheet.core.memory.StripedCount;

/**
 * TLB tracking of a TD: the epoch, and how many vCPUs are inside since the current and since the
 * previous epoch.
 *
 * <p>A block records the epoch b. A TRACK moves the epoch on; every later entry flushes. So a block
 * is tracked when the epoch has moved past b and every vCPU that entered in b has left once. Two
 * counters, by parity, suffice: TRACK refuses to move on while the previous epoch is in use.
 *
 * <p>Entries take {@link #lock} shared, TRACK exclusively. Source: TDX module 1.5.05, helpers.h:
 * is_tlb_tracked(); tdh_vp_enter.c: adjust_tlb_tracking_state().
 */
public final class TlbEpochs {
  /** The TD's epoch lock. */
  public final TryLock lock;

  private final Atomic64 epoch;
  private final StripedCount insideEven;
  private final StripedCount insideOdd;

  /** Starts in epoch 1 with nobody inside. */
  public TlbEpochs(boolean threads) {
    lock = new TryLock(threads);
    epoch = new Atomic64(threads, 1);
    insideEven = new StripedCount(threads);
    insideOdd = new StripedCount(threads);
  }

  private StripedCount counter(long ofEpoch) {
    return (ofEpoch & 1) == 0 ? insideEven : insideOdd;
  }

  /** Returns the current epoch; it starts at 1 and never decreases. */
  public long epoch() {
    return epoch.get();
  }

  /** Books a vCPU that enters; returns its epoch. The caller holds {@link #lock} shared. */
  public long enter() {
    long now = epoch.get();
    counter(now).add(1);
    return now;
  }

  /** Books a vCPU that leaves after it entered in {@code entered}. */
  public void leave(long entered) {
    counter(entered).add(-1);
  }

  /** Moves to the next epoch; the caller holds {@link #lock} alone. Returns whether it could. */
  public boolean track() {
    long now = epoch.get();
    if (counter(now - 1).get() != 0) {
      return false;
    }
    epoch.set(now + 1);
    return true;
  }

  /** Returns whether no TLB can hold a translation that was blocked in epoch {@code blocked}. */
  public boolean isTracked(long blocked) {
    while (true) {
      long now = epoch.get();
      if (blocked < now - 1) {
        return true;
      }
      boolean quiet = blocked == now - 1 && counter(blocked).get() == 0;
      if (epoch.get() == now) {
        return quiet;
      }
    }
  }

  /** Returns how many vCPUs are inside since an epoch of this parity. */
  public long inside(int parity) {
    return counter(parity).get();
  }
}
