package dev.broadsheet.core.mmu.tdp;

import dev.broadsheet.api.PageLevel;
import dev.broadsheet.core.mmu.MmuCounter;
import dev.broadsheet.core.mmu.MmuCounters;
import dev.broadsheet.core.mmu.MmuListener;
import dev.broadsheet.core.mmu.spte.Spte;
import dev.broadsheet.core.mmu.sync.MmuLock;
import org.jspecify.annotations.Nullable;

/**
 * Private leaves larger than 4K: split by demote, merged by promote, both with {@code mmu_lock}
 * held for write, because the module's block, track, demote is not safe against faults.
 *
 * <p>Source: TDX huge page support for private memory v3, Yan Zhao, 2026-01-06; Dynamic PAMT and
 * S-EPT hugepage RFC v5, 2026-01-28. Merging was only sketched, in 2022.
 */
public final class PrivateHugePages {
  private final @Nullable TdpTree mirror;
  private final @Nullable ExternalTables external;
  private final MmuLock lock;
  private final MmuCounters counters;
  private final SpteChanges changes;
  private final TableLinks links;
  private final MmuObservers observers;
  private final TdpIterator iterator;

  PrivateHugePages(
      TdpMmu mmu,
      SpteChanges changes,
      TableLinks links,
      MmuObservers observers,
      @Nullable ExternalTables external) {
    this.mirror = mmu.mirror();
    this.external = external;
    this.lock = mmu.lock();
    this.counters = mmu.counters();
    this.changes = changes;
    this.links = links;
    this.observers = observers;
    this.iterator = new TdpIterator(mmu.direct());
  }

  // Private huge pages

  /**
   * Splits the private leaf that crosses {@code edge} at a gfn inside it, down to the level at
   * which none does: block, track, demote. {@code mmu_lock} is held for write, caches are topped
   * up.
   *
   * @return whether a leaf was split
   */
  public boolean demoteCrossing(long edge, VcpuCaches caches) {
    lock.requireWrite();
    TdpTree tree = mirror;
    if (tree == null || external == null || tree.root() == 0) {
      return false;
    }
    boolean split = false;
    while (true) {
      TdpIterator it = iterator;
      it.start(tree, tree.root(), 1, edge);
      while (it.isValid() && Spte.isTable(it.spte(), it.level())) {
        it.next();
      }
      if (!it.isValid()
          || !Spte.isLeaf(it.spte(), it.level())
          || it.level() == 1
          || it.gfn() == edge) {
        return split;
      }
      demote(it, caches);
      split = true;
    }
  }

  /**
   * Splits the private leaf that covers {@code gfn} until it has at most {@code level}; as {@link
   * #demoteCrossing}.
   *
   * @return whether a leaf was split
   */
  public boolean demoteTo(long gfn, int level, VcpuCaches caches) {
    lock.requireWrite();
    TdpTree tree = mirror;
    if (tree == null || external == null || tree.root() == 0) {
      return false;
    }
    boolean split = false;
    while (true) {
      TdpIterator it = iterator;
      it.start(tree, tree.root(), 1, gfn);
      while (it.isValid() && Spte.isTable(it.spte(), it.level())) {
        it.next();
      }
      if (!it.isValid() || !Spte.isLeaf(it.spte(), it.level()) || it.level() <= level) {
        return split;
      }
      demote(it, caches);
      split = true;
    }
  }

  /** Splits the private leaf under a foreign iterator, which then stands at the table's entry. */
  void demoteAt(TdpIterator at, VcpuCaches caches) {
    demote(at, caches);
    at.refresh();
  }

  private void demote(TdpIterator at, VcpuCaches caches) {
    ExternalTables behind = external;
    if (behind == null) {
      throw new IllegalStateException("no tables behind the tree");
    }
    TdpTree tree = at.tree();
    long leaf = at.spte();
    long gfn = at.gfn();
    int level = at.level();
    long table = links.newTable(at, caches);
    links.fillSplit(tree, table, leaf, level);
    int result = ExternalTables.FAILED;
    try {
      result = behind.demote(gfn, level, Spte.pfn(leaf), tree.external(table));
    } finally {
      if (result != ExternalTables.OK) {
        links.dropTable(tree, table);
      }
    }
    if (result != ExternalTables.OK) {
      throw new IllegalStateException(
          "TDH.MEM.PAGE.DEMOTE failed under the write lock: gfn 0x%x, level %d"
              .formatted(gfn, level));
    }
    long now = tree.layout().makeTable(table) | (leaf & tree.keep());
    counters.addTables(true, level - 1, 1);
    counters.add(MmuCounter.TABLES_LINKED);
    changes.write(tree, at.table(), at.index(), gfn, level, leaf, now);
    counters.add(MmuCounter.DEMOTES);
    links.bookSplit(tree, gfn, leaf, level, table);
    MmuListener watcher = observers.listener();
    if (watcher != null) {
      watcher.split(true, gfn, leaf, level, 0);
    }
  }

  /**
   * Merges the private table that covers the 2M block at {@code gfn} into one leaf (policy
   * merge=promote). {@code mmu_lock} is held for write.
   *
   * @return whether it was merged; false if an entry is missing, frames are not contiguous or the
   *     module refuses
   */
  public boolean promote(long gfn, int level) {
    lock.requireWrite();
    TdpTree tree = mirror;
    ExternalTables behind = external;
    if (tree == null || behind == null || tree.root() == 0) {
      return false;
    }
    TdpIterator it = iterator;
    it.start(tree, tree.root(), level, gfn);
    while (it.isValid() && it.level() > level && Spte.isTable(it.spte(), it.level())) {
      it.next();
    }
    if (!it.isValid() || it.level() != level || !Spte.isTable(it.spte(), level)) {
      return false;
    }
    long table = Spte.pfn(it.spte());
    long first = tree.get(table, 0);
    if (!Spte.isLeaf(first, level - 1)
        || (Spte.pfn(first) & (PageLevel.of(level).pages() - 1)) != 0) {
      return false;
    }
    long step = PageLevel.of(level - 1).pages();
    for (int i = 1; i < Spte.ENTRIES; i++) {
      long entry = tree.get(table, i);
      if (!Spte.isLeaf(entry, level - 1) || Spte.pfn(entry) != Spte.pfn(first) + i * step) {
        return false;
      }
    }
    long page = tree.external(table);
    if (behind.promote(it.gfn(), level, Spte.pfn(first), page) != ExternalTables.OK) {
      return false;
    }
    forgetMerged(tree, table, level - 1);
    long leaf = tree.layout().makeHuge(first, level) | (it.spte() & tree.keep());
    long old = it.spte();
    tree.tables().set(it.table(), it.index(), leaf);
    MmuListener watcher = observers.listener();
    if (watcher != null) {
      watcher.spteChanged(true, it.gfn(), level, old, leaf);
      watcher.tableUnlinked(true, it.gfn(), level - 1);
    }
    counters.addLeaves(true, level, 1);
    counters.add(MmuCounter.TDX_PROMOTES);
    observers.tellMapping(it.gfn(), level, old, leaf, /* wasLeaf= */ false);
    behind.freePage(page);
    tree.freeAfterGrace(table);
    return true;
  }

  /** The module took the children into the new leaf: they are not removed one by one. */
  private void forgetMerged(TdpTree tree, long table, int level) {
    long base = tree.baseGfn(table);
    long step = PageLevel.of(level).pages();
    observers.unlinked(tree, table, base, level);
    for (int i = 0; i < Spte.ENTRIES; i++) {
      observers.tellMapping(base + i * step, level, tree.get(table, i), 0, /* wasLeaf= */ true);
    }
    counters.addLeaves(true, level, -Spte.ENTRIES);
    counters.addTables(true, level, -1);
    counters.add(MmuCounter.TABLES_UNLINKED);
  }
}
