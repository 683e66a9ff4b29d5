package dev.broadsheet.core.tdx.seamcall;

import static dev.broadsheet.core.tdx.TdxStatus.TDX_OPERAND_BUSY;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_OPERAND_INVALID;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_SUCCESS;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_TD_NOT_MIGRATABLE;

import dev.broadsheet.core.tdx.OpState;
import dev.broadsheet.core.tdx.OperandId;
import dev.broadsheet.core.tdx.Registers;
import dev.broadsheet.core.tdx.pamt.PageType;
import dev.broadsheet.core.tdx.seamcall.SeamcallFrame.TreeLock;
import dev.broadsheet.core.tdx.sept.SeptEntry;
import dev.broadsheet.core.tdx.sept.SeptFunction;
import dev.broadsheet.core.tdx.sept.SeptRules;
import dev.broadsheet.core.tdx.sept.SeptState;
import dev.broadsheet.core.tdx.td.TdParams;

/**
 * What migration does to Secure EPT entries and to the operation state, and nothing else of it: no
 * streams, no bundles, no keys, no versions of pages.
 *
 * <p>The real functions take lists of GPAs; here RCX names one page, RDX the TDR. IMPORT.MEM takes
 * its page from R8 where the entry is free, and R9 = 1 for a page that was pending.
 */
final class TdhMigration {
  private static final long IMPORT_PENDING = 1;

  private TdhMigration() {}

  /** One page of an export: BLOCKW, UNBLOCKW, MEM, RESTORE. */
  static SeamcallHandler page(SeptFunction function) {
    return (f, regs) -> {
      long status = f.memoryPrefix(regs, 0, 0, TreeLock.SHARED, function);
      if (status == 0) {
        SeptState after = SeptRules.next(function, f.walk.state());
        f.commitEntry(SeptEntry.of(after, f.walk.hpa()));
      }
      return status;
    };
  }

  static long importPage(SeamcallFrame f, Registers regs) {
    long status = f.memoryPrefix(regs, 0, 0, TreeLock.SHARED, SeptFunction.IMPORT_MEM);
    if (status != 0) {
      return status;
    }
    if (regs.r9 != 0 && regs.r9 != IMPORT_PENDING) {
      return TDX_OPERAND_INVALID.with(OperandId.R9);
    }
    long pageHpa = f.walk.hpa();
    if (f.walk.state().kind() == SeptState.Kind.FREE) {
      pageHpa = regs.r8;
      status = f.lockNewPage(f.page, pageHpa, OperandId.R8, 0);
      if (status != 0) {
        return status;
      }
      f.page.set(PageType.PT_REG, f.td().slot, 0);
      f.td().childCount.add(1);
    }
    SeptState after = regs.r9 == IMPORT_PENDING ? SeptState.PENDING : SeptState.MAPPED;
    f.commitEntry(SeptEntry.of(after, pageHpa));
    return TDX_SUCCESS.value();
  }

  /** EXPORT.STATE.IMMUTABLE: starts an export. RCX = TDR. */
  static long startExport(SeamcallFrame f, Registers regs) {
    long status = open(f);
    if (status != 0) {
      return status;
    }
    if ((f.td().params().attributes() & TdParams.MIGRATABLE) == 0) {
      return TDX_TD_NOT_MIGRATABLE.value();
    }
    f.td().setOpState(OpState.LIVE_EXPORT);
    return TDX_SUCCESS.value();
  }

  /** IMPORT.STATE.IMMUTABLE: starts an import. RCX = TDR, RDX = TD_PARAMS. */
  static long startImport(SeamcallFrame f, Registers regs) {
    long status = TdhMng.init(f, regs);
    if (status == 0) {
      f.td().setOpState(OpState.MEMORY_IMPORT);
    }
    return status;
  }

  /** A function of which only the change of the operation state is modelled. RCX = TDR. */
  static SeamcallHandler move(OpState next) {
    return (f, regs) -> {
      long status = open(f);
      if (status == 0) {
        f.td().setOpState(next);
      }
      return status;
    };
  }

  private static long open(SeamcallFrame f) {
    long status = f.lockTdr(f.inRcx(), OperandId.RCX, true);
    if (status == 0) {
      status = f.checkTd();
    }
    if (status == 0) {
      status = f.checkOpState();
    }
    if (status == 0 && !f.td().opStateLock.isFree()) {
      status = TDX_OPERAND_BUSY.with(OperandId.OP_STATE);
    }
    return status;
  }
}
