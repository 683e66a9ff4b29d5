package dev.broadsheet.core.tdx.td;

import dev.broadsheet.core.memory.Atomic64;
import dev.broadsheet.core.memory.StripedCount;

/**
 * A lock of the module: shared or exclusive, tried once. Nobody waits inside the module; who fails
 * answers {@code TDX_OPERAND_BUSY} and the caller tries again. Any thread may release.
 *
 * <p>Shared holders are counted by stripes, so that vCPUs which share a lock at every exit do not
 * slow each other down. Who shares counts itself and then looks whether somebody wants the lock
 * alone; who wants it alone says so and then looks whether somebody shares it. If the two meet, the
 * shared try is busy, and the other one may be.
 */
public final class TryLock {
  private static final int FREE = 0;
  private static final int EXCLUSIVE = 1;

  private final StripedCount sharers;
  private final Atomic64 alone;

  /** Creates a free lock; {@code threads} says whether several threads will try it. */
  public TryLock(boolean threads) {
    sharers = new StripedCount(threads);
    alone = new Atomic64(threads);
  }

  /** Takes the lock together with other shared holders; returns whether it did. */
  public boolean tryShared() {
    sharers.add(1);
    if (alone.get() == FREE) {
      return true;
    }
    sharers.add(-1);
    return false;
  }

  /** Takes the lock alone; returns whether it did. */
  public boolean tryExclusive() {
    return tryAlone(0);
  }

  /** Turns the caller's shared hold into an exclusive one if nobody else shares it. */
  public boolean tryUpgrade() {
    if (!tryAlone(1)) {
      return false;
    }
    sharers.add(-1);
    return true;
  }

  /**
   * Takes the lock if there are just {@code own} sharers, the caller's. Looks for others before it
   * says anything, so that a try that must fail makes nobody busy.
   */
  private boolean tryAlone(long own) {
    if (sharers.get() != own || !alone.compareAndSet(FREE, EXCLUSIVE)) {
      return false;
    }
    // Relies on: who shares from here on sees the flag, so that the sum can only fall.
    long found = sharers.get();
    if (found == own) {
      return true;
    }
    alone.set(FREE);
    if (found < own) {
      throw notHeld();
    }
    return false;
  }

  /** Releases a shared hold. */
  public void unlockShared() {
    sharers.add(-1);
  }

  /** Releases an exclusive hold. */
  public void unlockExclusive() {
    if (!alone.compareAndSet(EXCLUSIVE, FREE)) {
      throw new IllegalStateException("lock released that was not held exclusively");
    }
  }

  /**
   * Returns whether nobody holds it.
   *
   * @throws IllegalStateException if it was released more often than taken
   */
  public boolean isFree() {
    long shared = sharers.get();
    if (shared < 0) {
      throw notHeld();
    }
    return shared == 0 && alone.get() == FREE;
  }

  private static IllegalStateException notHeld() {
    return new IllegalStateException("lock released that was not held shared");
  }
}
