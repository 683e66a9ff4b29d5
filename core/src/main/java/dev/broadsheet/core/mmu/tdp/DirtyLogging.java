package dev.broadsheet.core.mmu.tdp;

import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import dev.broadsheet.core.memslot.KvmMemslot;
import dev.broadsheet.core.mmu.MmuCounter;
import dev.broadsheet.core.mmu.MmuListener;
import dev.broadsheet.core.mmu.spte.Spte;
import dev.broadsheet.core.mmu.spte.SpteLayout;
import dev.broadsheet.core.mmu.sync.MmuLock;

/**
 * What dirty logging does to a slot's entries: splits, write-protection, clearing, and the way back
 * to huge pages. Works on the direct tree; private memory of a TD is never logged.
 *
 * <p>Source: Linux v6.12, arch/x86/kvm/x86.c: kvm_mmu_slot_apply_flags(); tdp_mmu.c:
 * tdp_mmu_split_huge_pages_root(), wrprot_gfn_range(), zap_collapsible_spte_range(); v6.16:
 * recover_huge_pages_range().
 */
public final class DirtyLogging {
  /** Says how large a block may be mapped, as far as slot, attributes and host go. */
  public interface LevelLimit {
    /** Returns the largest level, 1 to 3, for a gfn of the slot. */
    int max(KvmMemslot slot, long gfn);
  }

  private final TdpMmu mmu;
  private final TdpTree tree;
  private final VcpuCaches stock;
  private final LevelLimit limit;
  private final boolean dirtyBits;
  private final boolean recoversInPlace;
  private final TdpIterator it;

  /**
   * Creates the operations.
   *
   * @param stock tables for splits, apart from those of the vCPUs
   * @param limit how large a block may be mapped now
   * @param dirtyBits whether hardware logs pages whose dirty bit it sets (PML), so that 4K leaves
   *     stay writable and lose that bit instead
   * @param recoversInPlace whether huge leaves come back at once when logging ends (6.13 and later)
   */
  public DirtyLogging(
      TdpMmu mmu, VcpuCaches stock, LevelLimit limit, boolean dirtyBits, boolean recoversInPlace) {
    this.mmu = mmu;
    this.tree = mmu.direct();
    this.stock = stock;
    this.limit = limit;
    this.dirtyBits = dirtyBits;
    this.recoversInPlace = recoversInPlace;
    this.it = new TdpIterator(tree);
  }

  /**
   * Replaces all huge leaves of a range by tables of 4K leaves. Memory for a table is taken with
   * the lock given up; if there is none, the rest stays huge, which is no error.
   */
  public void splitHugePages(long start, long end) {
    mmu.lock().lockRead();
    try {
      splitHugePages(start, end, /* exclusive= */ false);
    } finally {
      mmu.lock().unlockRead();
    }
  }

  /** As {@link #splitHugePages}, with {@code mmu_lock} held for write, which may be given up. */
  public void splitHugePagesLocked(long start, long end) {
    mmu.lock().requireWrite();
    splitHugePages(start, end, /* exclusive= */ true);
  }

  private void splitHugePages(long start, long end, boolean exclusive) {
    for (long root : mmu.roots().of(tree)) {
      it.start(tree, root, 2, start);
      while (it.isValid() && it.gfn() < end) {
        if (!Spte.isLeaf(it.spte(), it.level())) {
          it.next();
          continue;
        }
        if (stock.stockedTables(tree) == 0) {
          if (!topUpUnlocked(exclusive)) {
            reportNoMemory();
            return;
          }
          it.restart();
          continue;
        }
        long table = mmu.links().newTable(it, stock);
        if (mmu.links().split(it, table) != SpteWriter.WRITTEN) {
          mmu.links().dropTable(tree, table);
          continue;
        }
        it.next();
      }
    }
  }

  private boolean topUpUnlocked(boolean exclusive) {
    MmuLock lock = mmu.lock();
    if (exclusive) {
      lock.unlockWrite();
    } else {
      lock.unlockRead();
    }
    try {
      stock.topUp(tree);
      return true;
    } catch (KernelOutOfMemoryException e) {
      return false;
    } finally {
      if (exclusive) {
        lock.lockWrite();
      } else {
        lock.lockRead();
      }
    }
  }

  /**
   * Write-protects the huge leaves that overlap {@code [start, end)}, so that the next write to
   * each maps small; {@code mmu_lock} is held for write.
   */
  public void protectHuge(long start, long end) {
    for (long root : mmu.roots().of(tree)) {
      it.start(tree, root, 2, start);
      while (it.isValid() && it.gfn() < end) {
        if (Spte.isLeaf(it.spte(), it.level()) && (it.spte() & SpteLayout.WRITABLE) != 0) {
          mmu.changes().write(it, it.spte() & ~SpteLayout.WRITABLE);
        }
        it.next();
      }
    }
  }

  private void reportNoMemory() {
    MmuListener listener = mmu.listener();
    if (listener != null) {
      listener.split(tree.isMirror(), it.gfn(), it.spte(), it.level(), -12);
    }
  }

  /**
   * Makes the next write to every page of a slot noticeable, then flushes: leaves lose the writable
   * bit; with dirty bits only huge ones do, and 4K leaves lose the dirty bit.
   */
  public void writeProtect(KvmMemslot slot) {
    mmu.lock().lockRead();
    try {
      for (long root : mmu.roots().of(tree)) {
        it.start(tree, root, 1, slot.start());
        while (it.isValid() && it.gfn() < slot.end()) {
          long bit = trackingBit(it.level());
          if (Spte.isLeaf(it.spte(), it.level())
              && (it.spte() & bit) != 0
              && mmu.changes().tryWrite(it, it.spte() & ~bit) != SpteWriter.WRITTEN) {
            continue;
          }
          it.next();
        }
      }
    } finally {
      mmu.lock().unlockRead();
    }
    mmu.flushRemoteTlbs();
  }

  private long trackingBit(int level) {
    return dirtyBits && level == 1 ? tree.layout().dirtyMask() : SpteLayout.WRITABLE;
  }

  /**
   * Write-protects, or clears the dirty bits of, the 4K leaves of those pages whose bits are set,
   * so that the next write is noticed; {@code mmu_lock} is held for write.
   *
   * @param gfn the page of bit 0
   * @param mask one bit for each of 64 pages
   */
  public void protectMasked(long gfn, long mask) {
    long left = mask;
    for (long root : mmu.roots().of(tree)) {
      it.start(tree, root, 1, gfn + Long.numberOfTrailingZeros(mask));
      while (it.isValid() && it.gfn() < gfn + Long.SIZE && left != 0) {
        long bit = 1L << (it.gfn() - gfn);
        if (it.level() == 1 && Spte.isPresent(it.spte()) && (left & bit) != 0) {
          left &= ~bit;
          if ((it.spte() & trackingBit(1)) != 0) {
            mmu.changes().write(it, it.spte() & ~trackingBit(1));
          }
        }
        it.next();
      }
    }
  }

  /**
   * After logging ended, drops the tables in whose place a huge leaf is possible, or puts that leaf
   * there at once (since 6.13), made from the first page that is present.
   */
  public void recoverHugePages(KvmMemslot slot) {
    boolean flush = false;
    mmu.lock().lockRead();
    try {
      for (long root : mmu.roots().of(tree)) {
        it.start(tree, root, 2, slot.start());
        while (it.isValid() && it.gfn() < slot.end()) {
          if (isCollapsible(slot)) {
            if (!recoversInPlace) {
              mmu.changes().zapAtomic(it);
            } else if (!recoverInPlace()) {
              continue;
            } else {
              flush = true;
            }
          }
          it.next();
        }
      }
      if (flush) {
        // Before the lock goes: tables that were taken out wait only for walkers, not for TLBs.
        mmu.flushRemoteTlbs();
      }
    } finally {
      mmu.lock().unlockRead();
    }
  }

  /**
   * {@code recover_huge_pages_range()}: one compare-and-set. Returns whether the walk may go on:
   * false when the entry changed meanwhile.
   */
  private boolean recoverInPlace() {
    long small = firstLeaf(Spte.pfn(it.spte()), it.level() - 1);
    if (small == 0) {
      return true;
    }
    long huge = tree.layout().makeHuge(small, it.level()) | (it.spte() & tree.keep());
    if (mmu.policy().nxHugePages()) {
      huge = tree.layout().nonExecutable(huge);
    }
    if (mmu.changes().tryWrite(it, huge) != SpteWriter.WRITTEN) {
      return false;
    }
    mmu.counters().add(MmuCounter.PROMOTES);
    return true;
  }

  /** Returns the first leaf of a table or below it, or 0. */
  private long firstLeaf(long table, int level) {
    for (int i = 0; i < Spte.ENTRIES; i++) {
      long spte = tree.get(table, i);
      if (Spte.isLeaf(spte, level)) {
        return spte;
      }
      if (Spte.isTable(spte, level)) {
        long below = firstLeaf(Spte.pfn(spte), level - 1);
        if (below != 0) {
          return below;
        }
      }
    }
    return 0;
  }

  private boolean isCollapsible(KvmMemslot slot) {
    return it.level() <= PageLevel.PG_LEVEL_1G.number()
        && Spte.isTable(it.spte(), it.level())
        && it.gfn() >= slot.start()
        && it.gfn() < slot.end()
        && limit.max(slot, it.gfn()) >= it.level();
  }
}
