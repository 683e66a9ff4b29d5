package dev.broadsheet.core.tdx.seamcall;

import static dev.broadsheet.core.tdx.TdxStatus.TDX_EPT_PAGE_NOT_FREE;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_OPERAND_BUSY;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_SUCCESS;

import dev.broadsheet.core.tdx.OperandId;
import dev.broadsheet.core.tdx.Registers;
import dev.broadsheet.core.tdx.pamt.PageType;
import dev.broadsheet.core.tdx.seamcall.SeamcallFrame.TreeLock;
import dev.broadsheet.core.tdx.sept.SeptEntry;
import dev.broadsheet.core.tdx.sept.SeptFunction;
import dev.broadsheet.core.tdx.sept.SeptState;

/**
 * TDH.MEM.SEPT.REMOVE: takes an empty table out of the tree.
 *
 * <p>In: RCX = level and GPA of the entry that names the table, RDX = TDR. Out: RCX = the page.
 * Locks: TDR and operation state shared, tree exclusive, entry, page exclusive. All 512 entries
 * must be FREE: a blocked table with live children cannot go. Source: TDX module 1.5.05,
 * tdh_mem_sept_remove.c.
 */
final class TdhMemSeptRemove implements SeamcallHandler {
  @Override
  public long call(SeamcallFrame f, Registers regs) {
    long status =
        f.memoryPrefix(
            regs, 1, SeamcallFrame.ROOT_LEVEL, TreeLock.EXCLUSIVE, SeptFunction.SEPT_REMOVE);
    if (status != 0) {
      return status;
    }
    long pageHpa = f.walk.hpa();
    if (!f.platform.pamt.lockKnown(f.page, pageHpa, 0, true)) {
      return TDX_OPERAND_BUSY.with(OperandId.RCX);
    }
    status = f.checkBlockedAndTracked(regs, f.page);
    if (status != 0) {
      return status;
    }
    long table = f.linkedTable();
    if (!f.platform.tables.isEmpty(table, f.level - 1)) {
      return f.withEntry(regs, TDX_EPT_PAGE_NOT_FREE);
    }
    f.commitEntry(SeptEntry.of(SeptState.FREE, 0));
    f.page.setType(PageType.PT_NDA);
    f.td().childCount.add(-1);
    f.platform.tables.free(table, f.level - 1);
    regs.rcx = pageHpa;
    return TDX_SUCCESS.value();
  }
}
