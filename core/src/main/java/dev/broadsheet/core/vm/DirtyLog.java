package dev.broadsheet.core.vm;

import dev.broadsheet.core.host.Errno;
import dev.broadsheet.core.memslot.KvmMemslot;
import dev.broadsheet.core.mmu.sync.MmuLock;

/**
 * The dirty log as user space fetches and clears it.
 *
 * <p>Source: Linux v6.12, virt/kvm/kvm_main.c: kvm_get_dirty_log_protect(),
 * kvm_clear_dirty_log_protect(); x86: kvm_arch_mmu_enable_log_dirty_pt_masked().
 */
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
    if (parts.manualProtect.isOn()) {
      for (int i = 0; i < words.length; i++) {
        fetched[i] = DirtyBitmaps.read(words, i);
      }
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

  /**
   * {@code KVM_CLEAR_DIRTY_LOG}. Where logging began with every page dirty, huge leaves are met
   * here for the first time: they are split, or protected so that the next write maps small.
   */
  int clear(int id, long first, long pages, long[] bitmap) {
    KvmMemslot slot = parts.slots.byId(id);
    long[] words = parts.dirty.words(id);
    if (slot == null || words.length == 0) {
      return Errno.ENOENT;
    }
    long all = slot.range().pages();
    if (first < 0
        || pages <= 0
        || (first & 63) != 0
        || first > all
        || pages > all - first
        || ((pages & 63) != 0 && pages < all - first)
        || bitmap.length < (pages + 63) >>> 6) {
      return Errno.EINVAL;
    }
    parts.slotsLock.lock();
    try {
      MmuLock lock = parts.mmu.lock();
      boolean flush = false;
      lock.lockWrite();
      for (int i = 0; i < (pages + 63) >>> 6; i++) {
        int word = (int) (first >>> 6) + i;
        long mask = DirtyBitmaps.clear(words, word, bitmap[i]);
        if (mask != 0) {
          flush = true;
          protect(slot, slot.start() + ((long) word << 6), mask);
        }
      }
      lock.unlockWrite();
      if (flush) {
        parts.mmu.flushRemoteTlbs();
      }
    } finally {
      parts.slotsLock.unlock();
    }
    return 0;
  }

  private void protect(KvmMemslot slot, long gfn, long mask) {
    if (parts.manualProtect.isInitiallySet()) {
      long start = gfn + Long.numberOfTrailingZeros(mask);
      long end = Math.min(slot.end(), gfn + Long.SIZE - Long.numberOfLeadingZeros(mask));
      if (parts.spec.is("eager-split", "on")) {
        parts.logging.splitHugePagesLocked(start, end);
      }
      parts.logging.protectHuge(start, end);
    }
    parts.logging.protectMasked(gfn, mask);
  }
}
