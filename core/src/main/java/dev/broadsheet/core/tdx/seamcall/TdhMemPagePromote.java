package dev.broadsheet.core.tdx.seamcall;

import static dev.broadsheet.core.tdx.TdxStatus.TDX_EPT_INVALID_PROMOTE_CONDITIONS;
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
import dev.broadsheet.core.tdx.sept.SeptState;
import dev.broadsheet.core.tdx.sept.SeptTables;

/**
 * TDH.MEM.PAGE.PROMOTE: replaces a table of 512 equal, contiguous pages by one large page.
 *
 * <p>In: RCX = level 1 or 2 and GPA of the future page, RDX = TDR. Out: RCX = the table's page;
 * with dynamic PAMT R12, R13 = the page pair of the 2M range. Locks: TDR, operation state and tree
 * shared, the entry and its 512 children, table page and large page exclusive. The children must be
 * all MAPPED or all PENDING, and none blocked; only the table is blocked. Source: TDX module
 * 1.5.05, tdh_mem_page_promote.c.
 */
final class TdhMemPagePromote implements SeamcallHandler {
  @Override
  public long call(SeamcallFrame f, Registers regs) {
    long status = f.memoryPrefix(regs, 1, 2, TreeLock.SHARED, SeptFunction.PAGE_PROMOTE);
    if (status != 0) {
      return status;
    }
    long tableHpa = f.walk.hpa();
    if (!f.platform.pamt.lockKnown(f.page, tableHpa, 0, true)) {
      return TDX_OPERAND_BUSY.with(OperandId.RCX);
    }
    status = f.checkBlockedAndTracked(regs, f.page);
    if (status == 0 && !f.walk.state().isBlocked()) {
      // Only while the TD is built: another host may have walked past the unblocked table.
      status = f.upgradeTree();
    }
    if (status != 0) {
      return status;
    }
    SeptTables tables = f.platform.tables;
    long table = f.linkedTable();
    int childLevel = f.level - 1;
    int locked = 0;
    status = 0;
    long first = 0;
    while (locked < SeptTables.ENTRIES && status == 0) {
      if (!tables.lockHost(table, locked, childLevel)) {
        status = f.withEntry(regs, TDX_OPERAND_BUSY);
      } else {
        long child = unlocked(tables.entry(table, locked, childLevel), childLevel);
        first = locked == 0 ? child : first;
        if (!fits(child, first, locked, f.level)) {
          status = f.withEntry(regs, TDX_EPT_INVALID_PROMOTE_CONDITIONS);
        }
        locked++;
      }
    }
    if (status == 0 && f.isInterrupted()) {
      status = f.restartable(regs);
    }
    long largeHpa = SeptEntry.hpa(first, childLevel);
    if (status == 0 && !f.platform.pamt.lockKnown(f.other, largeHpa, f.level, true)) {
      status = TDX_OPERAND_BUSY.with(OperandId.RCX);
    }
    if (status != 0) {
      for (int i = 0; i < locked; i++) {
        tables.unlock(table, i, childLevel, tables.entry(table, i, childLevel));
      }
      return status;
    }
    commit(f, regs, table, tableHpa, first);
    return TDX_SUCCESS.value();
  }

  private static void commit(
      SeamcallFrame f, Registers regs, long table, long tableHpa, long firstChild) {
    Pamt pamt = f.platform.pamt;
    pamt.merge(f.other);
    if (pamt.isDynamic() && f.level == 1 && pamt.hasPair(f.other)) {
      regs.r12 = pamt.pairPage(f.other, 0);
      regs.r13 = pamt.pairPage(f.other, 1);
      pamt.clearPair(f.other);
      pamt.returnPamtPage(f.scratch, regs.r12);
      pamt.returnPamtPage(f.scratch, regs.r13);
    }
    f.commitEntry(
        SeptEntry.of(SeptEntry.state(firstChild), SeptEntry.hpa(firstChild, f.level - 1)));
    f.page.setType(PageType.PT_NDA);
    f.td().childCount.add(-1);
    f.platform.tables.free(table, f.level - 1);
    regs.rcx = tableHpa;
  }

  private static boolean fits(long child, long first, int index, int level) {
    if (index == 0) {
      SeptState state = SeptEntry.state(first);
      boolean mapped = state == SeptState.MAPPED || state == SeptState.PENDING;
      return mapped && (first & SeptEntry.HPA & (SeptLevel.bytes(level) - 1)) == 0;
    }
    return child == first + index * SeptLevel.bytes(level - 1);
  }

  /** Takes lock bits and accept counter out, which the comparison leaves aside. */
  private static long unlocked(long entry, int childLevel) {
    long bare = entry & ~(SeptEntry.LOCK | SeptEntry.HOST_PRIORITY);
    return childLevel > 0 && SeptEntry.isLeaf(bare) ? bare & ~SeptEntry.ACCEPT_COUNTER : bare;
  }
}
