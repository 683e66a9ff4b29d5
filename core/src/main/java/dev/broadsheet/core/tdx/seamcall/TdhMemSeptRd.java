package dev.broadsheet.core.tdx.seamcall;

import static dev.broadsheet.core.tdx.TdxStatus.TDX_OPERAND_INVALID;

import dev.broadsheet.core.tdx.OperandId;
import dev.broadsheet.core.tdx.Registers;
import dev.broadsheet.core.tdx.seamcall.SeamcallFrame.TreeLock;
import dev.broadsheet.core.tdx.sept.SeptEntry;

/**
 * TDH.MEM.SEPT.RD: shows an entry of any state.
 *
 * <p>In: RCX = level and GPA, RDX = TDR (bit 0 asks for L2 attributes: debug TDs only). Out: RCX,
 * RDX = the entry as {@link SeptEntry} describes. Sees nothing below a blocked table. Source: TDX
 * module 1.5.05, tdh_mem_sept_rd.c.
 */
final class TdhMemSeptRd implements SeamcallHandler {
  private static final long L2_ATTRIBUTES = 1L;

  @Override
  public long call(SeamcallFrame f, Registers regs) {
    long status = f.openTd(regs);
    if (status == 0 && (f.inRdx() & L2_ATTRIBUTES) != 0) {
      if (!f.td().isDebug()) {
        return TDX_OPERAND_INVALID.with(OperandId.RDX);
      }
      regs.r8 = 0; // no L2 VMs: no attributes
    }
    if (status == 0) {
      status = f.parsePageInfo(f.inRcx(), 0, SeamcallFrame.ROOT_LEVEL);
    }
    if (status == 0) {
      status = f.lockTree(TreeLock.SHARED);
    }
    if (status == 0) {
      status = f.walkTo(regs, f.level);
    }
    if (status == 0) {
      status = f.lockEntry(regs);
    }
    if (status == 0) {
      f.showEntry(regs);
    }
    return status;
  }
}
