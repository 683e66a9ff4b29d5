package dev.broadsheet.core.tdx.seamcall;

import static dev.broadsheet.core.tdx.TdxStatus.TDX_EPT_ENTRY_NOT_PRESENT;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_NO_VCPUS;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_OPERAND_INVALID;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_SUCCESS;

import dev.broadsheet.core.tdx.OpState;
import dev.broadsheet.core.tdx.OperandId;
import dev.broadsheet.core.tdx.Registers;
import dev.broadsheet.core.tdx.content.PageContents;
import dev.broadsheet.core.tdx.sept.SeptFunction;
import dev.broadsheet.core.tdx.sept.SeptLevel;
import dev.broadsheet.core.tdx.sept.SeptRules;
import dev.broadsheet.core.tdx.td.Measurement;

/**
 * TDH.MR.EXTEND and TDH.MR.FINALIZE: the build-time measurement. Both lock the TDR exclusively.
 *
 * <p>EXTEND: RCX = GPA of a 256-byte chunk, RDX = TDR. FINALIZE: RCX = TDR. Source: TDX module
 * 1.5.05, tdh_mr_extend.c, tdh_mr_finalize.c.
 */
final class TdhMr {
  private TdhMr() {}

  static long extend(SeamcallFrame f, Registers regs) {
    f.clearOutputs(regs);
    long status = f.lockTdr(f.inRdx(), OperandId.RDX, true);
    if (status == 0) {
      status = f.checkTd();
    }
    if (status == 0) {
      status = f.checkOpState();
    }
    if (status != 0) {
      return status;
    }
    f.gpa = f.inRcx();
    if ((f.gpa & (Measurement.CHUNK_BYTES - 1)) != 0) {
      return TDX_OPERAND_INVALID.with(OperandId.RCX);
    }
    status = f.checkGpa(f.gpa);
    if (status != 0) {
      return status;
    }
    f.walk.walk(f.platform.tables, f.td().root(), f.td().rootLevel(), f.gpa, 0);
    if (!SeptRules.isLegal(SeptFunction.MR_EXTEND, f.walk.state())) {
      return TDX_EPT_ENTRY_NOT_PRESENT.with(OperandId.RCX);
    }
    PageContents contents = f.platform.contents;
    long pageHpa = f.walk.hpa() + (f.gpa & (SeptLevel.bytes(f.walk.level) - 1) & ~0xfffL);
    long content = contents == null ? 0 : contents.read(pageHpa, f.td().hkid);
    f.td().measurement.extend(f.gpa, content);
    return TDX_SUCCESS.value();
  }

  static long finalizeTd(SeamcallFrame f, Registers regs) {
    f.clearOutputs(regs);
    long status = f.lockTdr(f.inRcx(), OperandId.RCX, true);
    if (status == 0) {
      status = f.checkTd();
    }
    if (status == 0) {
      status = f.checkOpState();
    }
    if (status != 0) {
      return status;
    }
    if (f.td().initialisedVcpus.get() == 0) {
      return TDX_NO_VCPUS.value();
    }
    f.td().measurement.finish();
    f.td().setOpState(OpState.RUNNABLE);
    return TDX_SUCCESS.value();
  }
}
