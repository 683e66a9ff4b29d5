package dev.broadsheet.core.tdx;

import static dev.broadsheet.core.tdx.OpState.FAILED_IMPORT;
import static dev.broadsheet.core.tdx.OpState.INITIALIZED;
import static dev.broadsheet.core.tdx.OpState.LIVE_EXPORT;
import static dev.broadsheet.core.tdx.OpState.LIVE_IMPORT;
import static dev.broadsheet.core.tdx.OpState.MEMORY_IMPORT;
import static dev.broadsheet.core.tdx.OpState.PAUSED_EXPORT;
import static dev.broadsheet.core.tdx.OpState.POST_EXPORT;
import static dev.broadsheet.core.tdx.OpState.POST_IMPORT;
import static dev.broadsheet.core.tdx.OpState.RUNNABLE;
import static dev.broadsheet.core.tdx.OpState.STATE_IMPORT;
import static dev.broadsheet.core.tdx.OpState.UNINITIALIZED;

import org.jspecify.annotations.Nullable;

/**
 * The functions of the host's side, called by SEAMCALL: number, largest version, and the operation
 * states in which a function of a TD is allowed.
 *
 * <p>Number 42 has two names: module 1.5.05 reserves it for TDH.MEM.SEPT.WR without a handler,
 * later modules use it for TDH.SYS.RDM.
 */
public enum SeamcallLeaf {
  /** TDH.VP.ENTER. */
  TDH_VP_ENTER("TDH.VP.ENTER", 0, 0, false, RUNNABLE, LIVE_EXPORT, LIVE_IMPORT),
  /** TDH.MNG.ADDCX. */
  TDH_MNG_ADDCX("TDH.MNG.ADDCX", 1, 0, false, UNINITIALIZED),
  /** TDH.MEM.PAGE.ADD. */
  TDH_MEM_PAGE_ADD("TDH.MEM.PAGE.ADD", 2, 0, false, INITIALIZED),
  /** TDH.MEM.SEPT.ADD. */
  TDH_MEM_SEPT_ADD(
      "TDH.MEM.SEPT.ADD",
      3,
      1,
      false,
      INITIALIZED,
      RUNNABLE,
      LIVE_EXPORT,
      MEMORY_IMPORT,
      STATE_IMPORT,
      POST_IMPORT,
      LIVE_IMPORT),
  /** TDH.VP.ADDCX. */
  TDH_VP_ADDCX("TDH.VP.ADDCX", 4, 0, false, INITIALIZED, STATE_IMPORT),
  /** TDH.MEM.PAGE.RELOCATE. */
  TDH_MEM_PAGE_RELOCATE(
      "TDH.MEM.PAGE.RELOCATE",
      5,
      0,
      false,
      INITIALIZED,
      RUNNABLE,
      LIVE_EXPORT,
      PAUSED_EXPORT,
      POST_EXPORT,
      POST_IMPORT,
      LIVE_IMPORT),
  /** TDH.MEM.PAGE.AUG. */
  TDH_MEM_PAGE_AUG(
      "TDH.MEM.PAGE.AUG", 6, 0, false, INITIALIZED, RUNNABLE, LIVE_EXPORT, LIVE_IMPORT),
  /** TDH.MEM.RANGE.BLOCK. */
  TDH_MEM_RANGE_BLOCK(
      "TDH.MEM.RANGE.BLOCK",
      7,
      0,
      false,
      INITIALIZED,
      RUNNABLE,
      LIVE_EXPORT,
      PAUSED_EXPORT,
      POST_EXPORT,
      POST_IMPORT,
      LIVE_IMPORT),
  /** TDH.MNG.KEY.CONFIG. */
  TDH_MNG_KEY_CONFIG("TDH.MNG.KEY.CONFIG", 8, 0, false),
  /** TDH.MNG.CREATE. */
  TDH_MNG_CREATE("TDH.MNG.CREATE", 9, 0, false),
  /** TDH.VP.CREATE. */
  TDH_VP_CREATE("TDH.VP.CREATE", 10, 0, false, INITIALIZED, STATE_IMPORT),
  /** TDH.MNG.RD. */
  TDH_MNG_RD(
      "TDH.MNG.RD",
      11,
      1,
      false,
      INITIALIZED,
      RUNNABLE,
      LIVE_EXPORT,
      PAUSED_EXPORT,
      POST_EXPORT,
      MEMORY_IMPORT,
      STATE_IMPORT,
      POST_IMPORT,
      LIVE_IMPORT,
      FAILED_IMPORT),
  /** TDH.MEM.RD. */
  TDH_MEM_RD(
      "TDH.MEM.RD",
      12,
      0,
      false,
      INITIALIZED,
      RUNNABLE,
      LIVE_EXPORT,
      PAUSED_EXPORT,
      POST_EXPORT,
      MEMORY_IMPORT,
      STATE_IMPORT,
      POST_IMPORT,
      LIVE_IMPORT,
      FAILED_IMPORT),
  /** TDH.MNG.WR. */
  TDH_MNG_WR(
      "TDH.MNG.WR",
      13,
      0,
      false,
      INITIALIZED,
      RUNNABLE,
      LIVE_EXPORT,
      MEMORY_IMPORT,
      STATE_IMPORT,
      POST_IMPORT,
      LIVE_IMPORT,
      FAILED_IMPORT),
  /** TDH.MEM.WR. */
  TDH_MEM_WR(
      "TDH.MEM.WR",
      14,
      0,
      false,
      INITIALIZED,
      RUNNABLE,
      LIVE_EXPORT,
      MEMORY_IMPORT,
      STATE_IMPORT,
      POST_IMPORT,
      LIVE_IMPORT,
      FAILED_IMPORT),
  /** TDH.MEM.PAGE.DEMOTE. */
  TDH_MEM_PAGE_DEMOTE(
      "TDH.MEM.PAGE.DEMOTE",
      15,
      0,
      false,
      INITIALIZED,
      RUNNABLE,
      LIVE_EXPORT,
      PAUSED_EXPORT,
      POST_EXPORT,
      POST_IMPORT,
      LIVE_IMPORT),
  /** TDH.MR.EXTEND. */
  TDH_MR_EXTEND("TDH.MR.EXTEND", 16, 0, false, INITIALIZED),
  /** TDH.MR.FINALIZE. */
  TDH_MR_FINALIZE("TDH.MR.FINALIZE", 17, 0, false, INITIALIZED),
  /** TDH.VP.FLUSH. */
  TDH_VP_FLUSH(
      "TDH.VP.FLUSH",
      18,
      0,
      false,
      UNINITIALIZED,
      INITIALIZED,
      RUNNABLE,
      LIVE_EXPORT,
      PAUSED_EXPORT,
      POST_EXPORT,
      MEMORY_IMPORT,
      STATE_IMPORT,
      POST_IMPORT,
      LIVE_IMPORT,
      FAILED_IMPORT),
  /** TDH.MNG.VPFLUSHDONE. */
  TDH_MNG_VPFLUSHDONE("TDH.MNG.VPFLUSHDONE", 19, 0, false),
  /** TDH.MNG.KEY.FREEID. */
  TDH_MNG_KEY_FREEID("TDH.MNG.KEY.FREEID", 20, 0, false),
  /** TDH.MNG.INIT. */
  TDH_MNG_INIT("TDH.MNG.INIT", 21, 0, false, UNINITIALIZED),
  /** TDH.VP.INIT. */
  TDH_VP_INIT("TDH.VP.INIT", 22, 1, false, INITIALIZED),
  /** TDH.MEM.PAGE.PROMOTE. */
  TDH_MEM_PAGE_PROMOTE(
      "TDH.MEM.PAGE.PROMOTE",
      23,
      1,
      false,
      INITIALIZED,
      RUNNABLE,
      LIVE_EXPORT,
      PAUSED_EXPORT,
      POST_EXPORT,
      POST_IMPORT,
      LIVE_IMPORT),
  /** TDH.PHYMEM.PAGE.RDMD. */
  TDH_PHYMEM_PAGE_RDMD("TDH.PHYMEM.PAGE.RDMD", 24, 0, false),
  /** TDH.MEM.SEPT.RD. */
  TDH_MEM_SEPT_RD(
      "TDH.MEM.SEPT.RD",
      25,
      0,
      false,
      INITIALIZED,
      RUNNABLE,
      LIVE_EXPORT,
      PAUSED_EXPORT,
      POST_EXPORT,
      MEMORY_IMPORT,
      STATE_IMPORT,
      POST_IMPORT,
      LIVE_IMPORT,
      FAILED_IMPORT),
  /** TDH.VP.RD. */
  TDH_VP_RD(
      "TDH.VP.RD",
      26,
      1,
      false,
      INITIALIZED,
      RUNNABLE,
      LIVE_EXPORT,
      PAUSED_EXPORT,
      POST_EXPORT,
      MEMORY_IMPORT,
      STATE_IMPORT,
      POST_IMPORT,
      LIVE_IMPORT,
      FAILED_IMPORT),
  /** TDH.MNG.KEY.RECLAIMID. */
  TDH_MNG_KEY_RECLAIMID("TDH.MNG.KEY.RECLAIMID", 27, 0, false),
  /** TDH.PHYMEM.PAGE.RECLAIM. */
  TDH_PHYMEM_PAGE_RECLAIM("TDH.PHYMEM.PAGE.RECLAIM", 28, 0, false),
  /** TDH.MEM.PAGE.REMOVE. */
  TDH_MEM_PAGE_REMOVE(
      "TDH.MEM.PAGE.REMOVE",
      29,
      0,
      false,
      INITIALIZED,
      RUNNABLE,
      LIVE_EXPORT,
      PAUSED_EXPORT,
      POST_EXPORT,
      POST_IMPORT,
      LIVE_IMPORT,
      FAILED_IMPORT),
  /** TDH.MEM.SEPT.REMOVE. */
  TDH_MEM_SEPT_REMOVE(
      "TDH.MEM.SEPT.REMOVE",
      30,
      1,
      false,
      INITIALIZED,
      RUNNABLE,
      LIVE_EXPORT,
      PAUSED_EXPORT,
      POST_EXPORT,
      MEMORY_IMPORT,
      STATE_IMPORT,
      POST_IMPORT,
      LIVE_IMPORT,
      FAILED_IMPORT),
  /** TDH.SYS.KEY.CONFIG. */
  TDH_SYS_KEY_CONFIG("TDH.SYS.KEY.CONFIG", 31, 0, false),
  /** TDH.SYS.INFO. */
  TDH_SYS_INFO("TDH.SYS.INFO", 32, 0, false),
  /** TDH.SYS.INIT. */
  TDH_SYS_INIT("TDH.SYS.INIT", 33, 0, false),
  /** TDH.SYS.RD. */
  TDH_SYS_RD("TDH.SYS.RD", 34, 0, false),
  /** TDH.SYS.LP.INIT. */
  TDH_SYS_LP_INIT("TDH.SYS.LP.INIT", 35, 0, false),
  /** TDH.SYS.TDMR.INIT. */
  TDH_SYS_TDMR_INIT("TDH.SYS.TDMR.INIT", 36, 0, false),
  /** TDH.SYS.RDALL. */
  TDH_SYS_RDALL("TDH.SYS.RDALL", 37, 0, false),
  /** TDH.MEM.TRACK. */
  TDH_MEM_TRACK(
      "TDH.MEM.TRACK",
      38,
      0,
      false,
      INITIALIZED,
      RUNNABLE,
      LIVE_EXPORT,
      PAUSED_EXPORT,
      POST_EXPORT,
      MEMORY_IMPORT,
      STATE_IMPORT,
      POST_IMPORT,
      LIVE_IMPORT),
  /** TDH.MEM.RANGE.UNBLOCK. */
  TDH_MEM_RANGE_UNBLOCK(
      "TDH.MEM.RANGE.UNBLOCK",
      39,
      0,
      false,
      INITIALIZED,
      RUNNABLE,
      LIVE_EXPORT,
      PAUSED_EXPORT,
      POST_EXPORT,
      POST_IMPORT,
      LIVE_IMPORT),
  /** TDH.PHYMEM.CACHE.WB. */
  TDH_PHYMEM_CACHE_WB("TDH.PHYMEM.CACHE.WB", 40, 0, false),
  /** TDH.PHYMEM.PAGE.WBINVD. */
  TDH_PHYMEM_PAGE_WBINVD("TDH.PHYMEM.PAGE.WBINVD", 41, 0, false),
  /** TDH.MEM.SEPT.WR. */
  TDH_MEM_SEPT_WR("TDH.MEM.SEPT.WR", 42, 0, false),
  /** TDH.SYS.RDM. */
  TDH_SYS_RDM("TDH.SYS.RDM", 42, 0, true),
  /** TDH.VP.WR. */
  TDH_VP_WR(
      "TDH.VP.WR",
      43,
      0,
      false,
      INITIALIZED,
      RUNNABLE,
      LIVE_EXPORT,
      MEMORY_IMPORT,
      STATE_IMPORT,
      POST_IMPORT,
      LIVE_IMPORT,
      FAILED_IMPORT),
  /** TDH.SYS.LP.SHUTDOWN. */
  TDH_SYS_LP_SHUTDOWN("TDH.SYS.LP.SHUTDOWN", 44, 0, false),
  /** TDH.SYS.CONFIG. */
  TDH_SYS_CONFIG("TDH.SYS.CONFIG", 45, 0, false),
  /** TDH.MNG.RDM. */
  TDH_MNG_RDM("TDH.MNG.RDM", 46, 0, true),
  /** TDH.MNG.WRM. */
  TDH_MNG_WRM("TDH.MNG.WRM", 47, 0, true),
  /** TDH.SERVTD.BIND. */
  TDH_SERVTD_BIND(
      "TDH.SERVTD.BIND",
      48,
      0,
      false,
      UNINITIALIZED,
      INITIALIZED,
      RUNNABLE,
      LIVE_EXPORT,
      POST_IMPORT,
      LIVE_IMPORT),
  /** TDH.SERVTD.PREBIND. */
  TDH_SERVTD_PREBIND("TDH.SERVTD.PREBIND", 49, 0, false, UNINITIALIZED, INITIALIZED),
  /** TDH.VP.RDM. */
  TDH_VP_RDM("TDH.VP.RDM", 50, 0, true),
  /** TDH.VP.WRM. */
  TDH_VP_WRM("TDH.VP.WRM", 51, 0, true),
  /** TDH.SYS.SHUTDOWN. */
  TDH_SYS_SHUTDOWN("TDH.SYS.SHUTDOWN", 52, 0, false),
  /** TDH.SYS.UPDATE. */
  TDH_SYS_UPDATE("TDH.SYS.UPDATE", 53, 0, false),
  /** TDH.SYS.S4.END. */
  TDH_SYS_S4_END("TDH.SYS.S4.END", 54, 0, true),
  /** TDH.PHYMEM.PAMT.ADD. */
  TDH_PHYMEM_PAMT_ADD("TDH.PHYMEM.PAMT.ADD", 58, 0, true),
  /** TDH.PHYMEM.PAMT.REMOVE. */
  TDH_PHYMEM_PAMT_REMOVE("TDH.PHYMEM.PAMT.REMOVE", 59, 0, true),
  /** TDH.EXT.INIT. */
  TDH_EXT_INIT("TDH.EXT.INIT", 60, 0, true),
  /** TDH.EXT.MEM.ADD. */
  TDH_EXT_MEM_ADD("TDH.EXT.MEM.ADD", 61, 0, true),
  /** TDH.EXPORT.ABORT. */
  TDH_EXPORT_ABORT("TDH.EXPORT.ABORT", 64, 0, false, LIVE_EXPORT, PAUSED_EXPORT, POST_EXPORT),
  /** TDH.EXPORT.BLOCKW. */
  TDH_EXPORT_BLOCKW("TDH.EXPORT.BLOCKW", 65, 0, false, LIVE_EXPORT),
  /** TDH.EXPORT.RESTORE. */
  TDH_EXPORT_RESTORE("TDH.EXPORT.RESTORE", 66, 0, false, RUNNABLE),
  /** TDH.EXPORT.MEM. */
  TDH_EXPORT_MEM("TDH.EXPORT.MEM", 68, 0, false, LIVE_EXPORT, PAUSED_EXPORT, POST_EXPORT),
  /** TDH.EXPORT.PAUSE. */
  TDH_EXPORT_PAUSE("TDH.EXPORT.PAUSE", 70, 0, false, LIVE_EXPORT),
  /** TDH.EXPORT.TRACK. */
  TDH_EXPORT_TRACK("TDH.EXPORT.TRACK", 71, 0, false, LIVE_EXPORT, PAUSED_EXPORT),
  /** TDH.EXPORT.STATE.IMMUTABLE. */
  TDH_EXPORT_STATE_IMMUTABLE("TDH.EXPORT.STATE.IMMUTABLE", 72, 0, false, RUNNABLE, LIVE_IMPORT),
  /** TDH.EXPORT.STATE.TD. */
  TDH_EXPORT_STATE_TD("TDH.EXPORT.STATE.TD", 73, 0, false, PAUSED_EXPORT),
  /** TDH.EXPORT.STATE.VP. */
  TDH_EXPORT_STATE_VP("TDH.EXPORT.STATE.VP", 74, 0, false, PAUSED_EXPORT),
  /** TDH.EXPORT.UNBLOCKW. */
  TDH_EXPORT_UNBLOCKW(
      "TDH.EXPORT.UNBLOCKW", 75, 0, false, RUNNABLE, LIVE_EXPORT, PAUSED_EXPORT, POST_EXPORT),
  /** TDH.IMPORT.ABORT. */
  TDH_IMPORT_ABORT(
      "TDH.IMPORT.ABORT", 80, 0, false, MEMORY_IMPORT, STATE_IMPORT, POST_IMPORT, FAILED_IMPORT),
  /** TDH.IMPORT.END. */
  TDH_IMPORT_END("TDH.IMPORT.END", 81, 0, false, POST_IMPORT, LIVE_IMPORT),
  /** TDH.IMPORT.COMMIT. */
  TDH_IMPORT_COMMIT("TDH.IMPORT.COMMIT", 82, 0, false, POST_IMPORT),
  /** TDH.IMPORT.MEM. */
  TDH_IMPORT_MEM(
      "TDH.IMPORT.MEM", 83, 0, false, MEMORY_IMPORT, STATE_IMPORT, POST_IMPORT, LIVE_IMPORT),
  /** TDH.IMPORT.TRACK. */
  TDH_IMPORT_TRACK("TDH.IMPORT.TRACK", 84, 0, false, MEMORY_IMPORT, STATE_IMPORT),
  /** TDH.IMPORT.STATE.IMMUTABLE. */
  TDH_IMPORT_STATE_IMMUTABLE("TDH.IMPORT.STATE.IMMUTABLE", 85, 0, false, UNINITIALIZED),
  /** TDH.IMPORT.STATE.TD. */
  TDH_IMPORT_STATE_TD("TDH.IMPORT.STATE.TD", 86, 0, false, MEMORY_IMPORT),
  /** TDH.IMPORT.STATE.VP. */
  TDH_IMPORT_STATE_VP("TDH.IMPORT.STATE.VP", 87, 0, false, STATE_IMPORT),
  /** TDH.MIG.STREAM.CREATE. */
  TDH_MIG_STREAM_CREATE(
      "TDH.MIG.STREAM.CREATE", 96, 0, false, UNINITIALIZED, INITIALIZED, RUNNABLE),
  /** TDH.MEM.SHARED.SEPT.WR. */
  TDH_MEM_SHARED_SEPT_WR("TDH.MEM.SHARED.SEPT.WR", 163, 0, true);

  private static final @Nullable SeamcallLeaf[] BY_NUMBER = new @Nullable SeamcallLeaf[256];

  static {
    for (SeamcallLeaf leaf : values()) {
      if (BY_NUMBER[leaf.number] == null) {
        BY_NUMBER[leaf.number] = leaf;
      }
    }
  }

  private final String leafName;
  private final int number;
  private final int maxVersion;
  private final boolean later;
  private final int opStates;

  SeamcallLeaf(String leafName, int number, int maxVersion, boolean later, OpState... opStates) {
    this.leafName = leafName;
    this.number = number;
    this.maxVersion = maxVersion;
    this.later = later;
    int mask = 0;
    for (OpState state : opStates) {
      mask |= 1 << state.value();
    }
    this.opStates = mask;
  }

  /** Returns the position in this enumeration, for tables. */
  @SuppressWarnings("EnumOrdinal") // an index into arrays, never kept or shown
  public int index() {
    return ordinal();
  }

  /** Returns the name with dots, as the specification writes it. */
  public String leafName() {
    return leafName;
  }

  /** Returns the number in RAX bits 15:0. */
  public int number() {
    return number;
  }

  /** Returns the largest version in RAX bits 23:16. */
  public int maxVersion() {
    return maxVersion;
  }

  /** Returns whether only modules later than 1.5.05 have it. */
  public boolean isLater() {
    return later;
  }

  /** Returns whether a TD in this operation state may be the subject of the function. */
  public boolean allowedIn(OpState state) {
    return (opStates >>> state.value() & 1) != 0;
  }

  /** Returns RAX for version 0. */
  public long rax() {
    return number;
  }

  /** Returns RAX for a version. */
  public long rax(int version) {
    return number | (long) version << 16;
  }

  /** Returns the function with this number, or null; the first of two names for 42. */
  public static @Nullable SeamcallLeaf of(long number) {
    return number >= 0 && number < BY_NUMBER.length ? BY_NUMBER[(int) number] : null;
  }

  /** Returns the function with this name, with dots or underscores, in any case; or null. */
  public static @Nullable SeamcallLeaf named(String name) {
    for (SeamcallLeaf leaf : values()) {
      if (leaf.leafName.equalsIgnoreCase(name) || leaf.name().equalsIgnoreCase(name)) {
        return leaf;
      }
    }
    return null;
  }
}
