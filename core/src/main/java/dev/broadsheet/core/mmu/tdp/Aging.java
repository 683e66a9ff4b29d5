package dev.broadsheet.core.mmu.tdp;

import dev.broadsheet.core.mmu.MmuListener;
import dev.broadsheet.core.mmu.spte.Spte;

/**
 * Asks which leaves the guest touched, and forgets it: where hardware sets no accessed bits, a leaf
 * loses its permissions, and the lockless fault gives them back.
 *
 * <p>Source: Linux v6.16, arch/x86/kvm/mmu/tdp_mmu.c: kvm_tdp_mmu_age_gfn_range().
 */
public final class Aging {
  private final TdpTree direct;
  private final long gfnLimit;
  private final SpteChanges changes;
  private final MmuObservers observers;

  Aging(TdpMmu mmu, SpteChanges changes, MmuObservers observers) {
    this.direct = mmu.direct();
    this.gfnLimit = mmu.gfnLimit();
    this.changes = changes;
    this.observers = observers;
  }

  /**
   * Ages the leaves that overlap {@code [start, end)} ({@code kvm_tdp_mmu_age_gfn_range()}). No
   * lock is needed: bits of hardware are changed by compare-and-set, and no TLB is flushed.
   *
   * @return whether a leaf had been accessed
   */
  public boolean age(long start, long end) {
    if (direct.root() == 0) {
      return false;
    }
    TdpIterator it = new TdpIterator(direct);
    boolean young = false;
    it.start(direct, direct.root(), 1, start);
    while (it.isValid() && it.gfn() < Math.min(end, gfnLimit)) {
      long spte = it.spte();
      if (Spte.isLeaf(spte, it.level()) && direct.layout().isAccessed(spte)) {
        young = true;
        long now = direct.layout().aged(spte);
        MmuListener listener = observers.listener();
        if (changes.fixFast(it, spte, now) && listener != null) {
          listener.spteChanged(false, it.gfn(), it.level(), spte, now);
        }
      }
      it.next();
    }
    return young;
  }
}
