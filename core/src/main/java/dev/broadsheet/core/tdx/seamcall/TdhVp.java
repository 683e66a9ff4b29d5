package dev.broadsheet.core.tdx.seamcall;

import static dev.broadsheet.core.tdx.TdxStatus.TDX_MAX_VCPUS_EXCEEDED;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_SUCCESS;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_TDCX_NUM_INCORRECT;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_VCPU_NOT_ASSOCIATED;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_VCPU_STATE_INCORRECT;

import dev.broadsheet.core.tdx.OperandId;
import dev.broadsheet.core.tdx.Registers;
import dev.broadsheet.core.tdx.SeamcallLeaf;
import dev.broadsheet.core.tdx.pamt.PageType;
import dev.broadsheet.core.tdx.td.TdControl;
import dev.broadsheet.core.tdx.td.Vcpu;
import dev.broadsheet.core.tdx.td.VcpuState;

/**
 * The life of a vCPU outside the TD: CREATE, ADDCX, INIT, FLUSH.
 *
 * <p>Source: TDX module 1.5.05, tdh_vp_create.c, tdh_vp_addcx.c, tdh_vp_init.c, tdh_vp_flush.c.
 */
final class TdhVp {
  private TdhVp() {}

  /** In: RCX = page for the TDVPR, RDX = TDR. */
  static long create(SeamcallFrame f, Registers regs) {
    long status = f.lockTdr(f.inRdx(), OperandId.RDX, false);
    if (status == 0) {
      status = f.checkTd();
    }
    if (status == 0) {
      status = f.lockOpState();
    }
    if (status == 0) {
      status = f.lockNewPage(f.page, regs.rcx, OperandId.RCX, 0);
    }
    if (status != 0) {
      return status;
    }
    TdControl td = f.td();
    Vcpu vcpu = new Vcpu(regs.rcx, td, f.platform.pamt);
    f.page.set(PageType.PT_TDVPR, td.slot, f.platform.addVcpu(vcpu));
    td.vcpus.add(vcpu);
    td.childCount.add(1);
    return TDX_SUCCESS.value();
  }

  /** In: RCX = page, RDX = TDVPR. */
  static long addCx(SeamcallFrame f, Registers regs) {
    long status = openVcpu(f, f.inRdx(), OperandId.RDX);
    if (status == 0) {
      status = f.lockOpState();
    }
    if (status != 0) {
      return status;
    }
    Vcpu vcpu = vcpu(f);
    if (vcpu.state() != VcpuState.UNINITIALIZED) {
      return TDX_VCPU_STATE_INCORRECT.value();
    }
    if (vcpu.pages.get() >= Vcpu.MAX_PAGES) {
      return TDX_TDCX_NUM_INCORRECT.value();
    }
    status = f.lockNewPage(f.other, regs.rcx, OperandId.RCX, 0);
    if (status != 0) {
      return status;
    }
    f.other.set(PageType.PT_TDCX, f.td().slot, 0);
    vcpu.pages.getAndIncrement();
    f.td().childCount.add(1);
    return TDX_SUCCESS.value();
  }

  /** In: RCX = TDVPR, RDX = what the guest finds in RCX. Binds the vCPU to the processor. */
  static long init(SeamcallFrame f, Registers regs) {
    long status = openVcpu(f, f.inRcx(), OperandId.RCX);
    if (status == 0) {
      status = f.lockOpState();
    }
    if (status != 0) {
      return status;
    }
    Vcpu vcpu = vcpu(f);
    if (vcpu.state() != VcpuState.UNINITIALIZED) {
      return TDX_VCPU_STATE_INCORRECT.value();
    }
    if (vcpu.pages.get() < Vcpu.MIN_PAGES) {
      return TDX_TDCX_NUM_INCORRECT.value();
    }
    int index = f.td().initialisedVcpus.getAndIncrement();
    if (index >= f.td().params().maxVcpus()) {
      f.td().initialisedVcpus.getAndDecrement();
      return TDX_MAX_VCPUS_EXCEEDED.value();
    }
    vcpu.index = index;
    vcpu.processor.set(regs.processor);
    f.td().associatedVcpus.getAndIncrement();
    vcpu.setState(VcpuState.READY);
    return TDX_SUCCESS.value();
  }

  /** In: RCX = TDVPR. Flushes the TD's translations on the processor and unbinds the vCPU. */
  static long flush(SeamcallFrame f, Registers regs) {
    long status = openVcpu(f, f.inRcx(), OperandId.RCX);
    if (status == 0) {
      status = f.lockOpState();
    }
    if (status != 0) {
      return status;
    }
    Vcpu vcpu = vcpu(f);
    if (!vcpu.processor.compareAndSet(regs.processor, Vcpu.NO_PROCESSOR)) {
      return TDX_VCPU_NOT_ASSOCIATED.value();
    }
    f.td().associatedVcpus.getAndDecrement();
    return TDX_SUCCESS.value();
  }

  /** Locks a TDVPR exclusively and its TDR shared; a vCPU inside the TD is busy. */
  private static long openVcpu(SeamcallFrame f, long tdvpr, OperandId operand) {
    long status = f.lockControlPage(f.page, tdvpr, operand, true, PageType.PT_TDVPR);
    if (status == 0) {
      status = f.lockOwner(vcpu(f).td, false);
    }
    if (status == 0 && f.leaf == SeamcallLeaf.TDH_VP_FLUSH && f.td().isFatal()) {
      return 0; // the way to teardown stays open
    }
    return status == 0 ? f.checkTd() : status;
  }

  private static Vcpu vcpu(SeamcallFrame f) {
    return f.platform.vcpu((int) f.page.epoch());
  }
}
