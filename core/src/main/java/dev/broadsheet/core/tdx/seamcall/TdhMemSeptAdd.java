package dev.broadsheet.core.tdx.seamcall;

import static dev.broadsheet.core.tdx.TdxStatus.TDX_EPT_ENTRY_STATE_INCORRECT;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_OPERAND_INVALID;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_SUCCESS;

import dev.broadsheet.core.tdx.OperandId;
import dev.broadsheet.core.tdx.Registers;
import dev.broadsheet.core.tdx.pamt.PageType;
import dev.broadsheet.core.tdx.seamcall.SeamcallFrame.TreeLock;
import dev.broadsheet.core.tdx.sept.SeptEntry;
import dev.broadsheet.core.tdx.sept.SeptFunction;
import dev.broadsheet.core.tdx.sept.SeptRules;
import dev.broadsheet.core.tdx.sept.SeptState;

/**
 * TDH.MEM.SEPT.ADD: fills a free entry of level 1 and above with a new, empty table.
 *
 * <p>In: RCX = level and GPA of the entry, RDX = TDR (bit 0 in version 1: an existing table is
 * fine), R8 = page for the table. Locks: TDR, operation state and tree shared, entry, page
 * exclusive. Source: TDX module 1.5.05, tdh_mem_sept_add.c.
 */
final class TdhMemSeptAdd implements SeamcallHandler {
  private static final long NULL_ADDRESS = -1L;
  private static final long ALLOW_EXISTING = 1L;

  @Override
  public long call(SeamcallFrame f, Registers regs) {
    long status =
        f.memoryPrefix(regs, 1, SeamcallFrame.ROOT_LEVEL, TreeLock.SHARED, SeptFunction.SEPT_ADD);
    if (status != 0) {
      return status;
    }
    if (f.walk.state() == SeptState.NL_MAPPED) {
      boolean allowed = f.version > 0 && (f.inRdx() & ALLOW_EXISTING) != 0;
      return allowed ? TDX_SUCCESS.value() : f.withEntry(regs, TDX_EPT_ENTRY_STATE_INCORRECT);
    }
    if (f.version == 0 && regs.r8 == NULL_ADDRESS) {
      return TDX_OPERAND_INVALID.with(OperandId.R8);
    }
    long pageHpa = regs.r8;
    status = f.lockNewPage(f.page, pageHpa, OperandId.R8, 0);
    if (status != 0) {
      return status;
    }
    f.linkTable(f.platform.tables.allocate(f.level - 1));
    f.page.set(PageType.PT_EPT, f.td().slot, 0);
    f.td().childCount.add(1);
    f.commitEntry(SeptEntry.of(SeptRules.next(SeptFunction.SEPT_ADD, SeptState.FREE), pageHpa));
    if (f.version > 0) {
      regs.r8 = NULL_ADDRESS; // the page is used up; with L2 VMs leftovers stand in R8 to R11
    }
    return TDX_SUCCESS.value();
  }
}
