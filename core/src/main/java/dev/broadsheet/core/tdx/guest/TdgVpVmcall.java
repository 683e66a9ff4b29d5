package dev.broadsheet.core.tdx.guest;

import static dev.broadsheet.core.tdx.TdxStatus.TDX_OPERAND_INVALID;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_SUCCESS;

import dev.broadsheet.core.tdx.ExitReason;
import dev.broadsheet.core.tdx.GuestOutcome;
import dev.broadsheet.core.tdx.OperandId;
import dev.broadsheet.core.tdx.Registers;
import dev.broadsheet.core.tdx.td.Vcpu;

/**
 * TDG.VP.VMCALL: a call to the host. RCX = mask of the registers that it may see; MapGPA is R10 =
 * 0, R11 = 0x10001, R12 = start GPA, R13 = size. The host's answer (R10 status, R11 value) comes
 * with the next TDH.VP.ENTER.
 */
final class TdgVpVmcall {
  /** RAX, RCX and RSP cannot be passed, nor anything above R15 but the XMM registers. */
  private static final long ILLEGAL_MASK = 0xffff_ffff_0000_0013L;

  private TdgVpVmcall() {}

  static GuestOutcome call(Vcpu vcpu, Registers regs) {
    if ((regs.rcx & ILLEGAL_MASK) != 0) {
      regs.rax = TDX_OPERAND_INVALID.with(OperandId.RCX);
      vcpu.progress();
      return GuestOutcome.DONE;
    }
    vcpu.progress();
    vcpu.vmcallMask = regs.rcx;
    vcpu.vmcallPending = true;
    for (int i = 8; i < 16; i++) {
      if ((regs.rcx >>> i & 1) == 0) {
        regs.set(i, 0);
      }
    }
    if ((regs.rcx >>> 2 & 1) == 0) {
      regs.rdx = 0;
    }
    regs.rax = TDX_SUCCESS.withLow(ExitReason.TDCALL);
    return GuestOutcome.TD_EXIT;
  }
}
