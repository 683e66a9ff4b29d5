package dev.broadsheet.core.tdx.seamcall;

import static dev.broadsheet.core.tdx.TdxStatus.TDX_SUCCESS;

import dev.broadsheet.core.tdx.OperandId;
import dev.broadsheet.core.tdx.Registers;
import dev.broadsheet.core.tdx.pamt.PageType;
import dev.broadsheet.core.tdx.seamcall.SeamcallFrame.TreeLock;
import dev.broadsheet.core.tdx.sept.SeptEntry;
import dev.broadsheet.core.tdx.sept.SeptFunction;
import dev.broadsheet.core.tdx.sept.SeptLevel;
import dev.broadsheet.core.tdx.sept.SeptRules;

/**
 * TDH.MEM.PAGE.AUG: gives a page that the guest must accept before it can use it.
 *
 * <p>In: RCX = level 0 or 1 and GPA, RDX = TDR, R8 = page. Locks: TDR, operation state and tree
 * shared, entry, page exclusive at its level. The content is not touched. Source: TDX module
 * 1.5.05, tdh_mem_page_aug.c.
 */
final class TdhMemPageAug implements SeamcallHandler {
  @Override
  public long call(SeamcallFrame f, Registers regs) {
    long status = f.memoryPrefix(regs, 0, 1, TreeLock.SHARED, SeptFunction.PAGE_AUG);
    if (status != 0) {
      return status;
    }
    long pageHpa = regs.r8;
    status = f.lockNewPage(f.page, pageHpa, OperandId.R8, f.level);
    if (status != 0) {
      return status;
    }
    f.page.set(PageType.PT_REG, f.td().slot, 0);
    f.td().childCount.add(SeptLevel.pages(f.level));
    f.commitEntry(SeptEntry.of(SeptRules.next(SeptFunction.PAGE_AUG, f.walk.state()), pageHpa));
    return TDX_SUCCESS.value();
  }
}
