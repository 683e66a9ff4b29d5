package dev.broadsheet.core.tdx.seamcall;

import static dev.broadsheet.core.tdx.TdxStatus.TDX_EPT_ENTRY_STATE_INCORRECT;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_EPT_WALK_FAILED;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_GPA_RANGE_NOT_BLOCKED;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_INTERRUPTED_RESTARTABLE;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_LIFECYCLE_STATE_INCORRECT;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_MISSING_PAMT_PAGE_PAIR;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_OPERAND_ADDR_RANGE_ERROR;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_OPERAND_BUSY;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_OPERAND_INVALID;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_OP_STATE_INCORRECT;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_PAGE_METADATA_INCORRECT;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_TDCS_NOT_ALLOCATED;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_TD_FATAL;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_TD_KEYS_NOT_CONFIGURED;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_TLB_TRACKING_NOT_DONE;

import dev.broadsheet.core.memory.OwnLines;
import dev.broadsheet.core.tdx.OperandId;
import dev.broadsheet.core.tdx.Registers;
import dev.broadsheet.core.tdx.SeamcallLeaf;
import dev.broadsheet.core.tdx.TdxStatus;
import dev.broadsheet.core.tdx.pamt.PageType;
import dev.broadsheet.core.tdx.pamt.Pamt;
import dev.broadsheet.core.tdx.pamt.PamtRef;
import dev.broadsheet.core.tdx.sept.SeptEntry;
import dev.broadsheet.core.tdx.sept.SeptFunction;
import dev.broadsheet.core.tdx.sept.SeptLevel;
import dev.broadsheet.core.tdx.sept.SeptRules;
import dev.broadsheet.core.tdx.sept.SeptState;
import dev.broadsheet.core.tdx.sept.SeptWalk;
import dev.broadsheet.core.tdx.td.LifeCycle;
import dev.broadsheet.core.tdx.td.TdControl;
import dev.broadsheet.core.tdx.td.Vcpu;
import org.jspecify.annotations.Nullable;

/**
 * One SEAMCALL under way: what it found, what it holds, and the checks that functions share, in the
 * order of the real module.
 *
 * <p>Each check returns 0 or the status to answer. All checks come before any visible change; what
 * was locked is released by {@link #release} when the function ends. Reusable, one thread at a
 * time, no allocation.
 *
 * <p>Source: TDX module 1.5.05, helpers.c: check_lock_and_map_explicit_tdr(),
 * check_state_map_tdcs_and_lock(), verify_page_info_input(), lock_sept_check_and_walk_internal().
 */
public final class SeamcallFrame extends OwnLines {
  /** Largest level argument of {@link #memoryPrefix}: the level of the root's entries. */
  static final int ROOT_LEVEL = -1;

  private static final long PAGE_MASK = 0xfffL;
  private static final long LEVEL_MASK = 0x7L;
  private static final long PAGE_INFO_RESERVED = 0xfff0_0000_0000_0ff8L;
  private static final long GPA_MASK = 0x000f_ffff_ffff_f000L;

  /** What a call wants of the Secure EPT tree lock. */
  enum TreeLock {
    NONE,
    SHARED,
    EXCLUSIVE
  }

  final TdxPlatform platform;

  /** The bits that no address without a key id has. */
  private final long tooWide;

  final PamtRef tdr;
  final PamtRef page;
  final PamtRef other;
  final PamtRef scratch;
  final SeptWalk walk = new SeptWalk();

  SeamcallLeaf leaf = SeamcallLeaf.TDH_VP_ENTER;
  int version;

  /** Level and GPA of the page info operand. */
  int level;

  long gpa;

  /** The TD of this call if {@link #hasTd}, else that of an earlier one. */
  private @Nullable TdControl td;

  /** The vCPU that this processor took inside last; it may have left since. */
  private @Nullable Vcpu entered;

  private boolean hasTd;
  private long inRcx;
  private long inRdx;
  private boolean opStateHeld;
  private boolean treeShared;
  private boolean treeExclusive;
  private boolean entryHeld;
  private boolean interruptNow;

  /** Creates a frame for calls to one module. */
  public SeamcallFrame(TdxPlatform platform) {
    this.platform = platform;
    tooWide = -1L << platform.config.hpaBits();
    tdr = new PamtRef(platform.pamt);
    page = new PamtRef(platform.pamt);
    other = new PamtRef(platform.pamt);
    scratch = new PamtRef(platform.pamt);
  }

  /** Returns the module's state that the frame was made for. */
  public TdxPlatform platform() {
    return platform;
  }

  /** Returns a place for a look at the PAMT without locks. */
  public PamtRef scratch() {
    return scratch;
  }

  /** Returns the vCPU that this processor took inside last, or null; it may have left since. */
  public @Nullable Vcpu entered() {
    return entered;
  }

  /** Books that the processor takes a vCPU inside. */
  void setEntered(Vcpu vcpu) {
    if (entered != vcpu) {
      entered = vcpu;
    }
  }

  /** Starts a call. */
  public void begin(Registers regs, SeamcallLeaf newLeaf, int newVersion, boolean interrupt) {
    if (leaf != newLeaf) { // to store a reference costs the garbage collector's barrier
      leaf = newLeaf;
    }
    version = newVersion;
    inRcx = regs.rcx;
    inRdx = regs.rdx;
    interruptNow = interrupt;
    hasTd = false;
  }

  /** Releases all that the call still holds. */
  public void release() {
    if (entryHeld) {
      entryHeld = false;
      platform.tables.unlock(walk.table, walk.index, walk.level, walk.entry);
    }
    other.release();
    page.release();
    TdControl owner = td;
    if (hasTd && owner != null) {
      if (treeShared) {
        owner.treeLock.unlockShared();
      } else if (treeExclusive) {
        owner.treeLock.unlockExclusive();
      }
      if (opStateHeld) {
        owner.opStateLock.unlockShared();
      }
    }
    treeShared = false;
    treeExclusive = false;
    opStateHeld = false;
    tdr.release();
  }

  /** Returns the TD of the call. */
  TdControl td() {
    if (td == null || !hasTd) {
      throw new IllegalStateException("no TD was looked up");
    }
    return td;
  }

  /** Makes {@code owner} the TD of the call. */
  void setTd(TdControl owner) {
    if (td != owner) {
      td = owner;
    }
    hasTd = true;
  }

  /** Returns whether an interrupt waits: injected for this call, or by the schedule. */
  boolean isInterrupted() {
    if (interruptNow) {
      interruptNow = false;
      return true;
    }
    return platform.faults.interruptWaits();
  }

  /** Answers that the call was interrupted before it changed anything: operands are put back. */
  long restartable(Registers regs) {
    regs.rcx = inRcx;
    regs.rdx = inRdx;
    return TDX_INTERRUPTED_RESTARTABLE.value();
  }

  // Operands.

  /** Finds and locks a TDR. */
  long lockTdr(long hpa, OperandId operand, boolean exclusive) {
    long status = lockControlPage(tdr, hpa, operand, exclusive, PageType.PT_TDR);
    if (status == 0) {
      setTd(platform.td((int) tdr.epoch()));
    }
    return status;
  }

  /** Locks the TDR of the TD that owns the page in hand, which the caller did not name. */
  long lockOwner(TdControl owner, boolean exclusive) {
    if (!platform.pamt.lockKnown(tdr, owner.tdrHpa, 0, exclusive)) {
      return TDX_OPERAND_BUSY.with(OperandId.TDR);
    }
    setTd(owner);
    return 0;
  }

  /** Finds and locks a 4K page that must have the given type. */
  long lockControlPage(PamtRef ref, long hpa, OperandId operand, boolean exclusive, PageType type) {
    if (isMalformed(hpa, PAGE_MASK)) {
      return TDX_OPERAND_INVALID.with(operand);
    }
    long status = lockPage(ref, hpa, operand, 0, exclusive, false);
    if (status == 0 && (ref.level() != 0 || ref.type() != type)) {
      return TDX_PAGE_METADATA_INCORRECT.with(operand);
    }
    return status;
  }

  /** Finds and locks a page that is offered to the module: it must be NDA at its size. */
  long lockNewPage(PamtRef ref, long hpa, OperandId operand, int size) {
    if (isMalformed(hpa, SeptLevel.bytes(size) - 1)) {
      return TDX_OPERAND_INVALID.with(operand);
    }
    long status = lockPage(ref, hpa, operand, size, true, true);
    if (status != 0) {
      return status;
    }
    boolean free =
        ref.level() == size
            && ref.type() == PageType.PT_NDA
            && (size == 0 || platform.pamt.isFree2m(ref));
    return free ? 0 : TDX_PAGE_METADATA_INCORRECT.with(operand);
  }

  /** Finds and locks the entry of an address, whatever its type. */
  long lockPage(
      PamtRef ref, long hpa, OperandId operand, int target, boolean exclusive, boolean taking) {
    Pamt.Found found = platform.pamt.lock(ref, hpa, target, exclusive, taking);
    return found == Pamt.Found.LOCKED ? 0 : notLocked(found, operand);
  }

  private static long notLocked(Pamt.Found found, OperandId operand) {
    return switch (found) {
      case LOCKED -> 0;
      case BUSY -> TDX_OPERAND_BUSY.with(operand);
      case OUTSIDE -> TDX_OPERAND_ADDR_RANGE_ERROR.with(operand);
      case MISSING_PAIR -> TDX_MISSING_PAMT_PAGE_PAIR.with(operand);
    };
  }

  /** Returns whether an address is misaligned, carries a key id, or is too wide. */
  boolean isMalformed(long hpa, long alignmentMask) {
    return (hpa & (alignmentMask | tooWide)) != 0;
  }

  // State of the TD.

  /** Checks that the TD is alive, has its keys and its control structure. */
  long checkTd() {
    long status = checkKeys();
    if (status == 0 && td().tdcsPages() < TdControl.MIN_TDCS_PAGES) {
      return TDX_TDCS_NOT_ALLOCATED.value();
    }
    return status;
  }

  /** Checks that the TD is alive and has its keys. */
  long checkKeys() {
    if (td().isFatal()) {
      return TDX_TD_FATAL.value();
    }
    return td().lifeCycle() == LifeCycle.KEYS_CONFIGURED ? 0 : TDX_TD_KEYS_NOT_CONFIGURED.value();
  }

  /** Checks the life cycle for the functions that name it. */
  long checkLifeCycle(LifeCycle expected) {
    return td().lifeCycle() == expected ? 0 : TDX_LIFECYCLE_STATE_INCORRECT.value();
  }

  /** Locks the operation state shared and checks that it allows the function. */
  long lockOpState() {
    if (!td().opStateLock.tryShared()) {
      return TDX_OPERAND_BUSY.with(OperandId.OP_STATE);
    }
    opStateHeld = true;
    return checkOpState();
  }

  /** Drops the operation state lock before the call ends. */
  void unlockOpState() {
    if (opStateHeld) {
      opStateHeld = false;
      td().opStateLock.unlockShared();
    }
  }

  /** Checks the operation state without its lock: the TDR is locked exclusively. */
  long checkOpState() {
    return leaf.allowedIn(td().opState()) ? 0 : TDX_OP_STATE_INCORRECT.value();
  }

  // Secure EPT.

  /** Clears the outputs, as every memory function does first. */
  void clearOutputs(Registers regs) {
    regs.rcx = 0;
    regs.rdx = 0;
  }

  /**
   * The checks that memory functions with a shared TDR have in common: TDR, state, page info, GPA,
   * tree lock, walk, entry lock, entry state.
   *
   * @param maxLevel largest level of the page info, or {@link #ROOT_LEVEL}
   */
  long memoryPrefix(
      Registers regs, int minLevel, int maxLevel, TreeLock tree, SeptFunction function) {
    long status = openTd(regs);
    if (status == 0) {
      status = parsePageInfo(inRcx, minLevel, maxLevel);
    }
    if (status == 0) {
      status = lockTree(tree);
    }
    if (status == 0) {
      status = walkTo(regs, level);
    }
    if (status == 0) {
      status = lockEntry(regs);
    }
    if (status == 0) {
      status = checkEntry(regs, function);
    }
    return status;
  }

  /** Clears outputs; locks the TDR in RDX shared; checks the TD and its operation state. */
  long openTd(Registers regs) {
    clearOutputs(regs);
    long status = lockTdr(inRdx & ~tdrFlags(), OperandId.RDX, false);
    if (status == 0) {
      status = checkTd();
    }
    return status == 0 ? lockOpState() : status;
  }

  /** Returns the bits of the TDR operand that are flags of this function. */
  private long tdrFlags() {
    return switch (leaf) {
      case TDH_MEM_PAGE_DEMOTE -> 1;
      case TDH_MEM_SEPT_RD -> 1;
      case TDH_MEM_SEPT_ADD -> version == 0 ? 0 : 1;
      default -> 0;
    };
  }

  /** Returns RCX as the caller gave it. */
  long inRcx() {
    return inRcx;
  }

  /** Returns RDX as the caller gave it. */
  long inRdx() {
    return inRdx;
  }

  /** Takes level and GPA apart and checks both. */
  long parsePageInfo(long pageInfo, int minLevel, int maxLevel) {
    level = (int) (pageInfo & LEVEL_MASK);
    gpa = pageInfo & GPA_MASK;
    int top = maxLevel == ROOT_LEVEL ? td().rootLevel() : maxLevel;
    if ((pageInfo & PAGE_INFO_RESERVED) != 0
        || level < minLevel
        || level > top
        || (gpa & (SeptLevel.bytes(level) - 1)) != 0) {
      return TDX_OPERAND_INVALID.with(OperandId.RCX);
    }
    return checkGpa(gpa);
  }

  /** Checks that a GPA can be private. */
  long checkGpa(long address) {
    boolean valid = td().isPrivate(address) && address >>> platform.config.maxPhysicalBits() == 0;
    return valid ? 0 : TDX_OPERAND_INVALID.with(OperandId.RCX);
  }

  /** Takes the tree lock. */
  long lockTree(TreeLock kind) {
    boolean locked =
        switch (kind) {
          case NONE -> true;
          case SHARED -> td().treeLock.tryShared();
          case EXCLUSIVE -> td().treeLock.tryExclusive();
        };
    if (!locked) {
      return TDX_OPERAND_BUSY.with(OperandId.SEPT_TREE);
    }
    treeShared = kind == TreeLock.SHARED;
    treeExclusive = kind == TreeLock.EXCLUSIVE;
    return 0;
  }

  /** Turns the shared tree lock into the exclusive one if nobody else shares it. */
  long upgradeTree() {
    if (treeShared) {
      if (!td().treeLock.tryUpgrade()) {
        return TDX_OPERAND_BUSY.with(OperandId.SEPT_TREE);
      }
      treeShared = false;
      treeExclusive = true;
    }
    return 0;
  }

  /** Walks to a level; a failure describes the entry where it stopped. */
  long walkTo(Registers regs, int requested) {
    boolean reached = walk.walk(platform.tables, td().root(), td().rootLevel(), gpa, requested);
    return reached ? 0 : withEntry(regs, TDX_EPT_WALK_FAILED);
  }

  /** Takes the host's lock of the entry that the walk found. */
  long lockEntry(Registers regs) {
    if (!platform.tables.lockHost(walk)) {
      return withEntry(regs, TDX_OPERAND_BUSY);
    }
    entryHeld = true;
    return 0;
  }

  /** Checks that the function may start from the entry's state. */
  long checkEntry(Registers regs, SeptFunction function) {
    return SeptRules.isLegal(function, walk.state())
        ? 0
        : withEntry(regs, TDX_EPT_ENTRY_STATE_INCORRECT);
  }

  /** Answers a status about RCX with the entry's details in RCX and RDX. */
  long withEntry(Registers regs, TdxStatus status) {
    showEntry(regs);
    return status.with(OperandId.RCX);
  }

  /** Shows the entry in RCX and RDX. */
  void showEntry(Registers regs) {
    regs.rcx = SeptEntry.reported(walk.entry, walk.level);
    regs.rdx = SeptEntry.reportedLevelAndState(walk.entry, walk.level);
  }

  /**
   * Checks that a TD that may run has the entry blocked, and every TLB flushed since.
   *
   * @param metadata PAMT entry of the page or table that the entry names
   */
  long checkBlockedAndTracked(Registers regs, PamtRef metadata) {
    SeptState state = walk.state();
    if (!td().opState().needsTlbTracking() || !state.needsTlbTracking()) {
      return 0;
    }
    if (!state.isBlocked()) {
      return withEntry(regs, TDX_GPA_RANGE_NOT_BLOCKED);
    }
    return checkTracked(metadata);
  }

  /** Checks that every TLB was flushed since the block. */
  long checkTracked(PamtRef metadata) {
    boolean tracked = !td().opState().needsTlbTracking() || td().epochs.isTracked(metadata.epoch());
    return tracked ? 0 : TDX_TLB_TRACKING_NOT_DONE.with(OperandId.RCX);
  }

  /** Stores the entry and releases its lock. */
  void commitEntry(long entry) {
    entryHeld = false;
    platform.tables.unlock(walk.table, walk.index, walk.level, entry);
  }

  /** Names the table below the entry, before the entry is stored. */
  void linkTable(long table) {
    platform.tables.setLink(walk.table, walk.index, table);
  }

  /** Returns the handle of the table below the entry. */
  long linkedTable() {
    return platform.tables.link(walk.table, walk.index);
  }
}
