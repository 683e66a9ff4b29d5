package dev.broadsheet.core.tdx.guest;

import static dev.broadsheet.core.tdx.TdxStatus.TDX_OPERAND_INVALID;

import dev.broadsheet.core.tdx.AccessKind;
import dev.broadsheet.core.tdx.GuestOutcome;
import dev.broadsheet.core.tdx.OperandId;
import dev.broadsheet.core.tdx.Registers;
import dev.broadsheet.core.tdx.TdcallLeaf;
import dev.broadsheet.core.tdx.seamcall.TdxPlatform;
import dev.broadsheet.core.tdx.td.Vcpu;

/**
 * Executes guest instructions of a vCPU that is inside the TD and that the calling thread has
 * marked EXECUTING. The outcome says whether the vCPU leaves; who called does the leaving.
 */
public final class GuestSide {
  private final TdxPlatform platform;
  private final TdgMemPageAccept accept;
  private final TdgMemPageAttr attributes;
  private final GuestAccess access;

  /** Creates the guest side of one module. */
  public GuestSide(TdxPlatform platform) {
    this.platform = platform;
    this.accept = new TdgMemPageAccept(platform);
    this.attributes = new TdgMemPageAttr(platform);
    this.access = new GuestAccess(platform);
  }

  /** Executes a TDCALL of version 0; RAX holds the status afterwards. */
  public GuestOutcome tdcall(Vcpu vcpu, TdcallLeaf leaf, Registers regs) {
    return switch (leaf) {
      case TDG_VP_VMCALL -> TdgVpVmcall.call(vcpu, regs);
      case TDG_VP_INFO -> TdgVp.info(vcpu, regs);
      case TDG_VP_VEINFO_GET -> TdgVp.veInfo(vcpu, regs);
      case TDG_MEM_PAGE_ACCEPT -> accept.call(vcpu, regs);
      case TDG_VM_RD -> TdgVm.read(vcpu, regs);
      case TDG_VM_WR -> TdgVm.write(vcpu, regs);
      case TDG_MEM_PAGE_ATTR_RD -> attributes.read(vcpu, regs);
      case TDG_MEM_PAGE_ATTR_WR -> attributes.write(vcpu, regs);
      default -> {
        regs.rax = TDX_OPERAND_INVALID.with(OperandId.RAX);
        yield GuestOutcome.DONE;
      }
    };
  }

  /** Executes a memory access. */
  public GuestOutcome access(Vcpu vcpu, long gpa, AccessKind kind, Registers regs) {
    return access.access(vcpu, gpa, kind, regs);
  }

  /** Executes an access to a shared GPA that the host's table did not translate. */
  public GuestOutcome sharedViolation(Vcpu vcpu, long gpa, AccessKind kind, Registers regs) {
    if (vcpu.td.isPrivate(gpa)) {
      throw new IllegalArgumentException(
          String.format("GPA 0x%x is private; only shared GPAs fault in the host's table", gpa));
    }
    return TdExit.eptViolation(regs, kind.qualification(), TdExit.TYPE_NONE, gpa);
  }

  /** Returns the module's state. */
  public TdxPlatform platform() {
    return platform;
  }
}
