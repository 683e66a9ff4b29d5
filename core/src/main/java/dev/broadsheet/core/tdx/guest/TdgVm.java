package dev.broadsheet.core.tdx.guest;

import static dev.broadsheet.core.tdx.TdxStatus.TDX_METADATA_FIELD_ID_INCORRECT;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_METADATA_FIELD_NOT_WRITABLE;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_SUCCESS;

import dev.broadsheet.core.tdx.GuestOutcome;
import dev.broadsheet.core.tdx.OperandId;
import dev.broadsheet.core.tdx.Registers;
import dev.broadsheet.core.tdx.td.TdControl;
import dev.broadsheet.core.tdx.td.TdParams;
import dev.broadsheet.core.tdx.td.Vcpu;

/**
 * TDG.VM.RD and TDG.VM.WR for the two fields that concern memory: CONFIG_FLAGS, read only, and
 * TD_CTLS, whose bit 0 disables #VE for pending pages and which FLEXIBLE_PENDING_VE makes writable.
 *
 * <p>In: RDX = field id; WR: R8 = value, R9 = mask. Out: R8 = value, before the write.
 */
final class TdgVm {
  private static final long CONFIG_FLAGS = 0x1110_0003_0000_0016L;
  private static final long TD_CTLS = 0x1110_0003_0000_0017L;
  private static final long PENDING_VE_DISABLE = 1L;

  private TdgVm() {}

  static GuestOutcome read(Vcpu vcpu, Registers regs) {
    TdControl td = vcpu.td;
    if (regs.rdx != CONFIG_FLAGS && regs.rdx != TD_CTLS) {
      return done(vcpu, regs, TDX_METADATA_FIELD_ID_INCORRECT.with(OperandId.RDX));
    }
    regs.r8 = regs.rdx == TD_CTLS ? controls(td) : td.params().configFlags();
    return done(vcpu, regs, TDX_SUCCESS.value());
  }

  static GuestOutcome write(Vcpu vcpu, Registers regs) {
    TdControl td = vcpu.td;
    if (regs.rdx != CONFIG_FLAGS && regs.rdx != TD_CTLS) {
      return done(vcpu, regs, TDX_METADATA_FIELD_ID_INCORRECT.with(OperandId.RDX));
    }
    boolean flexible = (td.params().configFlags() & TdParams.FLEXIBLE_PENDING_VE) != 0;
    if (regs.rdx == CONFIG_FLAGS || !flexible || (regs.r9 & ~PENDING_VE_DISABLE) != 0) {
      return done(vcpu, regs, TDX_METADATA_FIELD_NOT_WRITABLE.with(OperandId.RDX));
    }
    long before = controls(td);
    if ((regs.r9 & PENDING_VE_DISABLE) != 0) {
      td.setPendingVeDisabled((regs.r8 & PENDING_VE_DISABLE) != 0);
    }
    regs.r8 = before;
    return done(vcpu, regs, TDX_SUCCESS.value());
  }

  private static long controls(TdControl td) {
    return td.isPendingVeDisabled() ? PENDING_VE_DISABLE : 0;
  }

  private static GuestOutcome done(Vcpu vcpu, Registers regs, long rax) {
    regs.rax = rax;
    vcpu.progress();
    return GuestOutcome.DONE;
  }
}
