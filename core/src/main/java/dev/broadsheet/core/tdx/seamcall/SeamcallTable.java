package dev.broadsheet.core.tdx.seamcall;

import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_EXPORT_ABORT;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_EXPORT_BLOCKW;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_EXPORT_MEM;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_EXPORT_PAUSE;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_EXPORT_RESTORE;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_EXPORT_STATE_IMMUTABLE;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_EXPORT_UNBLOCKW;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_IMPORT_COMMIT;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_IMPORT_END;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_IMPORT_MEM;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_IMPORT_STATE_IMMUTABLE;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_IMPORT_STATE_TD;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_IMPORT_TRACK;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_MEM_PAGE_ADD;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_MEM_PAGE_AUG;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_MEM_PAGE_DEMOTE;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_MEM_PAGE_PROMOTE;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_MEM_PAGE_RELOCATE;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_MEM_PAGE_REMOVE;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_MEM_RANGE_BLOCK;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_MEM_RANGE_UNBLOCK;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_MEM_RD;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_MEM_SEPT_ADD;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_MEM_SEPT_RD;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_MEM_SEPT_REMOVE;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_MEM_TRACK;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_MEM_WR;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_MNG_ADDCX;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_MNG_CREATE;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_MNG_INIT;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_MNG_KEY_CONFIG;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_MNG_KEY_FREEID;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_MNG_KEY_RECLAIMID;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_MNG_VPFLUSHDONE;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_MR_EXTEND;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_MR_FINALIZE;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_PHYMEM_CACHE_WB;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_PHYMEM_PAGE_RDMD;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_PHYMEM_PAGE_RECLAIM;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_PHYMEM_PAGE_WBINVD;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_PHYMEM_PAMT_ADD;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_PHYMEM_PAMT_REMOVE;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_SYS_CONFIG;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_SYS_INIT;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_SYS_KEY_CONFIG;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_SYS_LP_INIT;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_SYS_RD;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_SYS_SHUTDOWN;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_SYS_TDMR_INIT;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_VP_ADDCX;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_VP_CREATE;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_VP_ENTER;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_VP_FLUSH;
import static dev.broadsheet.core.tdx.SeamcallLeaf.TDH_VP_INIT;

import dev.broadsheet.core.tdx.OpState;
import dev.broadsheet.core.tdx.Registers;
import dev.broadsheet.core.tdx.SeamcallLeaf;
import dev.broadsheet.core.tdx.sept.SeptFunction;
import org.jspecify.annotations.Nullable;

/** Which class handles which leaf; leaves without a handler answer OPERAND_INVALID+RAX. */
public final class SeamcallTable {
  private final @Nullable SeamcallHandler[] handlers = new @Nullable SeamcallHandler[256];

  /** Creates the table for one module. */
  public SeamcallTable(TdxPlatform platform) {
    put(TDH_VP_ENTER, new TdhVpEnter());
    put(TDH_MNG_ADDCX, TdhMng::addCx);
    put(TDH_MEM_PAGE_ADD, new TdhMemPageAdd());
    put(TDH_MEM_SEPT_ADD, new TdhMemSeptAdd());
    put(TDH_VP_ADDCX, TdhVp::addCx);
    put(TDH_MEM_PAGE_RELOCATE, new TdhMemPageRelocate());
    put(TDH_MEM_PAGE_AUG, new TdhMemPageAug());
    put(TDH_MEM_RANGE_BLOCK, new TdhMemRangeBlock());
    put(TDH_MNG_KEY_CONFIG, TdhMng::keyConfig);
    put(TDH_MNG_CREATE, TdhMng::create);
    put(TDH_VP_CREATE, TdhVp::create);
    put(TDH_MEM_RD, new TdhMemRdWr(SeptFunction.MEM_RD));
    put(TDH_MEM_WR, new TdhMemRdWr(SeptFunction.MEM_WR));
    put(TDH_MEM_PAGE_DEMOTE, new TdhMemPageDemote());
    put(TDH_MR_EXTEND, TdhMr::extend);
    put(TDH_MR_FINALIZE, TdhMr::finalizeTd);
    put(TDH_VP_FLUSH, TdhVp::flush);
    put(TDH_MNG_VPFLUSHDONE, TdhMng::vpFlushDone);
    put(TDH_MNG_KEY_FREEID, TdhMng::keyFreeId);
    put(TDH_MNG_INIT, TdhMng::init);
    put(TDH_VP_INIT, TdhVp::init);
    put(TDH_MEM_PAGE_PROMOTE, new TdhMemPagePromote());
    put(TDH_PHYMEM_PAGE_RDMD, TdhPhymemPage::readMetadata);
    put(TDH_MEM_SEPT_RD, new TdhMemSeptRd());
    put(TDH_MNG_KEY_RECLAIMID, TdhMng::reclaimId);
    put(TDH_PHYMEM_PAGE_RECLAIM, TdhPhymemPage::reclaim);
    put(TDH_MEM_PAGE_REMOVE, new TdhMemPageRemove());
    put(TDH_MEM_SEPT_REMOVE, new TdhMemSeptRemove());
    put(TDH_SYS_KEY_CONFIG, platform.system::keyConfig);
    put(TDH_SYS_INIT, platform.system::init);
    put(TDH_SYS_RD, platform.system::read);
    put(TDH_SYS_LP_INIT, platform.system::lpInit);
    put(TDH_SYS_TDMR_INIT, new TdhSysTdmrInit());
    put(TDH_MEM_TRACK, new TdhMemTrack());
    put(TDH_MEM_RANGE_UNBLOCK, new TdhMemRangeUnblock());
    put(TDH_PHYMEM_CACHE_WB, new TdhPhymemCacheWb());
    put(TDH_PHYMEM_PAGE_WBINVD, TdhPhymemPage::writeBack);
    put(TDH_SYS_CONFIG, platform.system::config);
    put(TDH_SYS_SHUTDOWN, platform.system::shutdown);
    put(TDH_EXPORT_STATE_IMMUTABLE, TdhMigration::startExport);
    put(TDH_EXPORT_PAUSE, TdhMigration.move(OpState.PAUSED_EXPORT));
    put(TDH_EXPORT_ABORT, TdhMigration.move(OpState.RUNNABLE));
    put(TDH_EXPORT_BLOCKW, TdhMigration.page(SeptFunction.EXPORT_BLOCKW));
    put(TDH_EXPORT_UNBLOCKW, TdhMigration.page(SeptFunction.EXPORT_UNBLOCKW));
    put(TDH_EXPORT_MEM, TdhMigration.page(SeptFunction.EXPORT_MEM));
    put(TDH_EXPORT_RESTORE, TdhMigration.page(SeptFunction.EXPORT_RESTORE));
    put(TDH_IMPORT_STATE_IMMUTABLE, TdhMigration::startImport);
    put(TDH_IMPORT_STATE_TD, TdhMigration.move(OpState.STATE_IMPORT));
    put(TDH_IMPORT_TRACK, TdhMigration.move(OpState.POST_IMPORT));
    put(TDH_IMPORT_COMMIT, TdhMigration.move(OpState.LIVE_IMPORT));
    put(TDH_IMPORT_END, TdhMigration.move(OpState.RUNNABLE));
    put(TDH_IMPORT_MEM, TdhMigration::importPage);
    put(TDH_PHYMEM_PAMT_ADD, TdhPhymemPamt::add);
    put(TDH_PHYMEM_PAMT_REMOVE, TdhPhymemPamt::remove);
  }

  /** Returns the handler of a leaf, or null if the model has none. */
  public @Nullable SeamcallHandler handler(SeamcallLeaf leaf) {
    return handlers[leaf.number()];
  }

  /**
   * Calls a handler. The two that every private fault needs are called by name: in a call that may
   * go to any of them neither compiler nor processor can tell which one comes.
   */
  public static long call(SeamcallHandler handler, SeamcallFrame frame, Registers regs) {
    if (handler instanceof TdhVpEnter enter) {
      return enter.call(frame, regs);
    }
    if (handler instanceof TdhMemPageAug aug) {
      return aug.call(frame, regs);
    }
    return handler.call(frame, regs);
  }

  private void put(SeamcallLeaf leaf, SeamcallHandler handler) {
    handlers[leaf.number()] = handler;
  }
}
