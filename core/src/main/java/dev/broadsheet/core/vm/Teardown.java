package dev.broadsheet.core.vm;

import dev.broadsheet.core.memslot.KvmMemslot;
import dev.broadsheet.core.mmu.tdp.TdpMmu;

/**
 * The end of a machine: roots are emptied, tables and frames given back. A TD's key goes before its
 * page tables: only then may the pages of the Secure EPT be reclaimed.
 *
 * <p>Source: Linux v6.16, arch/x86/kvm/x86.c: kvm_arch_destroy_vm(); mmu.c:
 * kvm_mmu_uninit_tdp_mmu().
 */
final class Teardown {
  private final VmParts parts;
  private final MemslotCalls memslots;

  Teardown(VmParts parts, MemslotCalls memslots) {
    this.parts = parts;
    this.memslots = memslots;
  }

  /**
   * The tracker goes first: one that keeps its truth in page tables takes it out while they exist.
   */
  void run() {
    TdpMmu mmu = parts.mmu;
    TdSide td = parts.td;
    for (int i = parts.slots.table().size() - 1; i >= 0; i--) {
      parts.tracker.memslotRemoved(parts.slots.table().at(i).slot());
    }
    mmu.tellMappings(null);
    parts.tracker.close();
    if (td != null) {
      td.releaseKey();
    }
    mmu.lock().lockWrite();
    mmu.roots().zapAll();
    if (td != null) {
      mmu.roots().invalidateAll();
      mmu.roots().zapInvalidated(/* shared= */ false);
    }
    mmu.lock().unlockWrite();
    mmu.lock().lockWrite();
    mmu.roots().invalidateAll();
    mmu.listen(null);
    mmu.roots().zapInvalidated(/* shared= */ false);
    mmu.lock().unlockWrite();
    for (int i = parts.slots.table().size() - 1; i >= 0; i--) {
      KvmMemslot slot = parts.slots.table().at(i);
      SlotBacking backing = parts.backings.of(slot);
      if (backing.gmem() != null) {
        backing.gmem().unbind(slot.slot());
      }
      parts.slots.remove(slot);
      parts.backings.remove(slot.id());
      slot.free();
    }
    parts.drainReclaim();
    for (Vcpu cpu : parts.vcpus) {
      cpu.mmu.caches().free();
    }
    parts.splitStock.free();
    parts.loggingStock.free();
    parts.port.close();
    memslots.freeMemory();
    if (td != null) {
      td.reclaim();
    }
    parts.rcu.quiescent();
  }
}
