package dev.broadsheet.core.vm;

import dev.broadsheet.core.memslot.KvmMemslot;
import dev.broadsheet.core.mmu.sync.MmuLock;

/** The dirty log as user space fetches it. */
final class DirtyLog {
  private final VmParts parts;

  DirtyLog(VmParts parts) {
    this.parts = parts;
  }

  long[] fetch(int id) {
    KvmMemslot slot = parts.slots.byId(id);
    long[] words = parts.dirty.words(id);
    long[] fetched = new long[words.length];
    if (slot == null) {
      return fetched;
    }
    MmuLock lock = parts.mmu.lock();
    parts.slotsLock.lock();
    try {
      boolean flush = false;
      lock.lockWrite();
      for (int i = 0; i < words.length; i++) {
        long mask = DirtyBitmaps.take(words, i);
        fetched[i] = mask;
        if (mask != 0) {
          flush = true;
          parts.logging.protectMasked(slot.start() + ((long) i << 6), mask);
        }
      }
      lock.unlockWrite();
      if (flush) {
        parts.mmu.flushRemoteTlbs();
      }
    } finally {
      parts.slotsLock.unlock();
    }
    return fetched;
  }
}
