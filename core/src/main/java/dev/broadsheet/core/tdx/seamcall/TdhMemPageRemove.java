package dev.broadsheet.core.tdx.seamcall;

import static dev.broadsheet.core.tdx.TdxStatus.TDX_OPERAND_BUSY;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_SUCCESS;

import dev.broadsheet.core.tdx.OperandId;
import dev.broadsheet.core.tdx.Registers;
import dev.broadsheet.core.tdx.pamt.PageType;
import dev.broadsheet.core.tdx.seamcall.SeamcallFrame.TreeLock;
import dev.broadsheet.core.tdx.sept.SeptEntry;
import dev.broadsheet.core.tdx.sept.SeptFunction;
import dev.broadsheet.core.tdx.sept.SeptLevel;
import dev.broadsheet.core.tdx.sept.SeptState;
import dev.broadsheet.core.tdx.td.TdControl;

/**
 * TDH.MEM.PAGE.REMOVE: takes a page out of the tree; content and cache lines stay as they are.
 *
 * <p>In: RCX = level 0 to 2 and GPA, RDX = TDR. Out: RCX = the page. Locks: TDR, operation state
 * and tree shared, entry, page exclusive. A TD that may run needs the entry blocked and tracked.
 * Source: TDX module 1.5.05, tdh_mem_page_remove.c.
 */
final class TdhMemPageRemove implements SeamcallHandler {
  @Override
  public long call(SeamcallFrame f, Registers regs) {
    long status = f.memoryPrefix(regs, 0, 2, TreeLock.SHARED, SeptFunction.PAGE_REMOVE);
    if (status != 0) {
      return status;
    }
    long pageHpa = f.walk.hpa();
    if (!f.platform.pamt.lockKnown(f.page, pageHpa, f.level, true)) {
      return TDX_OPERAND_BUSY.with(OperandId.RCX);
    }
    status = f.checkBlockedAndTracked(regs, f.page);
    if (status != 0) {
      return status;
    }
    f.commitEntry(SeptEntry.of(afterwards(f.td()), 0));
    f.page.setType(PageType.PT_NDA);
    f.td().childCount.add(-SeptLevel.pages(f.level));
    regs.rcx = pageHpa;
    return TDX_SUCCESS.value();
  }

  /** An import must not bring back what was removed. */
  private static SeptState afterwards(TdControl td) {
    return switch (td.opState()) {
      case MEMORY_IMPORT, STATE_IMPORT, POST_IMPORT, LIVE_IMPORT -> SeptState.REMOVED;
      default -> SeptState.FREE;
    };
  }
}
