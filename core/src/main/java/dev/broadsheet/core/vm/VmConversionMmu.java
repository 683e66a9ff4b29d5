package dev.broadsheet.core.vm;

import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.core.memslot.KvmMemslot;
import dev.broadsheet.core.mmu.tdp.AttributeFilter;
import dev.broadsheet.core.mmu.tdp.TdpMmu;
import dev.broadsheet.core.mmu.tdp.ZapReason;
import dev.broadsheet.core.vm.attributes.ConversionMmu;

/** Carries out on the MMU what a conversion asks for. */
final class VmConversionMmu implements ConversionMmu {
  private final TdpMmu mmu;
  private final PrivateSplits splits;
  private final boolean guardsLeftOut;

  /** The range that was added last; guarded by mmu_lock. */
  private long lastStart;

  private long lastEnd;

  VmConversionMmu(TdpMmu mmu, PrivateSplits splits, boolean guardsLeftOut) {
    this.mmu = mmu;
    this.splits = splits;
    this.guardsLeftOut = guardsLeftOut;
  }

  @Override
  public void lockForWrite() {
    mmu.lock().lockWrite();
  }

  @Override
  public void unlock() {
    mmu.lock().unlockWrite();
  }

  @Override
  public void invalidateBegin() {
    lastStart = 0;
    lastEnd = 0;
    mmu.invalidation().begin();
  }

  @Override
  public void invalidateRangeAdd(long start, long end) {
    if (guardsLeftOut && start < lastEnd && end > lastStart) {
      // The deliberate defect. A guard overlaps the slot's range before it; the next slot does not.
      return;
    }
    lastStart = start;
    lastEnd = end;
    mmu.invalidation().add(start, end);
  }

  @Override
  public void invalidateEnd() {
    mmu.invalidation().end();
  }

  @Override
  public void splitCrossing(KvmMemslot slot, long start, long end, int losing) {
    if (PageAttributes.isPrivate(losing)) {
      splits.before(start, end);
    }
  }

  /** The alias that loses is chosen here, from the attribute; the zap knows nothing of it. */
  @Override
  public boolean unmap(KvmMemslot slot, long start, long end, int losing) {
    int filter =
        PageAttributes.isPrivate(losing) ? AttributeFilter.PRIVATE : AttributeFilter.SHARED;
    return mmu.leafZap().zapLeafs(filter, start, end, ZapReason.CONVERSION);
  }

  @Override
  public void flush() {
    mmu.flushRemoteTlbs();
  }
}
