package dev.broadsheet.core.mmu.tdp;

import dev.broadsheet.api.memory.ObjectCache;
import dev.broadsheet.core.mmu.MmuCounter;
import dev.broadsheet.core.mmu.MmuCounters;
import dev.broadsheet.core.mmu.spte.Spte;

/**
 * Writes entries that mirror the Secure EPT.
 *
 * <p><b>freeze-first</b> (merged): the entry is frozen, so that no other reader touches it, then
 * the SEAMCALL is made, then the entry is published or put back. A SEAMCALL whose entry was lost
 * cannot happen.
 *
 * <p><b>hook-first</b> (the alternative of 2024, in which the TDX side replaces the write
 * operation): the SEAMCALL comes first and the compare-and-set after it. When that is lost, the
 * SEAMCALL has to be taken back, which a running TD makes costly: block, track, remove. The model
 * counts it.
 *
 * <p>Under the write lock the mirror changes first and the Secure EPT follows; that cannot fail by
 * design. Source: Linux v6.16, arch/x86/kvm/mmu/tdp_mmu.c: __tdp_mmu_set_spte_atomic(),
 * set_external_spte_present().
 */
final class MirrorSpteWriter implements SpteWriter {
  private final ObjectCache tables;
  private final TdpTree tree;
  private final ExternalTables external;
  private final MmuCounters counters;
  private final boolean freezeFirst;

  MirrorSpteWriter(
      TdpTree tree, ExternalTables external, MmuCounters counters, boolean freezeFirst) {
    this.tables = tree.tables();
    this.tree = tree;
    this.external = external;
    this.counters = counters;
    this.freezeFirst = freezeFirst;
  }

  @Override
  public int tryWrite(long table, int index, long gfn, int level, long old, long now) {
    if (Spte.isPresent(old) || !Spte.isPresent(now)) {
      throw new IllegalStateException(
          "mirror entry 0x%x of gfn 0x%x changes to 0x%x under the read lock; only populating may"
              .formatted(old, gfn, now));
    }
    return freezeFirst
        ? freezeFirst(table, index, gfn, level, old, now)
        : hookFirst(table, index, gfn, level, old, now);
  }

  private int freezeFirst(long table, int index, long gfn, int level, long old, long now) {
    // Relies on: frozen entries have one owner.
    long frozen = Spte.FROZEN | (old & tree.keep());
    if (!tables.compareAndSet(table, index, old, frozen)) {
      return LOST;
    }
    int result = ExternalTables.FAILED;
    try {
      result = callOut(gfn, level, now);
    } finally {
      // Also when the call throws: nobody else would ever release the entry.
      tables.set(table, index, result == ExternalTables.OK ? now : old);
    }
    return answer(result);
  }

  private int hookFirst(long table, int index, long gfn, int level, long old, long now) {
    int result = callOut(gfn, level, now);
    if (result != ExternalTables.OK) {
      return answer(result);
    }
    if (tables.compareAndSet(table, index, old, now)) {
      return WRITTEN;
    }
    // The entry went to another thread: the module must forget what it was told.
    if (Spte.isLast(now, level)) {
      external.remove(gfn, level, Spte.pfn(now));
    } else {
      external.unlink(gfn, level, tree.external(Spte.pfn(now)));
    }
    return LOST;
  }

  private int callOut(long gfn, int level, long now) {
    return Spte.isLast(now, level)
        ? external.map(gfn, level, Spte.pfn(now))
        : external.link(gfn, level, tree.external(Spte.pfn(now)));
  }

  private int answer(int result) {
    if (result == ExternalTables.OK) {
      return WRITTEN;
    }
    counters.add(MmuCounter.RETRY_BUSY);
    return REFUSED;
  }

  @Override
  public long write(long table, int index, long gfn, int level, long old, long now) {
    tables.set(table, index, now);
    return old;
  }

  @Override
  public void leafRemoved(long gfn, int level, long old) {
    external.remove(gfn, level, Spte.pfn(old));
  }

  @Override
  public void tableRemoved(long gfn, int level, long page) {
    external.reclaimTable(gfn, level, page);
  }
}
