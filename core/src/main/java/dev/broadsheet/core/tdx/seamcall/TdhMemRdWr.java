package dev.broadsheet.core.tdx.seamcall;

import static dev.broadsheet.core.tdx.TdxStatus.TDX_EPT_ENTRY_NOT_PRESENT;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_OPERAND_INVALID;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_SUCCESS;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_TD_NON_DEBUG;

import dev.broadsheet.core.tdx.OperandId;
import dev.broadsheet.core.tdx.Registers;
import dev.broadsheet.core.tdx.content.PageContents;
import dev.broadsheet.core.tdx.seamcall.SeamcallFrame.TreeLock;
import dev.broadsheet.core.tdx.sept.SeptFunction;
import dev.broadsheet.core.tdx.sept.SeptLevel;
import dev.broadsheet.core.tdx.sept.SeptRules;

/**
 * TDH.MEM.RD and TDH.MEM.WR: the host reads or writes 8 bytes of a debug TD's memory.
 *
 * <p>In: RCX = GPA, a multiple of 8, RDX = TDR, R8 = data to write. Out: R8 = data read, or what
 * stood there before. Locks: TDR, operation state and tree shared, entry. Source: TDX module
 * 1.5.05, tdh_mem_rd_wr.c.
 */
final class TdhMemRdWr implements SeamcallHandler {
  private final SeptFunction function;

  TdhMemRdWr(SeptFunction function) {
    this.function = function;
  }

  @Override
  public long call(SeamcallFrame f, Registers regs) {
    long status = f.openTd(regs);
    if (status != 0) {
      return status;
    }
    if (!f.td().isDebug()) {
      return TDX_TD_NON_DEBUG.value();
    }
    f.gpa = f.inRcx();
    status = (f.gpa & 7) != 0 ? TDX_OPERAND_INVALID.with(OperandId.RCX) : f.checkGpa(f.gpa);
    if (status == 0) {
      status = f.lockTree(TreeLock.SHARED);
    }
    if (status != 0) {
      return status;
    }
    f.walk.walk(f.platform.tables, f.td().root(), f.td().rootLevel(), f.gpa, 0);
    status = f.lockEntry(regs);
    if (status != 0) {
      return status;
    }
    if (!SeptRules.isLegal(function, f.walk.state())) {
      return TDX_EPT_ENTRY_NOT_PRESENT.with(OperandId.RCX);
    }
    PageContents contents = f.platform.contents;
    if (contents != null) {
      long pageHpa = f.walk.hpa() + (f.gpa & (SeptLevel.bytes(f.walk.level) - 1) & ~0xfffL);
      long before = contents.read(pageHpa, f.td().hkid);
      if (function == SeptFunction.MEM_WR) {
        contents.write(pageHpa, f.td().hkid, regs.r8);
      }
      regs.r8 = before;
    }
    return TDX_SUCCESS.value();
  }
}
