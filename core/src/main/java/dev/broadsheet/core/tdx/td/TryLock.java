package dev.broadsheet.core.tdx.td;

import dev.broadsheet.core.memory.Atomic64;

/**
 * A lock of the module: shared or exclusive, tried once. Nobody waits inside the module; who fails
 * answers {@code TDX_OPERAND_BUSY} and the caller tries again. Any thread may release.
 */
public final class TryLock {
  private static final int EXCLUSIVE = -1;

  /** Number of shared holders, or -1. */
  private final Atomic64 holders;

  /** Creates a free lock; {@code threads} says whether several threads will try it. */
  public TryLock(boolean threads) {
    holders = new Atomic64(threads);
  }

  /** Takes the lock together with other shared holders; returns whether it did. */
  public boolean tryShared() {
    while (true) {
      long old = holders.get();
      if (old == EXCLUSIVE) {
        return false;
      }
      if (holders.compareAndSet(old, old + 1)) {
        return true;
      }
    }
  }

  /** Takes the lock alone; returns whether it did. */
  public boolean tryExclusive() {
    return holders.compareAndSet(0, EXCLUSIVE);
  }

  /** Turns the caller's shared hold into an exclusive one if nobody else shares it. */
  public boolean tryUpgrade() {
    return holders.compareAndSet(1, EXCLUSIVE);
  }

  /** Releases a shared hold. */
  public void unlockShared() {
    if (holders.getAndDecrement() <= 0) {
      throw new IllegalStateException("lock released that was not held shared");
    }
  }

  /** Releases an exclusive hold. */
  public void unlockExclusive() {
    if (!holders.compareAndSet(EXCLUSIVE, 0)) {
      throw new IllegalStateException("lock released that was not held exclusively");
    }
  }

  /** Returns whether nobody holds it. */
  public boolean isFree() {
    return holders.get() == 0;
  }
}
