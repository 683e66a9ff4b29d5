package dev.broadsheet.api.memory;

/**
 * A mutex or spinlock of the kernel. It is not reentrant: taking it twice in one thread is a
 * deadlock in the kernel and an {@link IllegalStateException} here, and so is releasing what is not
 * held.
 *
 * <pre>{@code
 * lock.lock();
 * try {
 *   ...
 * } finally {
 *   lock.unlock();
 * }
 * }</pre>
 */
public interface KernelLock {
  /** Returns the label under which waits and holds are booked. */
  String label();

  /** Takes the lock; waits for its owner. Acquires. */
  void lock();

  /** Takes the lock if nobody holds it; returns whether it did. */
  boolean tryLock();

  /** Releases the lock. Releases. */
  void unlock();

  /** Returns whether the calling thread holds the lock (the kernel's {@code lockdep_is_held()}). */
  boolean isHeldByCurrentThread();
}
