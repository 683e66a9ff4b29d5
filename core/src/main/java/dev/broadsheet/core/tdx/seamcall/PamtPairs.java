package dev.broadsheet.core.tdx.seamcall;

import static dev.broadsheet.core.tdx.TdxStatus.TDX_OPERAND_ADDR_RANGE_ERROR;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_OPERAND_INVALID;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_PAGE_NOT_FREE;

import dev.broadsheet.core.tdx.OperandId;
import dev.broadsheet.core.tdx.pamt.Pamt;

/** Takes the two pages that back a 2M range under dynamic PAMT. */
final class PamtPairs {
  private PamtPairs() {}

  /** Takes both pages or none; returns 0 or what is wrong with one of them. */
  static long take(
      SeamcallFrame f, long first, OperandId firstId, long second, OperandId secondId) {
    long status = check(f, first, firstId);
    if (status == 0) {
      status = check(f, second, secondId);
    }
    if (status != 0) {
      return status;
    }
    Pamt pamt = f.platform.pamt;
    if (!pamt.takePamtPage(f.scratch, first)) {
      return TDX_PAGE_NOT_FREE.with(firstId);
    }
    if (!pamt.takePamtPage(f.scratch, second)) {
      pamt.returnPamtPage(f.scratch, first);
      return TDX_PAGE_NOT_FREE.with(secondId);
    }
    return 0;
  }

  private static long check(SeamcallFrame f, long hpa, OperandId operand) {
    if (f.isMalformed(hpa, 0xfff)) {
      return TDX_OPERAND_INVALID.with(operand);
    }
    return f.platform.pamt.peek(f.scratch, hpa) ? 0 : TDX_OPERAND_ADDR_RANGE_ERROR.with(operand);
  }
}
