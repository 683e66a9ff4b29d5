package dev.broadsheet.core.mmu.tdp;

import dev.broadsheet.api.MappingListener;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.PageTables;
import dev.broadsheet.core.mmu.MmuListener;
import dev.broadsheet.core.mmu.spte.Spte;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who is told what the MMU does: logs, the tracker that wants to know what is mapped, and
 * strategies that keep their truth in page tables.
 */
final class MmuObservers {
  private final List<PageTables.Listener> tableListeners = new ArrayList<>();
  private @Nullable MmuListener listener;
  private @Nullable MappingListener mappings;

  @Nullable MmuListener listener() {
    return listener;
  }

  void listen(@Nullable MmuListener watcher) {
    this.listener = watcher;
  }

  @Nullable MappingListener mappings() {
    return mappings;
  }

  void tellMappings(@Nullable MappingListener tracker) {
    this.mappings = tracker;
  }

  void addTableListener(PageTables.Listener tableListener) {
    tableListeners.add(tableListener);
  }

  void linked(TdpTree tree, long table, long gfn, int level) {
    for (PageTables.Listener tableListener : tableListeners) {
      tableListener.linked(portTree(tree), portHandle(tree, table), gfn, PageLevel.of(level));
    }
  }

  void split(TdpTree tree, long table, long gfn, int level) {
    for (PageTables.Listener tableListener : tableListeners) {
      tableListener.split(portTree(tree), portHandle(tree, table), gfn, PageLevel.of(level));
    }
  }

  void unlinked(TdpTree tree, long table, long gfn, int level) {
    for (PageTables.Listener tableListener : tableListeners) {
      tableListener.unlinked(portTree(tree), portHandle(tree, table), gfn, PageLevel.of(level));
    }
  }

  void tellMapping(long gfn, int level, long old, long now, boolean wasLeaf) {
    MappingListener tracker = mappings;
    if (tracker == null) {
      return;
    }
    if (wasLeaf) {
      tracker.unmapped(gfn, Spte.pfn(old), PageLevel.of(level));
    } else {
      tracker.mapped(gfn, Spte.pfn(now), PageLevel.of(level));
    }
  }

  // Names of the port

  private static PageTables.Tree portTree(TdpTree tree) {
    return tree.isMirror() ? PageTables.Tree.MIRROR : PageTables.Tree.DIRECT;
  }

  /** Handles of the two trees come from caches of their own, so the tree is part of the name. */
  static long portHandle(TdpTree tree, long table) {
    return tree.isMirror() ? table | PageTablePort.MIRROR_TAG : table;
  }
}
