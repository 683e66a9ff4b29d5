package dev.broadsheet.core.mmu.fault;

import dev.broadsheet.api.PageLevel;
import dev.broadsheet.core.memslot.KvmMemslot;
import dev.broadsheet.core.mmu.MmuCounter;
import dev.broadsheet.core.mmu.MmuCounters;
import dev.broadsheet.core.mmu.MmuListener;
import dev.broadsheet.core.mmu.spte.Spte;
import dev.broadsheet.core.mmu.spte.SpteLayout;
import dev.broadsheet.core.mmu.tdp.SpteChanges;
import dev.broadsheet.core.mmu.tdp.SpteWriter;
import dev.broadsheet.core.mmu.tdp.TableLinks;
import dev.broadsheet.core.mmu.tdp.TdpIterator;
import dev.broadsheet.core.mmu.tdp.TdpMmu;
import dev.broadsheet.core.mmu.tdp.TdpTree;

/**
 * The last step of a fault: walks from the root to the goal level, links what is missing, installs
 * the leaf. {@code mmu_lock} is held for read; every write is a compare-and-set, and who loses
 * retries. Source: Linux v6.12, arch/x86/kvm/mmu/tdp_mmu.c: kvm_tdp_mmu_map(),
 * tdp_mmu_map_handle_target_level().
 */
final class FaultMapper {
  private final TdpMmu mmu;
  private final MmuCounters counters;
  private final SpteChanges changes;
  private final TableLinks links;
  private final boolean nxHugePages;
  private final boolean spuriousCheck;

  FaultMapper(TdpMmu mmu, boolean spuriousCheck) {
    this.mmu = mmu;
    this.counters = mmu.counters();
    this.changes = mmu.changes();
    this.links = mmu.links();
    this.nxHugePages = mmu.policy().nxHugePages();
    this.spuriousCheck = spuriousCheck;
  }

  RetPf map(VcpuMmu vcpu, PageFault fault, TdpTree tree, FaultEnvironment environment) {
    TdpIterator it = vcpu.iterator();
    it.start(tree, tree.root(), 1, fault.gfn);
    while (it.isValid() && it.gfn() <= fault.gfn) {
      lowerGoal(fault, it, tree);
      long spte = it.spte();
      if (Spte.isFrozen(spte, tree.keep())) {
        counters.add(MmuCounter.RETRY_FROZEN);
        return RetPf.RETRY;
      }
      if (it.level() == fault.goalLevel) {
        return mapTarget(fault, it, tree, environment);
      }
      if (!Spte.isTable(spte, it.level())) {
        if (Spte.isPresent(spte) && tree.isMirror()) {
          // A larger private leaf already maps the page; it is never split under the read lock.
          return RetPf.SPURIOUS;
        }
        if (!addTable(vcpu, fault, it, tree)) {
          return RetPf.RETRY;
        }
      }
      it.next();
    }
    // An upper entry was frozen or zapped after it was read.
    counters.add(MmuCounter.RETRY_FROZEN);
    return RetPf.RETRY;
  }

  /**
   * A table stands where the leaf should go, and must stay: because of NX huge pages, or because
   * the Secure EPT never drops a table for a leaf. One level down, then.
   */
  private void lowerGoal(PageFault fault, TdpIterator it, TdpTree tree) {
    int level = it.level();
    if (level == 1 || level != fault.goalLevel || !Spte.isTable(it.spte(), level)) {
      return;
    }
    if (tree.isMirror() || (nxHugePages && mmu.nxHugePages().disallows(Spte.pfn(it.spte())))) {
      long between = PageLevel.of(level).pages() - PageLevel.of(level - 1).pages();
      fault.pfn |= fault.gfn & between;
      fault.goalLevel = level - 1;
    }
  }

  private boolean addTable(VcpuMmu vcpu, PageFault fault, TdpIterator it, TdpTree tree) {
    int level = it.level();
    long table = links.newTable(it, vcpu.caches());
    if (fault.hugePageDisallowed) {
      mmu.nxHugePages().disallow(table);
    }
    int result = SpteWriter.REFUSED;
    try {
      result = Spte.isPresent(it.spte()) ? links.split(it, table) : links.link(it, table);
    } finally {
      if (result != SpteWriter.WRITTEN) {
        links.dropTable(tree, table);
      }
    }
    if (result != SpteWriter.WRITTEN) {
      bookLost(result);
      return false;
    }
    if (fault.hugePageDisallowed && fault.reqLevel >= level) {
      mmu.nxHugePages().add(table);
    }
    return true;
  }

  private void bookLost(int result) {
    if (result == SpteWriter.LOST) {
      counters.add(MmuCounter.RETRY_FROZEN);
    }
  }

  private RetPf mapTarget(
      PageFault fault, TdpIterator it, TdpTree tree, FaultEnvironment environment) {
    long old = it.spte();
    int level = it.level();
    SpteLayout layout = tree.layout();
    boolean leafStands = Spte.isLeaf(old, level);
    if (spuriousCheck
        && leafStands
        && (fault.prefetch || layout.allows(old, fault.write, fault.fetch))) {
      return RetPf.SPURIOUS;
    }
    KvmMemslot slot = fault.slot;
    long now =
        slot == null
            ? layout.makeMmio(it.gfn(), environment.slotsGeneration(), tree.keep())
            : layout.makeLeaf(
                fault.pfn,
                level,
                old,
                fault.prefetch,
                fault.mapWritable,
                /* executable= */ level == 1 || !nxHugePages);
    now |= old & tree.keep();
    RetPf result = RetPf.FIXED;
    if (slot != null && slot.logsDirtyPages() && layout.isWritable(now)) {
      environment.markDirty(slot, it.gfn());
    }
    if (now == old) {
      result = RetPf.SPURIOUS;
    } else {
      int written = changes.tryWrite(it, now);
      if (written != SpteWriter.WRITTEN) {
        bookLost(written);
        return RetPf.RETRY;
      }
      if (Spte.isTable(old, level)) {
        counters.add(MmuCounter.PROMOTES);
        mmu.flushRemoteTlbs();
      }
      if (slot != null && !leafStands) {
        mmu.leafZap().bookMapped(it.gfn(), level);
      }
    }
    return finish(fault, it, tree, now, result);
  }

  private RetPf finish(PageFault fault, TdpIterator it, TdpTree tree, long now, RetPf result) {
    MmuListener listener = mmu.listener();
    if (fault.slot == null) {
      counters.add(MmuCounter.MMIO_SPTES);
      if (listener != null) {
        listener.mmioMarked(it.gfn(), now);
      }
      return RetPf.EMULATE;
    }
    if (listener != null) {
      listener.leafSet(tree.isMirror(), it.gfn(), it.level(), now);
    }
    return result;
  }
}
