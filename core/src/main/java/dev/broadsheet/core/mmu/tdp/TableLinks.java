package dev.broadsheet.core.mmu.tdp;

import dev.broadsheet.api.MappingListener;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.core.mmu.MmuCounter;
import dev.broadsheet.core.mmu.MmuCounters;
import dev.broadsheet.core.mmu.MmuListener;
import dev.broadsheet.core.mmu.spte.Spte;
import org.jspecify.annotations.Nullable;

/**
 * Makes tables and links them: empty ones below an empty entry, filled ones in place of a huge
 * leaf.
 *
 * <p>Source: Linux v6.16, arch/x86/kvm/mmu/tdp_mmu.c: tdp_mmu_alloc_sp(), tdp_mmu_link_sp(),
 * tdp_mmu_split_huge_page().
 */
public final class TableLinks {
  private final MmuCounters counters;
  private final MmuPolicy policy;
  private final SpteChanges changes;
  private final MmuObservers observers;
  private final @Nullable ExternalTables external;

  TableLinks(
      TdpMmu mmu, SpteChanges changes, MmuObservers observers, @Nullable ExternalTables external) {
    this.counters = mmu.counters();
    this.policy = mmu.policy();
    this.changes = changes;
    this.observers = observers;
    this.external = external;
  }

  // Tables

  /**
   * Makes a table from the caches, to be linked below an entry of {@code level + 1}. Its role is
   * known: its parent's, one level down. A mirror table gets its external page here.
   */
  public long newTable(TdpIterator at, VcpuCaches caches) {
    TdpTree tree = at.tree();
    long table = caches.takeTable(tree);
    long header = caches.takeHeader(tree);
    long page = tree.isMirror() ? caches.takeExternal() : 0;
    initTable(at, table, header, page);
    return table;
  }

  private void initTable(TdpIterator at, long table, long header, long page) {
    TdpTree tree = at.tree();
    int role = PageRole.child(tree.role(at.table()));
    tree.adopt(table, header, role, at.gfn(), page, at.table() * Spte.ENTRIES + at.index());
    long inherited = at.spte() & tree.keep();
    if (inherited != 0) {
      tree.tables().fill(table, 0, Spte.ENTRIES, Spte.NONPRESENT | inherited);
    }
    MmuListener watcher = observers.listener();
    if (watcher != null) {
      watcher.tableAllocated(tree.isMirror(), at.gfn(), at.level() - 1, /* root= */ false);
    }
  }

  /** Gives back a table that could not be linked. */
  public void dropTable(TdpTree tree, long table) {
    counters.add(MmuCounter.TABLES_LOST);
    long page = tree.external(table);
    if (page != 0 && external != null) {
      external.freePage(page);
    }
    tree.freeNow(table);
  }

  /**
   * Links a table below the entry under the iterator, with {@code mmu_lock} held for read.
   *
   * @return {@link SpteWriter#WRITTEN}, or why not
   */
  public int link(TdpIterator at, long table) {
    TdpTree tree = at.tree();
    long now = tree.layout().makeTable(table) | (at.spte() & tree.keep());
    int level = at.level() - 1;
    // Counted first: from the moment it is linked another thread may take it down again.
    counters.addTables(tree.isMirror(), level, 1);
    int result = SpteWriter.REFUSED;
    try {
      result = changes.tryWrite(at, now);
    } finally {
      if (result != SpteWriter.WRITTEN) {
        counters.addTables(tree.isMirror(), level, -1);
      }
    }
    if (result != SpteWriter.WRITTEN) {
      return result;
    }
    counters.add(MmuCounter.TABLES_LINKED);
    observers.linked(tree, table, at.gfn(), level);
    return result;
  }

  /**
   * Fills a table with the 512 pieces of the huge leaf under the iterator and links it, with {@code
   * mmu_lock} held for read; direct tree only.
   */
  public int split(TdpIterator at, long table) {
    TdpTree tree = at.tree();
    long leaf = at.spte();
    fillSplit(tree, table, leaf, at.level());
    int level = at.level() - 1;
    int result = link(at, table);
    if (result == SpteWriter.WRITTEN) {
      bookSplit(tree, at.gfn(), leaf, at.level(), table);
    }
    MmuListener watcher = observers.listener();
    if (watcher != null) {
      watcher.split(
          tree.isMirror(), at.gfn(), leaf, level + 1, result == SpteWriter.WRITTEN ? 0 : -16);
    }
    return result;
  }

  void fillSplit(TdpTree tree, long table, long leaf, int level) {
    boolean executable = !tree.layout().isExecutable(leaf) && policy.nxHugePages();
    for (int i = 0; i < Spte.ENTRIES; i++) {
      tree.tables().setPlain(table, i, tree.layout().makeSplit(leaf, level, i, executable));
    }
  }

  void bookSplit(TdpTree tree, long gfn, long leaf, int level, long table) {
    counters.add(MmuCounter.SPLITS);
    counters.addLeaves(tree.isMirror(), level - 1, Spte.ENTRIES);
    MappingListener tracker = observers.mappings();
    if (tracker != null) {
      long step = PageLevel.of(level - 1).pages();
      for (int i = 0; i < Spte.ENTRIES; i++) {
        tracker.mapped(gfn + i * step, Spte.pfn(leaf) + i * step, PageLevel.of(level - 1));
      }
    }
    observers.split(tree, table, gfn, level - 1);
  }
}
