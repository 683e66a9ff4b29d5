package dev.broadsheet.core.vm;

import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.core.host.HostPage;
import dev.broadsheet.core.memslot.KvmMemslot;
import dev.broadsheet.core.mmu.spte.Spte;
import dev.broadsheet.core.mmu.tdp.TdpMmu;
import dev.broadsheet.core.mmu.tdp.TdpTree;
import dev.broadsheet.core.mmu.tdp.TreeAudit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Checks a machine at a quiet point: the invariants that every strategy and every policy must keep.
 *
 * <ol>
 *   <li>nobody holds {@code mmu_lock}, no invalidation is open
 *   <li>tables and leaves counted anew equal the counters; no table leaked; entries are legal
 *   <li>every table that exists is linked or stocked
 *   <li>blocks across the edge of a memslot are never large
 *   <li>each leaf lies in a memslot and covers one attribute, that of its alias
 *   <li>each leaf maps the frame that stands behind its gfn
 *   <li>no gfn is mapped in both trees
 *   <li>the Secure EPT equals the mirror, the PAMT agrees with both
 *   <li>the tracker's own audit
 * </ol>
 */
final class VmAudit {
  private final VmParts parts;
  private final VirtualMachine vm;
  private final @Nullable TdSide td;
  private final PageAttributeTracker tracker;

  VmAudit(VmParts parts, VirtualMachine vm) {
    this.parts = parts;
    this.vm = vm;
    this.td = parts.td;
    this.tracker = parts.tracker;
  }

  void run() {
    TdpMmu mmu = parts.mmu;
    require(!mmu.lock().isHeld(), "mmu_lock is held at a quiet point");
    require(!mmu.invalidation().isOpen(), "an invalidation is open at a quiet point");
    TreeAudit trees = new TreeAudit(mmu);
    trees.run();
    checkLive(trees, mmu);
    checkEdges();
    vm.forEachLeaf(this::checkLeaf);
    if (td != null) {
      td.audit();
    }
    tracker.audit();
  }

  /** With threads and deferred reclaim, branches may wait for their worker at any time. */
  private void checkLive(TreeAudit trees, TdpMmu mmu) {
    if (parts.spec.hasThreads() && mmu.policy().reclaimByRcu()) {
      return;
    }
    trees.checkLive(mmu.direct(), parts.heldTables(mmu.direct()));
    TdpTree mirror = mmu.mirror();
    if (mirror != null) {
      trees.checkLive(mirror, parts.heldTables(mirror));
    }
  }

  /** A block that is not wholly inside its slot is never large, whatever its attributes. */
  private void checkEdges() {
    for (int i = 0; i < parts.slots.table().size(); i++) {
      KvmMemslot slot = parts.slots.table().at(i);
      for (PageLevel level : List.of(PageLevel.PG_LEVEL_2M, PageLevel.PG_LEVEL_1G)) {
        for (long gfn : new long[] {slot.start(), slot.end() - 1}) {
          require(
              slot.holdsBlock(level.roundDown(gfn), level)
                  || !slot.lpageInfo().isAllowed(gfn, level),
              "lpage_info allows a large page across the edge of a slot");
        }
      }
    }
  }

  private void checkLeaf(boolean mirror, long gfn, int level, long spte) {
    long end = gfn + PageLevel.of(level).pages();
    KvmMemslot slot = parts.slots.find(gfn);
    if (slot == null || end > slot.end() || gfn < slot.start()) {
      throw new IllegalStateException(
          "leaf of gfn 0x%x, level %d, does not lie in one memslot (%s)"
              .formatted(gfn, level, slot));
    }
    int attributes = tracker.attributes(gfn);
    if (parts.spec.hasPrivateMemory()) {
      long different = tracker.firstDifference(gfn, end, attributes);
      if (different != end) {
        throw new IllegalStateException(
            "leaf of gfn 0x%x, level %d, is %s but gfn 0x%x is %s"
                .formatted(
                    gfn,
                    level,
                    PageAttributes.format(attributes),
                    different,
                    PageAttributes.format(tracker.attributes(different))));
      }
    }
    if (td != null && mirror != PageAttributes.isPrivate(attributes)) {
      throw new IllegalStateException(
          "gfn 0x%x is %s but mapped in the %s tree"
              .formatted(gfn, PageAttributes.format(attributes), mirror ? "mirror" : "direct"));
    }
    checkFrame(slot, gfn, level, spte, attributes);
  }

  private void checkFrame(KvmMemslot slot, long gfn, int level, long spte, int attributes) {
    SlotBacking backing = parts.backings.of(slot);
    boolean isPrivate = parts.spec.hasPrivateMemory() && PageAttributes.isPrivate(attributes);
    long page;
    if (isPrivate) {
      page = backing.gmem() == null ? 0 : backing.gmem().find(backing.gmemIndex(gfn));
    } else {
      page =
          backing.shared() == null
              ? 0
              : backing.shared().find(backing.sharedIndex(gfn), /* mayWrite= */ false);
    }
    if (page <= 0 || HostPage.pfn(page) != Spte.pfn(spte)) {
      throw new IllegalStateException(
          "leaf of %s gfn 0x%x, level %d, maps pfn 0x%x, but behind it is %s"
              .formatted(
                  PageAttributes.format(attributes),
                  gfn,
                  level,
                  Spte.pfn(spte),
                  page <= 0 ? "nothing" : "pfn 0x" + Long.toHexString(HostPage.pfn(page))));
    }
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalStateException(message);
    }
  }
}
