package dev.broadsheet.core.tdx.seamcall;

import static dev.broadsheet.core.tdx.TdxStatus.TDX_OPERAND_INVALID;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_SUCCESS;

import dev.broadsheet.core.tdx.OperandId;
import dev.broadsheet.core.tdx.Registers;
import dev.broadsheet.core.tdx.content.PageContents;
import dev.broadsheet.core.tdx.pamt.PageType;
import dev.broadsheet.core.tdx.sept.SeptEntry;
import dev.broadsheet.core.tdx.sept.SeptFunction;
import dev.broadsheet.core.tdx.sept.SeptRules;
import dev.broadsheet.core.tdx.td.TdControl;

/**
 * TDH.MEM.PAGE.ADD: copies a host's page into a new private 4K page while the TD is built, and
 * measures its address.
 *
 * <p>In: RCX = GPA, RDX = TDR, R8 = page, R9 = source in shared memory. Locks: TDR exclusive, which
 * stands for all others of the TD; page exclusive. Source: TDX module 1.5.05, tdh_mem_page_add.c.
 */
final class TdhMemPageAdd implements SeamcallHandler {
  @Override
  public long call(SeamcallFrame f, Registers regs) {
    f.clearOutputs(regs);
    long status = f.lockTdr(f.inRdx(), OperandId.RDX, true);
    if (status == 0) {
      status = f.checkTd();
    }
    if (status == 0) {
      status = f.checkOpState();
    }
    if (status == 0) {
      status = f.parsePageInfo(f.inRcx(), 0, 0);
    }
    if (status == 0) {
      status = f.walkTo(regs, 0);
    }
    if (status == 0) {
      status = f.checkEntry(regs, SeptFunction.PAGE_ADD);
    }
    if (status != 0) {
      return status;
    }
    long source = regs.r9;
    if ((source & 0xfff) != 0 || !f.platform.isSharedHpa(source)) {
      return TDX_OPERAND_INVALID.with(OperandId.R9);
    }
    long pageHpa = regs.r8;
    status = f.lockNewPage(f.page, pageHpa, OperandId.R8, 0);
    if (status != 0) {
      return status;
    }
    TdControl td = f.td();
    PageContents contents = f.platform.contents;
    if (contents != null) {
      contents.write(pageHpa, td.hkid, contents.read(source, PageContents.HOST_KEY));
    }
    td.measurement.pageAdded(f.gpa);
    f.page.set(PageType.PT_REG, td.slot, 0);
    td.childCount.add(1);
    f.platform.tables.setEntry(
        f.walk.table,
        f.walk.index,
        f.walk.level,
        SeptEntry.of(SeptRules.next(SeptFunction.PAGE_ADD, f.walk.state()), pageHpa));
    return TDX_SUCCESS.value();
  }
}
