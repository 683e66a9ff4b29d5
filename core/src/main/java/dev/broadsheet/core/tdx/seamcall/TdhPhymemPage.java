package dev.broadsheet.core.tdx.seamcall;

import static dev.broadsheet.core.tdx.TdxStatus.TDX_LIFECYCLE_STATE_INCORRECT;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_OPERAND_INVALID;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_PAGE_METADATA_INCORRECT;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_SUCCESS;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_TD_ASSOCIATED_PAGES_EXIST;

import dev.broadsheet.core.tdx.OperandId;
import dev.broadsheet.core.tdx.Registers;
import dev.broadsheet.core.tdx.content.PageContents;
import dev.broadsheet.core.tdx.pamt.PageType;
import dev.broadsheet.core.tdx.sept.SeptLevel;
import dev.broadsheet.core.tdx.td.LifeCycle;
import dev.broadsheet.core.tdx.td.TdControl;

/**
 * TDH.PHYMEM.PAGE.RECLAIM, TDH.PHYMEM.PAGE.RDMD and TDH.PHYMEM.PAGE.WBINVD: single pages by their
 * physical address.
 *
 * <p>RECLAIM gives any page of a TD in TEARDOWN back, in any order, the TDR last; it ignores the
 * Secure EPT. Source: TDX module 1.5.05, tdh_phymem_page_reclaim.c, tdh_phymem_page_rdmd.c,
 * tdh_phymem_page_wbinvd.c.
 */
final class TdhPhymemPage {
  private TdhPhymemPage() {}

  /** In: RCX = HPA. Out, from the type check on: RCX = type, RDX = owner's TDR, R8 = level. */
  static long reclaim(SeamcallFrame f, Registers regs) {
    long hpa = regs.rcx;
    clear(regs);
    if (f.isMalformed(hpa, 0xfff)) {
      return TDX_OPERAND_INVALID.with(OperandId.RCX);
    }
    long status = f.lockPage(f.page, hpa, OperandId.RCX, 0, true, false);
    if (status != 0) {
      return status;
    }
    PageType type = f.page.type();
    int level = f.page.level();
    show(f, regs, type);
    if (type == PageType.PT_NDA || type == PageType.PT_RSVD || type == PageType.PT_PAMT) {
      return TDX_PAGE_METADATA_INCORRECT.with(OperandId.RCX);
    }
    if ((hpa & (SeptLevel.bytes(level) - 1)) != 0) {
      return TDX_OPERAND_INVALID.with(OperandId.RCX);
    }
    return type == PageType.PT_TDR ? reclaimTdr(f) : reclaimChild(f, type, level);
  }

  private static long reclaimTdr(SeamcallFrame f) {
    TdControl td = f.platform.td((int) f.page.epoch());
    if (td.lifeCycle() != LifeCycle.TEARDOWN) {
      return TDX_LIFECYCLE_STATE_INCORRECT.value();
    }
    if (td.childCount.get() != 0) {
      return TDX_TD_ASSOCIATED_PAGES_EXIST.value();
    }
    f.page.set(PageType.PT_NDA, 0, 0);
    f.platform.forgetTd(td);
    return TDX_SUCCESS.value();
  }

  private static long reclaimChild(SeamcallFrame f, PageType type, int level) {
    TdControl owner = f.platform.td(f.page.owner());
    long status = f.lockOwner(owner, false);
    if (status == 0) {
      status = f.checkLifeCycle(LifeCycle.TEARDOWN);
    }
    if (status != 0) {
      return status;
    }
    if (type == PageType.PT_TDVPR) {
      int number = (int) f.page.epoch();
      owner.vcpus.remove(f.platform.vcpu(number));
      f.platform.forgetVcpu(number);
    }
    f.page.setType(PageType.PT_NDA);
    owner.childCount.add(-SeptLevel.pages(level));
    return TDX_SUCCESS.value();
  }

  /** In: RCX = HPA. Out: RCX = type, RDX = owner's TDR, R8 = level, R9 = block epoch. */
  static long readMetadata(SeamcallFrame f, Registers regs) {
    long hpa = regs.rcx;
    clear(regs);
    regs.r9 = 0;
    if (f.isMalformed(hpa, 0xfff)) {
      return TDX_OPERAND_INVALID.with(OperandId.RCX);
    }
    long status = f.lockPage(f.page, hpa, OperandId.RCX, 0, false, false);
    if (status != 0) {
      return status;
    }
    PageType type = f.page.type();
    show(f, regs, type);
    boolean hasEpoch = type == PageType.PT_REG || type == PageType.PT_EPT;
    regs.r9 = hasEpoch ? f.page.epoch() : 0;
    return TDX_SUCCESS.value();
  }

  /** In: RCX = HPA with the key id whose lines are flushed in its upper bits. */
  static long writeBack(SeamcallFrame f, Registers regs) {
    int hpaBits = f.platform.config.hpaBits();
    long hpa = regs.rcx & ((1L << hpaBits) - 1);
    long key = regs.rcx >>> hpaBits;
    if (key >>> f.platform.config.hkidBits() != 0 || f.isMalformed(hpa, 0xfff)) {
      return TDX_OPERAND_INVALID.with(OperandId.RCX);
    }
    long status = f.lockPage(f.page, hpa, OperandId.RCX, 0, false, false);
    if (status != 0) {
      return status;
    }
    if (f.page.level() != 0 || f.page.type() != PageType.PT_NDA) {
      return TDX_PAGE_METADATA_INCORRECT.with(OperandId.RCX);
    }
    PageContents contents = f.platform.contents;
    if (contents != null) {
      contents.writeBack(hpa, (int) key);
    }
    return TDX_SUCCESS.value();
  }

  private static void clear(Registers regs) {
    regs.rcx = 0;
    regs.rdx = 0;
    regs.r8 = 0;
  }

  private static void show(SeamcallFrame f, Registers regs, PageType type) {
    regs.rcx = type.value();
    regs.rdx = f.platform.tdrHpa(f.page.owner());
    regs.r8 = f.page.level();
  }
}
