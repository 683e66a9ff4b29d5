package dev.broadsheet.core.tdx.seamcall;

import dev.broadsheet.core.tdx.Registers;
import dev.broadsheet.core.tdx.seamcall.SeamcallFrame.TreeLock;
import dev.broadsheet.core.tdx.sept.SeptEntry;

/** What BLOCK and UNBLOCK share: the way to the entry, and to the metadata of what it names. */
final class RangeEntry {
  private RangeEntry() {}

  /** The common checks up to the entry lock. */
  static long open(SeamcallFrame f, Registers regs) {
    long status = f.openTd(regs);
    if (status == 0) {
      status = f.parsePageInfo(f.inRcx(), 0, SeamcallFrame.ROOT_LEVEL);
    }
    if (status == 0) {
      status = f.lockTree(TreeLock.EXCLUSIVE);
    }
    if (status == 0) {
      status = f.walkTo(regs, f.level);
    }
    return status == 0 ? f.lockEntry(regs) : status;
  }

  /** Finds the metadata of the page or table that the entry names; it needs no lock. */
  static void metadata(SeamcallFrame f) {
    boolean isPage = SeptEntry.isLeaf(f.walk.entry);
    f.platform.pamt.lookup(f.page, f.walk.hpa(), isPage ? f.walk.level : 0);
  }
}
