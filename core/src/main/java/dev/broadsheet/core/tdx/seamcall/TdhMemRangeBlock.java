package dev.broadsheet.core.tdx.seamcall;

import static dev.broadsheet.core.tdx.TdxStatus.TDX_GPA_RANGE_ALREADY_BLOCKED;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_SUCCESS;

import dev.broadsheet.core.tdx.Registers;
import dev.broadsheet.core.tdx.sept.SeptEntry;
import dev.broadsheet.core.tdx.sept.SeptFunction;
import dev.broadsheet.core.tdx.sept.SeptRules;
import dev.broadsheet.core.tdx.sept.SeptState;

/**
 * TDH.MEM.RANGE.BLOCK: takes the permissions from exactly one entry, page or table, and notes the
 * epoch. Cached translations stay until they are tracked; children of a table are not touched.
 *
 * <p>In: RCX = level and GPA, RDX = TDR. Locks: TDR and operation state shared, tree exclusive,
 * entry. Source: TDX module 1.5.05, tdh_mem_range_block.c.
 */
final class TdhMemRangeBlock implements SeamcallHandler {
  @Override
  public long call(SeamcallFrame f, Registers regs) {
    long status = RangeEntry.open(f, regs);
    if (status != 0) {
      return status;
    }
    SeptState before = f.walk.state();
    if (before.isBlocked()) {
      return f.withEntry(regs, TDX_GPA_RANGE_ALREADY_BLOCKED);
    }
    status = f.checkEntry(regs, SeptFunction.RANGE_BLOCK);
    if (status != 0) {
      return status;
    }
    long blocked = SeptEntry.of(SeptRules.next(SeptFunction.RANGE_BLOCK, before), f.walk.hpa());
    RangeEntry.metadata(f);
    // The entry first, then the epoch: a vCPU that enters after a TRACK in between finds the entry
    // blocked, and one that entered before it keeps the noted epoch busy.
    f.platform.tables.setLocked(f.walk.table, f.walk.index, f.walk.level, blocked);
    f.page.setEpoch(f.td().epochs.epoch());
    f.commitEntry(blocked);
    return TDX_SUCCESS.value();
  }
}
