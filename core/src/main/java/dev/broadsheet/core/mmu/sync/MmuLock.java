package dev.broadsheet.core.mmu.sync;

import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * {@code mmu_lock}: read by faults, write by whoever zaps.
 *
 * <p>A sequential machine needs no waiting, only the check that the rules are kept: then the lock
 * is a number, and taking it twice is an error at once. A machine with real threads has a real
 * lock.
 */
public final class MmuLock {
  /** Told what is held, for books about work done under each lock. */
  public interface Observer {
    /** The lock was taken. */
    void acquired(boolean write);

    /** The lock was released. */
    void released(boolean write);
  }

  private final @Nullable ReentrantReadWriteLock real;
  private @Nullable Observer observer;

  /** Sequential: -1 held for write, else the number of readers. */
  private int state;

  /**
   * Creates the lock, released.
   *
   * @param threads whether several threads will use it
   */
  public MmuLock(boolean threads) {
    this.real = threads ? new ReentrantReadWriteLock() : null;
  }

  /** Sets who is told; null for nobody. */
  public void observe(@Nullable Observer observer) {
    this.observer = observer;
  }

  /** Takes the lock for read. */
  public void lockRead() {
    if (real != null) {
      real.readLock().lock();
    } else {
      if (state < 0) {
        throw new IllegalStateException("mmu_lock taken for read while held for write: a deadlock");
      }
      state++;
    }
    if (observer != null) {
      observer.acquired(false);
    }
  }

  /** Releases the lock after {@link #lockRead}. */
  public void unlockRead() {
    if (observer != null) {
      observer.released(false);
    }
    if (real != null) {
      real.readLock().unlock();
    } else {
      if (state <= 0) {
        throw new IllegalStateException("mmu_lock released for read, but not held");
      }
      state--;
    }
  }

  /** Takes the lock for write. */
  public void lockWrite() {
    if (real != null) {
      if (real.isWriteLockedByCurrentThread() || real.getReadHoldCount() > 0) {
        throw new IllegalStateException("mmu_lock taken twice by one thread: a deadlock");
      }
      real.writeLock().lock();
    } else {
      if (state != 0) {
        throw new IllegalStateException("mmu_lock taken for write while held: a deadlock");
      }
      state = -1;
    }
    if (observer != null) {
      observer.acquired(true);
    }
  }

  /** Releases the lock after {@link #lockWrite}. */
  public void unlockWrite() {
    if (observer != null) {
      observer.released(true);
    }
    if (real != null) {
      real.writeLock().unlock();
    } else {
      if (state != -1) {
        throw new IllegalStateException("mmu_lock released for write, but not held");
      }
      state = 0;
    }
  }

  /** Returns whether the calling thread holds the lock for write. */
  public boolean isHeldForWrite() {
    return real != null ? real.isWriteLockedByCurrentThread() : state < 0;
  }

  /**
   * Checks that the calling thread holds the lock for write.
   *
   * @throws IllegalStateException if it does not
   */
  public void requireWrite() {
    if (!isHeldForWrite()) {
      throw new IllegalStateException("mmu_lock must be held for write here");
    }
  }

  /** Returns whether the calling thread holds the lock in either way. */
  public boolean isHeld() {
    return real != null
        ? real.isWriteLockedByCurrentThread() || real.getReadHoldCount() > 0
        : state != 0;
  }

  /** Returns whether somebody waits ({@code rwlock_needbreak()}). */
  public boolean isContended() {
    return real != null && real.hasQueuedThreads();
  }
}
