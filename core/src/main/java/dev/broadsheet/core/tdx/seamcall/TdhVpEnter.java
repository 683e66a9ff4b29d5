package dev.broadsheet.core.tdx.seamcall;

import static dev.broadsheet.core.tdx.TdxStatus.TDX_OPERAND_BUSY;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_SUCCESS;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_VCPU_ASSOCIATED;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_VCPU_STATE_INCORRECT;

import dev.broadsheet.core.tdx.OperandId;
import dev.broadsheet.core.tdx.Registers;
import dev.broadsheet.core.tdx.pamt.PageType;
import dev.broadsheet.core.tdx.td.TlbEpochs;
import dev.broadsheet.core.tdx.td.Vcpu;
import dev.broadsheet.core.tdx.td.VcpuState;

/**
 * TDH.VP.ENTER: takes a vCPU into the TD.
 *
 * <p>In: RCX = TDVPR; after a TDVMCALL the host's answer in R10 to R15 and the other exposed
 * registers. RAX = 0 means that the vCPU is inside now; another value with a clear upper half is an
 * exit reason: the zero-step defence sent the vCPU back at once. TDVPR and TDR stay locked shared
 * until the TD exit. Source: TDX module 1.5.05, tdh_vp_enter.c, td_exit_stepping.c.
 */
final class TdhVpEnter implements SeamcallHandler {
  @Override
  public long call(SeamcallFrame f, Registers regs) {
    long status = f.lockControlPage(f.page, f.inRcx(), OperandId.RCX, false, PageType.PT_TDVPR);
    if (status != 0) {
      return status;
    }
    Vcpu vcpu = f.platform.vcpu((int) f.page.epoch());
    status = f.lockOwner(vcpu.td, false);
    if (status == 0) {
      status = f.checkTd();
    }
    if (status == 0) {
      status = f.lockOpState();
    }
    if (status != 0) {
      return status;
    }
    f.unlockOpState();
    VcpuState state = vcpu.state();
    if (state == VcpuState.UNINITIALIZED || state == VcpuState.DISABLED) {
      return TDX_VCPU_STATE_INCORRECT.value();
    }
    int bound = vcpu.processor.get();
    if (bound != regs.processor
        && (bound != Vcpu.NO_PROCESSOR
            || !vcpu.processor.compareAndSet(Vcpu.NO_PROCESSOR, regs.processor))) {
      return TDX_VCPU_ASSOCIATED.value();
    }
    if (bound == Vcpu.NO_PROCESSOR) {
      vcpu.td.associatedVcpus.getAndIncrement();
    }
    while (!vcpu.run.compareAndSet(Vcpu.OUTSIDE, Vcpu.ENTERING)) {
      if (vcpu.run.get() != Vcpu.LEAVING) {
        return TDX_VCPU_STATE_INCORRECT.value();
      }
      Thread.onSpinWait();
    }
    status = enter(f, regs, vcpu, bound != Vcpu.NO_PROCESSOR);
    if (status != 0) {
      vcpu.run.set(Vcpu.OUTSIDE);
    }
    return status;
  }

  private static long enter(SeamcallFrame f, Registers regs, Vcpu vcpu, boolean wasBound) {
    TlbEpochs epochs = vcpu.td.epochs;
    if (!epochs.lock.tryShared()) {
      return TDX_OPERAND_BUSY.with(OperandId.TD_EPOCH);
    }
    long epoch = epochs.enter();
    epochs.lock.unlockShared();
    boolean flush = wasBound && epoch != vcpu.epoch;
    vcpu.epoch = epoch;
    if (vcpu.stuckGpas > 0) {
      long status = ZeroStep.filter(f, regs, vcpu);
      if (status != 0) {
        epochs.leave(epoch);
        return status;
      }
    }
    if (f.platform.isOtherVcpu(regs.processor, vcpu) || flush) {
      vcpu.flushes++;
    }
    if (vcpu.vmcallPending) {
      vcpu.vmcallPending = false;
      vcpu.vmcallAnswered = true;
      for (int i = 8; i < 16; i++) {
        vcpu.answer[i] = (vcpu.vmcallMask >>> i & 1) != 0 || i == 10 ? regs.get(i) : 0;
      }
    }
    vcpu.progressed = false;
    f.page.moveTo(vcpu.tdvprRef);
    f.tdr.moveTo(vcpu.tdrRef);
    f.setEntered(vcpu);
    vcpu.setState(VcpuState.ACTIVE);
    vcpu.run.set(Vcpu.INSIDE);
    return TDX_SUCCESS.value();
  }
}
