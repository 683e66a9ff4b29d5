package dev.broadsheet.core.mmu.tdp;

import dev.broadsheet.api.PageLevel;
import dev.broadsheet.core.mmu.MmuCounter;
import dev.broadsheet.core.mmu.MmuCounters;
import dev.broadsheet.core.mmu.MmuListener;
import dev.broadsheet.core.mmu.spte.Spte;
import dev.broadsheet.core.mmu.sync.MmuLock;

/**
 * Every change of an entry: how it is written, and what follows from it. A change is booked once,
 * whoever made it; a table that loses its entry goes, with all that hangs on it.
 *
 * <p>Source: Linux v6.12 and v6.16, arch/x86/kvm/mmu/tdp_mmu.c: handle_changed_spte(),
 * tdp_mmu_set_spte_atomic(), tdp_mmu_set_spte(), tdp_mmu_zap_spte_atomic().
 */
public final class SpteChanges {
  private final TdpMmu mmu;
  private final MmuLock lock;
  private final MmuCounters counters;
  private final MmuObservers observers;
  private final TableRemoval removal;

  SpteChanges(TdpMmu mmu, MmuObservers observers) {
    this.mmu = mmu;
    this.lock = mmu.lock();
    this.counters = mmu.counters();
    this.observers = observers;
    this.removal = new TableRemoval(mmu, this, observers);
  }

  /** Returns what takes tables down. */
  public TableRemoval removal() {
    return removal;
  }

  // Writing entries

  /**
   * Replaces the entry under the iterator, with {@code mmu_lock} held for read.
   *
   * @return {@link SpteWriter#WRITTEN}, or why not
   */
  public int tryWrite(TdpIterator it, long now) {
    TdpTree tree = it.tree();
    long old = it.spte();
    int result = tree.writer().tryWrite(it.table(), it.index(), it.gfn(), it.level(), old, now);
    if (result == SpteWriter.WRITTEN) {
      changed(tree, it.gfn(), it.level(), old, now, /* shared= */ true);
      it.wrote(now);
    } else {
      it.refresh();
    }
    return result;
  }

  /**
   * Takes the entry under the iterator away with {@code mmu_lock} held for read: freeze, flush,
   * store, in this order, so that nobody can put something else there before the TLBs are clean.
   * Direct tree only.
   *
   * @return whether it was taken; false if another thread was first
   */
  public boolean zapAtomic(TdpIterator it) {
    TdpTree tree = it.tree();
    if (tree.isMirror()) {
      throw new IllegalStateException("a mirror entry is never zapped under the read lock");
    }
    long old = it.spte();
    long kept = old & tree.keep();
    // Relies on: frozen entries have one owner.
    if (!tree.tables().compareAndSet(it.table(), it.index(), old, Spte.FROZEN | kept)) {
      it.refresh();
      return false;
    }
    mmu.flushRemoteTlbs();
    long now = Spte.NONPRESENT | kept;
    tree.tables().set(it.table(), it.index(), now);
    changed(tree, it.gfn(), it.level(), old, now, /* shared= */ true);
    it.wrote(now);
    return true;
  }

  /**
   * Makes a write-protected leaf writable without a lock: one attempt. No change is traced, and the
   * leaf stays where it is.
   */
  public boolean fixFast(TdpIterator it, long before, long after) {
    return it.tree().tables().compareAndSet(it.table(), it.index(), before, after);
  }

  /** Between two entries that map nothing one is MMIO, or the new one frozen. */
  private static boolean isLegalWithoutMapping(TdpTree tree, long old, long now) {
    return tree.layout().isMmio(old, tree.keep())
        || tree.layout().isMmio(now, tree.keep())
        || Spte.isFrozen(now, tree.keep());
  }

  /** Replaces the entry under the iterator, with {@code mmu_lock} held for write. */
  public void write(TdpIterator it, long now) {
    long old = write(it.tree(), it.table(), it.index(), it.gfn(), it.level(), it.spte(), now);
    assert Spte.pfn(old) == Spte.pfn(it.spte()) : "the frame changed under the write lock";
    it.wrote(now);
  }

  long write(TdpTree tree, long table, int index, long gfn, int level, long old, long now) {
    assert lock.isHeldForWrite() : "exclusive write without mmu_lock";
    if (Spte.isFrozen(old, tree.keep()) || Spte.isFrozen(now, tree.keep())) {
      throw new IllegalStateException(
          "entry 0x%x of gfn 0x%x, level %d: a frozen entry has an owner"
              .formatted(old, gfn, level));
    }
    long found = tree.writer().write(table, index, gfn, level, old, now);
    changed(tree, gfn, level, found, now, /* shared= */ false);
    if (Spte.isLeaf(found, level) && !Spte.isPresent(now)) {
      tree.writer().leafRemoved(gfn, level, found);
    }
    return found;
  }

  /**
   * Books a change that was made: counts, listeners, and the sub-tree that went with a table.
   * {@code handle_changed_spte()} of the kernel.
   */
  void changed(TdpTree tree, long gfn, int level, long old, long now, boolean shared) {
    if (old == now) {
      return;
    }
    MmuListener watcher = observers.listener();
    if (watcher != null) {
      watcher.spteChanged(tree.isMirror(), gfn, level, old, now);
    }
    assert (gfn & (PageLevel.of(level).pages() - 1)) == 0 : "gfn not aligned to its entry's level";
    boolean wasPresent = Spte.isPresent(old);
    boolean isPresent = Spte.isPresent(now);
    if (!wasPresent && !isPresent) {
      assert isLegalWithoutMapping(tree, old, now)
          : "entry 0x%x of gfn 0x%x becomes 0x%x: neither maps, freezes nor is MMIO"
              .formatted(old, gfn, now);
      return;
    }
    boolean wasLeaf = wasPresent && Spte.isLast(old, level);
    boolean isLeaf = isPresent && Spte.isLast(now, level);
    boolean pfnChanged = Spte.pfn(old) != Spte.pfn(now);
    if (wasLeaf && isLeaf && pfnChanged) {
      throw new IllegalStateException(
          "leaf 0x%x of gfn 0x%x, level %d, is replaced by 0x%x without being zapped"
              .formatted(old, gfn, level, now));
    }
    if (wasLeaf != isLeaf) {
      counters.addLeaves(tree.isMirror(), level, isLeaf ? 1 : -1);
    }
    if (wasLeaf && !isPresent) {
      counters.add(MmuCounter.ZAPS);
    }
    if (wasLeaf != isLeaf) {
      observers.tellMapping(gfn, level, old, now, wasLeaf);
    }
    if (wasPresent && !wasLeaf && (isLeaf || !isPresent || pfnChanged)) {
      removal.remove(tree, Spte.pfn(old), shared);
    }
  }
}
