package dev.broadsheet.core.mmu.tdp;

import dev.broadsheet.api.PageLevel;
import dev.broadsheet.core.mmu.MmuCounter;
import dev.broadsheet.core.mmu.MmuCounters;
import dev.broadsheet.core.mmu.MmuListener;
import dev.broadsheet.core.mmu.spte.Spte;
import dev.broadsheet.core.mmu.sync.MmuLock;

/**
 * Takes tables down: at once and recursively, or later by a worker (policy reclaim=rcu).
 *
 * <p>Source: Linux v6.16, arch/x86/kvm/mmu/tdp_mmu.c: handle_removed_pt(), tdp_mmu_unlink_sp().
 */
public final class TableRemoval {
  private final TdpMmu mmu;
  private final MmuLock lock;
  private final MmuCounters counters;
  private final MmuPolicy policy;
  private final NxHugePages nxHugePages;
  private final SpteChanges changes;
  private final MmuObservers observers;
  private final DeferredTables deferred;

  TableRemoval(TdpMmu mmu, SpteChanges changes, MmuObservers observers) {
    this.mmu = mmu;
    this.lock = mmu.lock();
    this.counters = mmu.counters();
    this.policy = mmu.policy();
    this.nxHugePages = mmu.nxHugePages();
    this.changes = changes;
    this.observers = observers;
    this.deferred = new DeferredTables(mmu, this);
  }

  /**
   * Takes down a table that was just unlinked, children first: {@code handle_removed_pt()}. With
   * the lock held for read every entry is frozen, so that others who still stand in the table
   * retry.
   */
  void remove(TdpTree tree, long table, boolean shared) {
    int level = tree.level(table);
    long base = tree.baseGfn(table);
    MmuListener watcher = observers.listener();
    if (watcher != null) {
      watcher.tableUnlinked(tree.isMirror(), base, level);
    }
    observers.unlinked(tree, table, base, level);
    nxHugePages.remove(tree, table);
    counters.addTables(tree.isMirror(), level, -1);
    counters.add(MmuCounter.TABLES_UNLINKED);
    if (policy.reclaimByRcu() && !tree.isMirror() && !deferred.isWorking()) {
      deferred.add(tree, table);
      return;
    }
    removeChildren(tree, table, shared);
  }

  /** Freezes and books the entries of a table that nobody can reach any more, then frees it. */
  void removeChildren(TdpTree tree, long table, boolean shared) {
    int level = tree.level(table);
    long base = tree.baseGfn(table);
    long step = PageLevel.of(level).pages();
    for (int i = 0; i < Spte.ENTRIES; i++) {
      long gfn = base + i * step;
      long old;
      if (shared) {
        old = exchangeFrozen(tree, table, i);
      } else {
        old = tree.get(table, i);
        if (!Spte.isPresent(old)) {
          continue;
        }
        tree.tables().set(table, i, Spte.FROZEN | (old & tree.keep()));
      }
      long frozen = Spte.FROZEN | (old & tree.keep());
      changes.changed(tree, gfn, level, old, frozen, shared);
      if (Spte.isLeaf(old, level)) {
        tree.writer().leafRemoved(gfn, level, old);
      }
    }
    tree.writer().tableRemoved(base, level + 1, tree.external(table));
    tree.freeAfterGrace(table);
  }

  private long exchangeFrozen(TdpTree tree, long table, int index) {
    while (true) {
      long old = tree.get(table, index);
      // Relies on: frozen entries have one owner. Somebody else's will be released soon.
      if (Spte.isFrozen(old, tree.keep())) {
        lock.pause();
        continue;
      }
      if (tree.tables().compareAndSet(table, index, old, Spte.FROZEN | (old & tree.keep()))) {
        return old;
      }
    }
  }

  /**
   * Runs the worker that takes down branches whose grace period is over (policy reclaim=rcu).
   *
   * @return how many branches
   */
  public int runWorker() {
    return deferred.run();
  }

  /**
   * Frees a table whose entries are all non-present with equal kept bits, and gives those bits to
   * the entry above. {@code mmu_lock} is held for write.
   *
   * @return whether it did; a table of a running TD's Secure EPT stays: KVM never removes one, and
   *     the module would want it blocked and tracked first
   */
  boolean fold(TdpTree tree, long table) {
    lock.requireWrite();
    long parentEntry = tree.headers().get(tree.header(table), TableHeader.PARENT);
    long pins = tree.headers().get(tree.header(table), TableHeader.PINS);
    if (parentEntry == 0 || pins > 0 || tree.isMirror()) {
      return false;
    }
    long first = tree.get(table, 0);
    if ((first & ~tree.keep()) != Spte.NONPRESENT
        || tree.tables().mismatch(table, 0, Spte.ENTRIES, first) < Spte.ENTRIES) {
      return false;
    }
    long parent = parentEntry / Spte.ENTRIES;
    int index = (int) (parentEntry % Spte.ENTRIES);
    int level = tree.level(table);
    long now = Spte.NONPRESENT | (first & tree.keep());
    changes.write(
        tree, parent, index, tree.baseGfn(table), level + 1, tree.get(parent, index), now);
    mmu.flushRemoteTlbs();
    return true;
  }
}
