package dev.broadsheet.core.tdx.seamcall;

import static dev.broadsheet.core.tdx.TdxStatus.TDX_SUCCESS;

import dev.broadsheet.core.tdx.Registers;
import dev.broadsheet.core.tdx.sept.SeptEntry;
import dev.broadsheet.core.tdx.sept.SeptFunction;
import dev.broadsheet.core.tdx.sept.SeptRules;
import dev.broadsheet.core.tdx.sept.SeptState;

/**
 * TDH.MEM.RANGE.UNBLOCK: gives a blocked entry its permissions back, once the block is tracked.
 *
 * <p>In: RCX = level and GPA, RDX = TDR. Locks: TDR and operation state shared, tree exclusive,
 * entry. Source: TDX module 1.5.05, tdh_mem_range_unblock.c.
 */
final class TdhMemRangeUnblock implements SeamcallHandler {
  @Override
  public long call(SeamcallFrame f, Registers regs) {
    long status = RangeEntry.open(f, regs);
    if (status == 0) {
      status = f.checkEntry(regs, SeptFunction.RANGE_UNBLOCK);
    }
    if (status != 0) {
      return status;
    }
    RangeEntry.metadata(f);
    status = f.checkTracked(f.page);
    if (status != 0) {
      return status;
    }
    SeptState after = SeptRules.next(SeptFunction.RANGE_UNBLOCK, f.walk.state());
    f.commitEntry(SeptEntry.of(after, f.walk.hpa()));
    return TDX_SUCCESS.value();
  }
}
