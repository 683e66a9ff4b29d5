package dev.broadsheet.core.tdx.guest;

import static dev.broadsheet.core.tdx.TdxStatus.TDX_NO_VALID_VE_INFO;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_SUCCESS;

import dev.broadsheet.core.tdx.ExitReason;
import dev.broadsheet.core.tdx.GuestOutcome;
import dev.broadsheet.core.tdx.Registers;
import dev.broadsheet.core.tdx.td.TdControl;
import dev.broadsheet.core.tdx.td.Vcpu;

/** TDG.VP.INFO and TDG.VP.VEINFO.GET. */
final class TdgVp {
  private TdgVp() {}

  /** Out: RCX = GPA width, RDX = ATTRIBUTES, R8 = number of vCPUs, R9 = this vCPU's index. */
  static GuestOutcome info(Vcpu vcpu, Registers regs) {
    TdControl td = vcpu.td;
    regs.rcx = td.sharedBit() == 1L << 51 ? 52 : 48;
    regs.rdx = td.params().attributes();
    regs.r8 = td.initialisedVcpus.get() | (long) td.params().maxVcpus() << 32;
    regs.r9 = vcpu.index;
    return done(vcpu, regs, TDX_SUCCESS.value());
  }

  /** Out: RCX = exit reason, RDX = qualification, R8 = 0, R9 = GPA; the record is free again. */
  static GuestOutcome veInfo(Vcpu vcpu, Registers regs) {
    if (!vcpu.veValid) {
      return done(vcpu, regs, TDX_NO_VALID_VE_INFO.value());
    }
    vcpu.veValid = false;
    regs.rcx = ExitReason.EPT_VIOLATION;
    regs.rdx = vcpu.veQualification;
    regs.r8 = 0;
    regs.r9 = vcpu.veGpa;
    return done(vcpu, regs, TDX_SUCCESS.value());
  }

  private static GuestOutcome done(Vcpu vcpu, Registers regs, long rax) {
    regs.rax = rax;
    vcpu.progress();
    return GuestOutcome.DONE;
  }
}
