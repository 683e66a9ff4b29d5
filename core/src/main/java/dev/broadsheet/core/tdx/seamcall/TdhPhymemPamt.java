package dev.broadsheet.core.tdx.seamcall;

import static dev.broadsheet.core.tdx.TdxStatus.TDX_HPA_RANGE_NOT_FREE;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_NO_PAMT_PAGE_PAIR;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_OPERAND_INVALID;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_PAMT_PAGE_NOT_EMPTY;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_SUCCESS;

import dev.broadsheet.core.tdx.OperandId;
import dev.broadsheet.core.tdx.Registers;
import dev.broadsheet.core.tdx.pamt.PageType;
import dev.broadsheet.core.tdx.pamt.Pamt;
import dev.broadsheet.core.tdx.sept.SeptLevel;

/**
 * TDH.PHYMEM.PAMT.ADD and TDH.PHYMEM.PAMT.REMOVE (later modules): back a 2M range with the two
 * pages that hold its 4K PAMT entries, and take them back.
 *
 * <p>In: RCX = level 1 and HPA; ADD: RDX, R8 = the pages. REMOVE returns them there. The range's 2M
 * entry is locked exclusively. Source: Dynamic PAMT series, Kirill Shutemov and Rick Edgecombe,
 * 2025-2026; module 2.0, tdh_phymem_pamt_add.c.
 */
final class TdhPhymemPamt {
  private TdhPhymemPamt() {}

  static long add(SeamcallFrame f, Registers regs) {
    long status = lockRange(f, regs);
    if (status != 0) {
      return status;
    }
    Pamt pamt = f.platform.pamt;
    if (f.page.level() != 1 || f.page.type() != PageType.PT_NDA || pamt.hasPair(f.page)) {
      return TDX_HPA_RANGE_NOT_FREE.with(OperandId.RCX);
    }
    status = PamtPairs.take(f, regs.rdx, OperandId.RDX, regs.r8, OperandId.R8);
    if (status != 0) {
      return status;
    }
    pamt.setPair(f.page, regs.rdx, regs.r8);
    return TDX_SUCCESS.value();
  }

  static long remove(SeamcallFrame f, Registers regs) {
    long status = lockRange(f, regs);
    if (status != 0) {
      return status;
    }
    Pamt pamt = f.platform.pamt;
    if (f.page.level() != 1 || !pamt.hasPair(f.page)) {
      return TDX_NO_PAMT_PAGE_PAIR.with(OperandId.RCX);
    }
    if (!pamt.hasNo4kPages(f.page)) {
      return TDX_PAMT_PAGE_NOT_EMPTY.with(OperandId.RCX);
    }
    regs.rdx = pamt.pairPage(f.page, 0);
    regs.r8 = pamt.pairPage(f.page, 1);
    pamt.clearPair(f.page);
    pamt.returnPamtPage(f.scratch, regs.rdx);
    pamt.returnPamtPage(f.scratch, regs.r8);
    return TDX_SUCCESS.value();
  }

  private static long lockRange(SeamcallFrame f, Registers regs) {
    if (!f.platform.pamt.isDynamic()) {
      return TDX_OPERAND_INVALID.with(OperandId.RAX);
    }
    long hpa = regs.rcx & ~7L;
    if ((regs.rcx & 7) != 1 || f.isMalformed(hpa, SeptLevel.bytes(1) - 1)) {
      return TDX_OPERAND_INVALID.with(OperandId.RCX);
    }
    return f.lockPage(f.page, hpa, OperandId.RCX, 1, true, false);
  }
}
