package dev.broadsheet.core.tdx.seamcall;

import static dev.broadsheet.core.tdx.TdxStatus.TDX_OPERAND_BUSY;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_OPERAND_INVALID;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_SUCCESS;

import dev.broadsheet.core.tdx.OperandId;
import dev.broadsheet.core.tdx.Registers;
import dev.broadsheet.core.tdx.content.PageContents;
import dev.broadsheet.core.tdx.pamt.PageType;
import dev.broadsheet.core.tdx.seamcall.SeamcallFrame.TreeLock;
import dev.broadsheet.core.tdx.sept.SeptEntry;
import dev.broadsheet.core.tdx.sept.SeptFunction;
import dev.broadsheet.core.tdx.sept.SeptRules;
import dev.broadsheet.core.tdx.sept.SeptState;

/**
 * TDH.MEM.PAGE.RELOCATE: moves a 4K page to another frame, with its content unless it is pending.
 *
 * <p>In: RCX = GPA, RDX = TDR, R8 = new page. Out: RCX = the old page. Locks: TDR, operation state
 * and tree shared, entry, both pages exclusive. Source: TDX module 1.5.05, tdh_mem_page_relocate.c.
 */
final class TdhMemPageRelocate implements SeamcallHandler {
  @Override
  public long call(SeamcallFrame f, Registers regs) {
    long status = f.memoryPrefix(regs, 0, 0, TreeLock.SHARED, SeptFunction.PAGE_RELOCATE);
    if (status != 0) {
      return status;
    }
    long oldHpa = f.walk.hpa();
    long newHpa = regs.r8;
    if (newHpa == oldHpa) {
      return TDX_OPERAND_INVALID.with(OperandId.R8);
    }
    if (!f.platform.pamt.lockKnown(f.page, oldHpa, 0, true)) {
      return TDX_OPERAND_BUSY.with(OperandId.RCX);
    }
    status = f.checkBlockedAndTracked(regs, f.page);
    if (status == 0) {
      status = f.lockNewPage(f.other, newHpa, OperandId.R8, 0);
    }
    if (status != 0) {
      return status;
    }
    SeptState before = f.walk.state();
    PageContents contents = f.platform.contents;
    if (contents != null && !before.isPending()) {
      contents.write(newHpa, f.td().hkid, contents.read(oldHpa, f.td().hkid));
    }
    f.page.setType(PageType.PT_NDA);
    f.other.set(PageType.PT_REG, f.td().slot, 0);
    f.commitEntry(SeptEntry.of(SeptRules.next(SeptFunction.PAGE_RELOCATE, before), newHpa));
    regs.rcx = oldHpa;
    return TDX_SUCCESS.value();
  }
}
