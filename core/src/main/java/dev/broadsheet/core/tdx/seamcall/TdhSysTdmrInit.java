package dev.broadsheet.core.tdx.seamcall;

import static dev.broadsheet.core.tdx.TdxStatus.TDX_OPERAND_INVALID;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_SUCCESS;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_TDMR_ALREADY_INITIALIZED;

import dev.broadsheet.core.tdx.OperandId;
import dev.broadsheet.core.tdx.Registers;
import dev.broadsheet.core.tdx.pamt.Pamt;

/**
 * TDH.SYS.TDMR.INIT: initialises the PAMT of the next 4M of a TDMR; the caller loops.
 *
 * <p>In: RCX = first byte of the TDMR. Out: RDX = first byte that is not usable yet; memory becomes
 * usable in whole 1G blocks. Source: TDX module 1.5.05, tdh_sys_tdmr_init.c.
 */
final class TdhSysTdmrInit implements SeamcallHandler {
  private static final long BYTES_PER_CALL = 1024L << 12;

  @Override
  public long call(SeamcallFrame f, Registers regs) {
    long next = f.platform.pamt.initialise(regs.rcx, BYTES_PER_CALL);
    if (next == Pamt.NO_SUCH_TDMR) {
      return TDX_OPERAND_INVALID.with(OperandId.RCX);
    }
    if (next == Pamt.ALREADY_INITIALISED) {
      return TDX_TDMR_ALREADY_INITIALIZED.value();
    }
    regs.rdx = next;
    return TDX_SUCCESS.value();
  }
}
