package dev.broadsheet.core.memory;

import dev.broadsheet.api.memory.KernelLock;
import java.util.concurrent.locks.ReentrantLock;

/** A kernel lock over a Java one that refuses to be taken twice. */
final class PlainLock implements KernelLock {
  private final String label;
  private final ReentrantLock lock = new ReentrantLock();

  PlainLock(String label) {
    this.label = label;
  }

  @Override
  public String label() {
    return label;
  }

  @Override
  public void lock() {
    checkNotHeld();
    lock.lock();
  }

  @Override
  public boolean tryLock() {
    checkNotHeld();
    return lock.tryLock();
  }

  @Override
  public void unlock() {
    if (!lock.isHeldByCurrentThread()) {
      throw new IllegalStateException(
          "lock '" + label + "' released by a thread that does not hold it");
    }
    lock.unlock();
  }

  @Override
  public boolean isHeldByCurrentThread() {
    return lock.isHeldByCurrentThread();
  }

  private void checkNotHeld() {
    if (lock.isHeldByCurrentThread()) {
      throw new IllegalStateException(
          "lock '" + label + "' taken twice by one thread; in the kernel it would wait for ever");
    }
  }
}
