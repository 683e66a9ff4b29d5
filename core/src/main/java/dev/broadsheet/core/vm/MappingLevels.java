package dev.broadsheet.core.vm;

import dev.broadsheet.api.Geometry;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.PageTables;
import dev.broadsheet.core.host.HostPage;
import dev.broadsheet.core.host.SharedBacking;
import dev.broadsheet.core.memslot.KvmMemslot;
import dev.broadsheet.core.memslot.Memslots;
import dev.broadsheet.core.mmu.spte.Spte;
import dev.broadsheet.core.mmu.tdp.TdpIterator;
import dev.broadsheet.core.mmu.tdp.TdpMmu;
import dev.broadsheet.core.mmu.tdp.TdpTree;

/** How large a gfn may be mapped, and how large it is. */
final class MappingLevels {
  private final Geometry geometry;
  private final Memslots slots;
  private final SlotBackings backings;
  private final PageAttributeTracker tracker;
  private final TdpMmu mmu;

  MappingLevels(
      Geometry geometry,
      Memslots slots,
      SlotBackings backings,
      PageAttributeTracker tracker,
      TdpMmu mmu) {
    this.geometry = geometry;
    this.slots = slots;
    this.backings = backings;
    this.tracker = tracker;
    this.mmu = mmu;
  }

  PageLevel effective(long gfn) {
    KvmMemslot slot = slots.find(gfn);
    int level = slot == null ? 1 : geometry.maxLevel().number();
    while (level > 1 && slot != null) {
      if (!slot.lpageInfo().isAllowed(gfn, PageLevel.of(level))) {
        level--;
        continue;
      }
      int limit = tracker.maxLevel(gfn, PageLevel.of(level)).number();
      if (limit == level) {
        break;
      }
      level = limit; // and lpage_info may forbid that level, as an inhibited 2M inside a free 1G
    }
    return PageLevel.of(level);
  }

  /** How large a block may be mapped: slot, attributes and host ({@code max_mapping_level}). */
  int largest(KvmMemslot slot, long gfn) {
    int level = effective(gfn).number();
    if (slot.canBePrivate() && PageAttributes.isPrivate(tracker.attributes(gfn))) {
      return level;
    }
    SlotBacking backing = backings.of(slot);
    SharedBacking shared = backing.shared();
    if (level == 1 || shared == null) {
      return 1;
    }
    long page = shared.find(backing.sharedIndex(gfn), /* mayWrite= */ false);
    int order = page > 0 ? HostPage.order(page) : 0;
    return Math.min(level, order >= 18 ? 3 : order >= 9 ? 2 : 1);
  }

  int mapped(long gfn, PageTables.Tree tree) {
    TdpTree of = mmu.tree(tree == PageTables.Tree.MIRROR);
    if (of.root() == 0) {
      return 0;
    }
    TdpIterator walk = new TdpIterator(of);
    long spte = walk(walk, of, of.root(), gfn);
    return Spte.isLeaf(spte, walk.level()) ? walk.level() : 0;
  }

  static long walk(TdpIterator walk, TdpTree tree, long root, long gfn) {
    walk.start(tree, root, 1, gfn);
    while (Spte.isTable(walk.spte(), walk.level())) {
      walk.next();
      if (!walk.isValid()) {
        return Spte.NONPRESENT;
      }
    }
    return walk.spte();
  }
}
