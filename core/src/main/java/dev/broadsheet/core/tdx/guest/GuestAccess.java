package dev.broadsheet.core.tdx.guest;

import static dev.broadsheet.core.tdx.TdxStatus.TDX_NON_RECOVERABLE_TD_NON_ACCESSIBLE;

import dev.broadsheet.core.tdx.AccessKind;
import dev.broadsheet.core.tdx.ExitReason;
import dev.broadsheet.core.tdx.GuestOutcome;
import dev.broadsheet.core.tdx.Registers;
import dev.broadsheet.core.tdx.content.PageContents;
import dev.broadsheet.core.tdx.seamcall.TdxPlatform;
import dev.broadsheet.core.tdx.sept.SeptLevel;
import dev.broadsheet.core.tdx.sept.SeptState;
import dev.broadsheet.core.tdx.sept.SeptWalk;
import dev.broadsheet.core.tdx.td.TdControl;
import dev.broadsheet.core.tdx.td.Vcpu;
import dev.broadsheet.core.tdx.td.VcpuState;

/**
 * A guest's load, store or fetch at a private GPA.
 *
 * <p>MAPPED completes. PENDING raises #VE, or exits with type 6 when that is disabled. All else
 * exits with type 0; the host gets no entry state. Source: TDX module 1.5.05, td_ept_violation.c.
 */
final class GuestAccess {
  private final TdxPlatform platform;

  GuestAccess(TdxPlatform platform) {
    this.platform = platform;
  }

  GuestOutcome access(Vcpu vcpu, long gpa, AccessKind kind, Registers regs) {
    TdControl td = vcpu.td;
    if (!td.isPrivate(gpa)) {
      return GuestOutcome.SHARED;
    }
    SeptWalk walk = vcpu.walk;
    walk.walk(platform.tables, td.root(), td.rootLevel(), gpa, 0);
    SeptState state = walk.state();
    int needed = kind.qualification();
    if (state.isLeaf() && (state.permissions() & needed) == needed) {
      return complete(vcpu, gpa, kind, regs);
    }
    long qualification = needed | (long) state.permissions() << 3;
    if (state == SeptState.PENDING) {
      if (!td.isPendingVeDisabled()) {
        return virtualizationException(vcpu, gpa, qualification);
      }
      stuck(vcpu, gpa, qualification);
      return TdExit.eptViolation(regs, qualification, TdExit.TYPE_PENDING, gpa);
    }
    stuck(vcpu, gpa, qualification);
    return TdExit.eptViolation(regs, qualification, TdExit.TYPE_NONE, gpa);
  }

  private GuestOutcome complete(Vcpu vcpu, long gpa, AccessKind kind, Registers regs) {
    PageContents contents = platform.contents;
    if (contents != null) {
      SeptWalk walk = vcpu.walk;
      long pageHpa = walk.hpa() + (gpa & (SeptLevel.bytes(walk.level) - 1) & ~0xfffL);
      if (kind == AccessKind.WRITE) {
        contents.write(pageHpa, vcpu.td.hkid, regs.rax);
      } else if (contents.isReadableWith(pageHpa, vcpu.td.hkid)) {
        regs.rax = contents.plaintext(pageHpa);
      } else {
        // Somebody wrote the page with another key: integrity fault, machine check, dead TD.
        vcpu.td.setFatal();
        vcpu.setState(VcpuState.DISABLED);
        TdExit.plain(regs, TDX_NON_RECOVERABLE_TD_NON_ACCESSIBLE.withLow(ExitReason.MACHINE_CHECK));
        return GuestOutcome.TD_DEAD;
      }
    }
    vcpu.progress();
    return GuestOutcome.DONE;
  }

  private static GuestOutcome virtualizationException(Vcpu vcpu, long gpa, long qualification) {
    if (vcpu.veValid) {
      return GuestOutcome.DOUBLE_FAULT;
    }
    vcpu.veValid = true;
    vcpu.veQualification = qualification;
    vcpu.veGpa = gpa & ~0xfffL;
    vcpu.progress(); // the handler runs: RIP has moved
    return GuestOutcome.VE;
  }

  /** Zero-step defence: counts faults with the RIP unchanged since the entry. */
  private static void stuck(Vcpu vcpu, long gpa, long qualification) {
    if (vcpu.progressed) {
      vcpu.stuckFaults = 0;
      vcpu.stuckGpas = 0;
      return;
    }
    vcpu.stuckFaults++;
    if (vcpu.stuckFaults <= Vcpu.ZERO_STEP_THRESHOLD) {
      return;
    }
    long page = gpa & ~0xfffL;
    for (int i = 0; i < vcpu.stuckGpas; i++) {
      if ((vcpu.stuckGpa[i] & ~0xfffL) == page) {
        return;
      }
    }
    if (vcpu.stuckGpas < Vcpu.ZERO_STEP_GPAS) {
      vcpu.stuckGpa[vcpu.stuckGpas++] = page | qualification;
    }
  }
}
