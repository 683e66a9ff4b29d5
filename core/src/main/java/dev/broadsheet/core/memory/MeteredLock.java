package dev.broadsheet.core.memory;

import dev.broadsheet.api.memory.KernelLock;

/** A lock that books the work done while it is held. */
final class MeteredLock implements KernelLock {
  private final KernelLock inner;
  private final LockBook.Hold hold;

  MeteredLock(KernelLock inner, LockBook.Hold hold) {
    this.inner = inner;
    this.hold = hold;
  }

  @Override
  public String label() {
    return inner.label();
  }

  @Override
  public void lock() {
    inner.lock();
    hold.begin();
  }

  @Override
  public boolean tryLock() {
    boolean taken = inner.tryLock();
    if (taken) {
      hold.begin();
    }
    return taken;
  }

  @Override
  public void unlock() {
    if (inner.isHeldByCurrentThread()) {
      hold.end();
    }
    inner.unlock();
  }

  @Override
  public boolean isHeldByCurrentThread() {
    return inner.isHeldByCurrentThread();
  }
}
