package dev.broadsheet.core.tdx.seamcall;

import static dev.broadsheet.core.tdx.TdxStatus.TDX_SUCCESS;

import dev.broadsheet.core.tdx.ExitReason;
import dev.broadsheet.core.tdx.Registers;
import dev.broadsheet.core.tdx.seamcall.SeamcallFrame.TreeLock;
import dev.broadsheet.core.tdx.sept.SeptState;
import dev.broadsheet.core.tdx.td.TdControl;
import dev.broadsheet.core.tdx.td.Vcpu;

/**
 * The zero-step defence at entry: a vCPU that faulted too often without moving on is let in only if
 * the pages it needs are there.
 */
final class ZeroStep {
  private static final long QUALIFICATION = 0x7;

  // Extended qualification of the exit that the access itself would cause now.
  private static final long TYPE_NONE = 0;
  private static final long TYPE_PENDING = 6;

  private ZeroStep() {}

  /** Returns 0 to enter; busy; or the reason of the exit that is made up for a GPA. */
  static long filter(SeamcallFrame f, Registers regs, Vcpu vcpu) {
    long status = f.lockTree(TreeLock.EXCLUSIVE);
    if (status != 0) {
      return status;
    }
    TdControl td = vcpu.td;
    for (int i = 0; i < vcpu.stuckGpas; i++) {
      long gpa = vcpu.stuckGpa[i] & ~0xfffL;
      f.walk.walk(f.platform.tables, td.root(), td.rootLevel(), gpa, 0);
      SeptState state = f.walk.state();
      boolean raisesVe = state == SeptState.PENDING && !td.isPendingVeDisabled();
      if (!state.isGuestAccessible() && !raisesVe) {
        regs.rcx = vcpu.stuckGpa[i] & QUALIFICATION;
        regs.rdx = state == SeptState.PENDING ? TYPE_PENDING : TYPE_NONE;
        regs.r8 = gpa;
        return ExitReason.EPT_VIOLATION;
      }
    }
    return TDX_SUCCESS.value();
  }
}
