package dev.broadsheet.core.tdx.seamcall;

import static dev.broadsheet.core.tdx.TdxStatus.TDX_MISSING_PAMT_PAGE_PAIR;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_OPERAND_BUSY;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_SUCCESS;

import dev.broadsheet.core.tdx.OperandId;
import dev.broadsheet.core.tdx.Registers;
import dev.broadsheet.core.tdx.pamt.PageType;
import dev.broadsheet.core.tdx.pamt.Pamt;
import dev.broadsheet.core.tdx.seamcall.SeamcallFrame.TreeLock;
import dev.broadsheet.core.tdx.sept.SeptEntry;
import dev.broadsheet.core.tdx.sept.SeptFunction;
import dev.broadsheet.core.tdx.sept.SeptLevel;
import dev.broadsheet.core.tdx.sept.SeptRules;
import dev.broadsheet.core.tdx.sept.SeptState;
import dev.broadsheet.core.tdx.sept.SeptTables;

/**
 * TDH.MEM.PAGE.DEMOTE: replaces a large page by a table of 512 smaller ones with the same content.
 *
 * <p>In: RCX = level 1 or 2 and GPA, RDX = TDR, R8 = page for the table; with dynamic PAMT, R12 and
 * R13 = the page pair of a 2M range that has none. Locks: TDR, operation state and tree shared,
 * entry, new page exclusive, large page exclusive during the PAMT step. The children are not
 * blocked; a started accept starts over. Source: TDX module 1.5.05, tdh_mem_page_demote.c.
 */
final class TdhMemPageDemote implements SeamcallHandler {
  private static final long NULL_ADDRESS = -1L;

  @Override
  public long call(SeamcallFrame f, Registers regs) {
    long status = f.memoryPrefix(regs, 1, 2, TreeLock.SHARED, SeptFunction.PAGE_DEMOTE);
    if (status != 0) {
      return status;
    }
    long largeHpa = f.walk.hpa();
    Pamt pamt = f.platform.pamt;
    pamt.lookup(f.other, largeHpa, f.level);
    status = f.checkBlockedAndTracked(regs, f.other);
    if (status == 0) {
      status = f.lockNewPage(f.page, regs.r8, OperandId.R8, 0);
    }
    if (status != 0) {
      return status;
    }
    boolean needsPair = pamt.isDynamic() && f.level == 1 && !pamt.hasPair(f.other);
    if (needsPair && namesNoPair(regs.r12, regs.r13)) {
      return TDX_MISSING_PAMT_PAGE_PAIR.with(OperandId.R12);
    }
    pamt.prepareSplit(largeHpa, f.level);
    long table = newTable(f, largeHpa);
    if (!f.platform.config.demoteUninterruptible() && f.isInterrupted()) {
      f.platform.tables.free(table, f.level - 1);
      return f.restartable(regs);
    }
    if (!pamt.lockKnown(f.other, largeHpa, f.level, true)) {
      f.platform.tables.free(table, f.level - 1);
      return TDX_OPERAND_BUSY.with(OperandId.RCX);
    }
    if (needsPair) {
      status = PamtPairs.take(f, regs.r12, OperandId.R12, regs.r13, OperandId.R13);
      if (status != 0) {
        f.platform.tables.free(table, f.level - 1);
        return status;
      }
      pamt.setPair(f.other, regs.r12, regs.r13);
    }
    pamt.split(f.other);
    f.page.set(PageType.PT_EPT, f.td().slot, 0);
    f.td().childCount.add(1);
    f.linkTable(table);
    f.commitEntry(SeptEntry.of(SeptRules.next(SeptFunction.PAGE_DEMOTE, f.walk.state()), regs.r8));
    return TDX_SUCCESS.value();
  }

  /**
   * Returns whether the caller left the page pair out: both null, as zero or as the null address.
   */
  private static boolean namesNoPair(long first, long second) {
    return first == second && (first == 0 || first == NULL_ADDRESS);
  }

  /** Returns a table that maps what the large page maps, unblocked. */
  private static long newTable(SeamcallFrame f, long largeHpa) {
    SeptTables tables = f.platform.tables;
    int childLevel = f.level - 1;
    long table = tables.allocate(childLevel);
    SeptState child = f.walk.state().isPending() ? SeptState.PENDING : SeptState.MAPPED;
    long step = SeptLevel.bytes(childLevel);
    for (int i = 0; i < SeptTables.ENTRIES; i++) {
      tables.setEntry(table, i, childLevel, SeptEntry.of(child, largeHpa + i * step));
    }
    return table;
  }
}
