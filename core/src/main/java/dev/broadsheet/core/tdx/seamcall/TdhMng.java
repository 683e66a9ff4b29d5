package dev.broadsheet.core.tdx.seamcall;

import static dev.broadsheet.core.tdx.TdxStatus.TDX_FLUSHVP_NOT_DONE;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_HKID_NOT_FREE;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_KEY_CONFIGURED;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_LIFECYCLE_STATE_INCORRECT;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_OPERAND_BUSY;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_OPERAND_INVALID;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_SUCCESS;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_TDCX_NUM_INCORRECT;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_TD_FATAL;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_WBCACHE_NOT_COMPLETE;

import dev.broadsheet.core.tdx.OpState;
import dev.broadsheet.core.tdx.OperandId;
import dev.broadsheet.core.tdx.Registers;
import dev.broadsheet.core.tdx.pamt.PageType;
import dev.broadsheet.core.tdx.sept.SeptLevel;
import dev.broadsheet.core.tdx.td.KeyTable;
import dev.broadsheet.core.tdx.td.LifeCycle;
import dev.broadsheet.core.tdx.td.TdControl;
import dev.broadsheet.core.tdx.td.TdParams;
import org.jspecify.annotations.Nullable;

/**
 * The life cycle of a TD: CREATE, KEY.CONFIG, ADDCX, INIT, VPFLUSHDONE, KEY.FREEID. All but CREATE
 * lock the TDR exclusively.
 *
 * <p>Source: TDX module 1.5.05, tdh_mng_create.c, tdh_mng_key_config.c, tdh_mng_add_cx.c,
 * tdh_mng_init.c, tdh_mng_vpflushdone.c, tdh_mng_key_freeid.c.
 */
final class TdhMng {
  private static final long KNOWN_ATTRIBUTES =
      TdParams.DEBUG
          | TdParams.SEPT_VE_DISABLE
          | TdParams.MIGRATABLE
          | TdParams.PKS
          | TdParams.PERFMON;
  private static final long XFAM_REQUIRED = 3;
  private static final long KNOWN_FLAGS = TdParams.GPAW | TdParams.FLEXIBLE_PENDING_VE;
  private static final int MAX_VCPUS = 576;
  private static final int FIVE_LEVEL_WIDTH = 49;

  private TdhMng() {}

  /** In: RCX = page for the TDR, RDX = private key id. */
  static long create(SeamcallFrame f, Registers regs) {
    long status = f.lockNewPage(f.page, regs.rcx, OperandId.RCX, 0);
    if (status != 0) {
      return status;
    }
    KeyTable keys = f.platform.keys;
    if (!keys.isPrivate(regs.rdx)) {
      return TDX_OPERAND_INVALID.with(OperandId.RDX);
    }
    if (!keys.lock.tryExclusive()) {
      return TDX_OPERAND_BUSY.with(OperandId.KOT);
    }
    try {
      int hkid = (int) regs.rdx;
      if (keys.state(hkid) != KeyTable.State.FREE) {
        return TDX_HKID_NOT_FREE.value();
      }
      TdControl td = f.platform.createTd(regs.rcx, hkid);
      keys.setState(hkid, KeyTable.State.ASSIGNED);
      f.page.set(PageType.PT_TDR, 0, td.slot);
      return TDX_SUCCESS.value();
    } finally {
      keys.lock.unlockExclusive();
    }
  }

  /** In: RCX = TDR; configures the key on the package of the calling processor. */
  static long keyConfig(SeamcallFrame f, Registers regs) {
    long status = f.lockTdr(f.inRcx(), OperandId.RCX, true);
    if (status != 0) {
      return status;
    }
    TdControl td = f.td();
    if (td.isFatal()) {
      return TDX_TD_FATAL.value();
    }
    status = f.checkLifeCycle(LifeCycle.HKID_ASSIGNED);
    if (status != 0) {
      return status;
    }
    int packageId = f.platform.packageOf(regs.processor);
    if (td.hasKey(packageId)) {
      return TDX_KEY_CONFIGURED.value();
    }
    if (td.addKey(packageId) == f.platform.config.packages()) {
      td.setLifeCycle(LifeCycle.KEYS_CONFIGURED);
    }
    return TDX_SUCCESS.value();
  }

  /** In: RCX = page, RDX = TDR. */
  static long addCx(SeamcallFrame f, Registers regs) {
    long status = f.lockTdr(f.inRdx(), OperandId.RDX, true);
    if (status == 0) {
      status = f.checkKeys();
    }
    if (status == 0) {
      status = f.checkOpState();
    }
    if (status != 0) {
      return status;
    }
    TdControl td = f.td();
    if (td.tdcsPages() >= TdControl.MAX_TDCS_PAGES) {
      return TDX_TDCX_NUM_INCORRECT.value();
    }
    status = f.lockNewPage(f.page, regs.rcx, OperandId.RCX, 0);
    if (status != 0) {
      return status;
    }
    if (td.tdcsPages() == TdControl.SEPT_ROOT_PAGE) {
      // The root of the Secure EPT: 512 free entries in a page of the control structure.
      td.setRoot(f.platform.tables.allocate(SeptLevel.PML4));
    }
    td.addTdcsPage();
    f.page.set(PageType.PT_TDCX, td.slot, 0);
    td.childCount.add(1);
    return TDX_SUCCESS.value();
  }

  /** In: RCX = TDR, RDX = TD_PARAMS in shared memory. */
  static long init(SeamcallFrame f, Registers regs) {
    long status = f.lockTdr(f.inRcx(), OperandId.RCX, true);
    if (status == 0) {
      status = f.checkTd();
    }
    if (status == 0) {
      status = f.checkOpState();
    }
    if (status != 0) {
      return status;
    }
    if ((regs.rdx & 1023) != 0 || !f.platform.isSharedHpa(regs.rdx)) {
      return TDX_OPERAND_INVALID.with(OperandId.RDX);
    }
    TdParams params = f.platform.tdParams.get(regs.rdx);
    if (params == null) {
      params = new TdParams(0, 0, 0, 0, 0, 0); // memory that nobody wrote holds zeroes
    }
    OperandId wrong = firstWrongField(f, params);
    if (wrong != null) {
      return TDX_OPERAND_INVALID.with(wrong);
    }
    f.td().configure(params);
    f.td().setOpState(OpState.INITIALIZED);
    return TDX_SUCCESS.value();
  }

  private static @Nullable OperandId firstWrongField(SeamcallFrame f, TdParams params) {
    if ((params.attributes() & ~KNOWN_ATTRIBUTES) != 0) {
      return OperandId.ATTRIBUTES;
    }
    if ((params.xfam() & XFAM_REQUIRED) != XFAM_REQUIRED) {
      return OperandId.XFAM;
    }
    if (params.maxVcpus() < 1 || params.maxVcpus() > MAX_VCPUS) {
      return OperandId.MAX_VCPUS;
    }
    if (params.numL2Vms() != 0) {
      return OperandId.NUM_L2_VMS;
    }
    boolean fiveLevel = params.eptpControls() == TdParams.EPTP_5_LEVEL;
    boolean capable =
        f.platform.config.fiveLevelEpt() && f.platform.config.maxPhysicalBits() >= FIVE_LEVEL_WIDTH;
    if (fiveLevel ? !capable : params.eptpControls() != TdParams.EPTP_4_LEVEL) {
      return OperandId.EPTP_CONTROLS;
    }
    boolean wideGpa = (params.configFlags() & TdParams.GPAW) != 0;
    if ((params.configFlags() & ~KNOWN_FLAGS) != 0 || (wideGpa && !fiveLevel)) {
      return OperandId.EXEC_CONTROLS;
    }
    return null;
  }

  /** In: RCX = TDR. */
  static long vpFlushDone(SeamcallFrame f, Registers regs) {
    long status = f.lockTdr(f.inRcx(), OperandId.RCX, true);
    if (status != 0) {
      return status;
    }
    KeyTable keys = f.platform.keys;
    if (!keys.lock.tryExclusive()) {
      return TDX_OPERAND_BUSY.with(OperandId.KOT);
    }
    try {
      TdControl td = f.td();
      if (td.lifeCycle().compareTo(LifeCycle.KEYS_CONFIGURED) > 0) {
        return TDX_LIFECYCLE_STATE_INCORRECT.value();
      }
      if (td.associatedVcpus.get() != 0) {
        return TDX_FLUSHVP_NOT_DONE.value();
      }
      keys.setState(td.hkid, KeyTable.State.FLUSHED);
      td.setLifeCycle(LifeCycle.BLOCKED);
      return TDX_SUCCESS.value();
    } finally {
      keys.lock.unlockExclusive();
    }
  }

  /** In: RCX = TDR. */
  static long keyFreeId(SeamcallFrame f, Registers regs) {
    long status = f.lockTdr(f.inRcx(), OperandId.RCX, true);
    if (status != 0) {
      return status;
    }
    KeyTable keys = f.platform.keys;
    if (!keys.lock.tryExclusive()) {
      return TDX_OPERAND_BUSY.with(OperandId.KOT);
    }
    try {
      TdControl td = f.td();
      status = f.checkLifeCycle(LifeCycle.BLOCKED);
      if (status != 0) {
        return status;
      }
      if (!keys.isWrittenBackEverywhere(td.hkid)) {
        return TDX_WBCACHE_NOT_COMPLETE.value();
      }
      keys.setState(td.hkid, KeyTable.State.FREE);
      td.setLifeCycle(LifeCycle.TEARDOWN);
      if (td.root() != 0) {
        // Without the key nobody can read the tables again; their pages stay with the TD.
        f.platform.tables.freeTree(td.root(), td.rootLevel());
        td.setRoot(0);
      }
      return TDX_SUCCESS.value();
    } finally {
      keys.lock.unlockExclusive();
    }
  }

  /** TDH.MNG.KEY.RECLAIMID does nothing. */
  static long reclaimId(SeamcallFrame f, Registers regs) {
    return TDX_SUCCESS.value();
  }
}
