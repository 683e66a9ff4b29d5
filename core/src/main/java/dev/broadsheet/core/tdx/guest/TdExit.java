package dev.broadsheet.core.tdx.guest;

import dev.broadsheet.core.tdx.ExitReason;
import dev.broadsheet.core.tdx.GuestOutcome;
import dev.broadsheet.core.tdx.Registers;
import dev.broadsheet.core.tdx.TdxStatus;
import dev.broadsheet.core.tdx.sept.SeptEntry;
import dev.broadsheet.core.tdx.sept.SeptWalk;
import dev.broadsheet.core.tdx.td.Vcpu;
import dev.broadsheet.core.tdx.td.VcpuState;

/**
 * TD exits: what the host's registers show, and the books of a vCPU that leaves.
 *
 * <p>EPT violation: RAX = 48, RCX = exit qualification, RDX = extended qualification (bits 3:0
 * type, bits 63:32 info), R8 = GPA of the page. Source: TDX module 1.5.05, td_exit.c,
 * td_ept_violation.c.
 */
public final class TdExit {
  /** Extended qualification type: an ordinary access. */
  public static final long TYPE_NONE = 0;

  /** Extended qualification type: TDG.MEM.PAGE.ACCEPT could not finish. */
  public static final long TYPE_ACCEPT = 1;

  /** Extended qualification type: TDG.MEM.PAGE.ATTR.WR could not finish. */
  public static final long TYPE_ATTR_WR = 5;

  /** Extended qualification type: touch of a pending page with #VE for that disabled. */
  public static final long TYPE_PENDING = 6;

  private static final int INFO_SHIFT = 32;
  private static final int INFO_LEVEL_SHIFT = 3;
  private static final int INFO_STATE_SHIFT = 6;
  private static final long INFO_LEAF = 1L << 14;
  private static final int QUALIFICATION_PERMISSIONS_SHIFT = 3;
  private static final long QUALIFICATION_WRITE = 2;

  private TdExit() {}

  /** Shows an EPT violation without details of the entry. */
  static GuestOutcome eptViolation(Registers exit, long qualification, long type, long gpa) {
    exit.rax = TdxStatus.TDX_SUCCESS.withLow(ExitReason.EPT_VIOLATION);
    exit.rcx = qualification;
    exit.rdx = type;
    exit.r8 = gpa & ~0xfffL;
    return GuestOutcome.TD_EXIT;
  }

  /** Shows an EPT violation of a TDCALL that names a level, with the entry where it stopped. */
  static GuestOutcome eptViolation(
      Registers exit, long type, long gpa, int requestedLevel, SeptWalk stopped) {
    long permissions = stopped.entry & SeptEntry.RWX;
    long info =
        requestedLevel
            | (long) stopped.level << INFO_LEVEL_SHIFT
            | (long) stopped.state().reported() << INFO_STATE_SHIFT
            | (SeptEntry.isLeaf(stopped.entry) ? INFO_LEAF : 0);
    long qualification = QUALIFICATION_WRITE | permissions << QUALIFICATION_PERMISSIONS_SHIFT;
    return eptViolation(exit, qualification, type | info << INFO_SHIFT, gpa);
  }

  /** Shows another exit reason; nothing else is known to the host. */
  static GuestOutcome plain(Registers exit, long rax) {
    exit.rax = rax;
    exit.rcx = 0;
    exit.rdx = 0;
    exit.r8 = 0;
    return GuestOutcome.TD_EXIT;
  }

  /** Books that the vCPU is outside: epoch counter, locks of TDVPR and TDR. */
  public static void leave(Vcpu vcpu) {
    vcpu.td.epochs.leave(vcpu.epoch);
    if (vcpu.state() == VcpuState.ACTIVE) {
      vcpu.setState(VcpuState.READY);
    }
    vcpu.tdrRef.release();
    vcpu.tdvprRef.release();
    vcpu.run.set(Vcpu.OUTSIDE);
  }
}
