package dev.broadsheet.core.memory;

import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A lock for many readers that do not slow each other down, and now and then a writer: the kernel's
 * {@code percpu_rw_semaphore}.
 *
 * <p>A reader counts itself and looks for a writer; a writer says that it is there and waits until
 * nobody is counted. Who meets a writer queues behind it; whoever queues goes first come, first
 * served. Not reentrant: a thread that takes it twice, but for the write side taken under the write
 * side, waits for itself.
 */
public final class StripedLock {
  private static final int SPINS = 1000;
  private static final int NAP_NANOS = 10_000;

  private final String name;
  private final StripedCounts readers = new StripedCounts(1);
  private final ReentrantLock queue = new ReentrantLock(/* fair= */ true);
  private volatile @Nullable Thread writer;

  /**
   * Creates the lock, released.
   *
   * @param name what messages call it
   */
  public StripedLock(String name) {
    this.name = name;
  }

  /**
   * Takes the lock together with other readers.
   *
   * @throws IllegalStateException if the calling thread holds it for write
   */
  public void lockRead() {
    readers.add(0, 1);
    if (writer != null) {
      readers.add(0, -1);
      queueToRead();
    }
  }

  private void queueToRead() {
    if (isHeldForWrite()) {
      throw new IllegalStateException(name + " taken for read while held for write: a deadlock");
    }
    queue.lock();
    try {
      readers.add(0, 1);
    } finally {
      queue.unlock();
    }
  }

  /** Releases the lock after {@link #lockRead}, by whichever thread. */
  public void unlockRead() {
    readers.add(0, -1);
  }

  /**
   * Takes the lock alone.
   *
   * @throws IllegalStateException if the calling thread holds it for write, or if it was released
   *     for read more often than taken
   */
  public void lockWrite() {
    if (isHeldForWrite()) {
      throw new IllegalStateException(name + " taken for write while held: a deadlock");
    }
    queue.lock();
    writer = Thread.currentThread();
    // Relies on: who reads from here on sees the writer, so that the sum can only fall.
    for (int spins = 0; isRead(); spins++) {
      if (spins < SPINS) {
        Thread.onSpinWait();
      } else {
        LockSupport.parkNanos(NAP_NANOS);
      }
    }
  }

  private boolean isRead() {
    long reading = readers.sum(0);
    if (reading < 0) {
      unlockWrite();
      throw new IllegalStateException(name + " released for read, but not held");
    }
    return reading != 0;
  }

  /**
   * Releases the lock after {@link #lockWrite}.
   *
   * @throws IllegalStateException if the calling thread does not hold it
   */
  public void unlockWrite() {
    if (!isHeldForWrite()) {
      throw new IllegalStateException(name + " released for write, but not held");
    }
    writer = null;
    queue.unlock();
  }

  /** Returns whether the calling thread holds the lock for write. */
  public boolean isHeldForWrite() {
    return writer == Thread.currentThread();
  }

  /** Returns whether any thread holds it, in either way. */
  public boolean isHeld() {
    return writer != null || readers.sum(0) != 0;
  }

  /** Returns whether somebody waits for what the calling thread holds. */
  public boolean isContended() {
    return queue.hasQueuedThreads() || (writer != null && !isHeldForWrite());
  }
}
