package dev.broadsheet.core.tdx.seamcall;

import static dev.broadsheet.core.tdx.TdxStatus.TDX_OPERAND_BUSY;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_PREVIOUS_TLB_EPOCH_BUSY;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_SUCCESS;

import dev.broadsheet.core.tdx.OperandId;
import dev.broadsheet.core.tdx.Registers;
import dev.broadsheet.core.tdx.td.TlbEpochs;

/**
 * TDH.MEM.TRACK: moves the TD's epoch on, so that every later entry flushes.
 *
 * <p>In: RCX = TDR. Locks: TDR and operation state shared, epoch exclusive. It interrupts nobody:
 * vCPUs inside must be kicked out for a block to become tracked. Source: TDX module 1.5.05,
 * tdh_mem_track.c.
 */
final class TdhMemTrack implements SeamcallHandler {
  @Override
  public long call(SeamcallFrame f, Registers regs) {
    f.clearOutputs(regs);
    long status = f.lockTdr(f.inRcx(), OperandId.RCX, false);
    if (status == 0) {
      status = f.checkTd();
    }
    if (status == 0) {
      status = f.lockOpState();
    }
    if (status != 0) {
      return status;
    }
    TlbEpochs epochs = f.td().epochs;
    if (!epochs.lock.tryExclusive()) {
      return TDX_OPERAND_BUSY.with(OperandId.TD_EPOCH);
    }
    boolean moved = epochs.track();
    epochs.lock.unlockExclusive();
    return moved ? TDX_SUCCESS.value() : TDX_PREVIOUS_TLB_EPOCH_BUSY.value();
  }
}
