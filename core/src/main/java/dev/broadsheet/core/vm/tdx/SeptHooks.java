package dev.broadsheet.core.vm.tdx;

import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import dev.broadsheet.core.mmu.MmuCounter;
import dev.broadsheet.core.mmu.MmuCounters;
import dev.broadsheet.core.mmu.tdp.ExternalTables;
import dev.broadsheet.core.tdx.Registers;
import dev.broadsheet.core.tdx.SeamcallLeaf;
import dev.broadsheet.core.tdx.TdxModule;
import dev.broadsheet.core.tdx.TdxStatus;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.WeakHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * What the mirror tree's changes mean to the TDX module: KVM's S-EPT hooks.
 *
 * <table>
 *   <caption>Calls</caption>
 *   <tr><th>change</th><th>SEAMCALLs</th></tr>
 *   <tr><td>link</td><td>SEPT.ADD</td></tr>
 *   <tr><td>map, TD not finalized</td><td>PAGE.ADD, 16 MR.EXTEND</td></tr>
 *   <tr><td>map, TD runnable</td><td>PAGE.AUG</td></tr>
 *   <tr><td>remove</td><td>RANGE.BLOCK, TRACK, kick, PAGE.REMOVE, PHYMEM.PAGE.WBINVD</td></tr>
 *   <tr><td>demote</td><td>RANGE.BLOCK, TRACK, kick, PAGE.DEMOTE</td></tr>
 *   <tr><td>promote</td><td>RANGE.BLOCK, TRACK, kick, PAGE.PROMOTE</td></tr>
 *   <tr><td>anything after the key went</td><td>PHYMEM.PAGE.RECLAIM</td></tr>
 * </table>
 *
 * <p>Populating may find the module busy; then the fault retries. Everything under the write lock
 * must succeed: on busy all vCPUs are kicked out and kept out, and the call is made once more.
 * Source: Linux 7.2, arch/x86/kvm/vmx/tdx.c: tdx_sept_*(), tdh_do_no_vcpus().
 */
public final class SeptHooks implements ExternalTables {
  private static final int PAGE_SHIFT = 12;
  private static final int EXTEND_BYTES = 256;

  /** Threads that find their registers at once; a power of two. */
  private static final int RECENT = 256;

  /** With vCPUs kept out, busy means a thread that is about to notice it. */
  private static final int MOST_LATE_TRIES = 1000;

  private static final int NAP_NANOS = 10_000;

  /** Frames of a page of each level. */
  private static final int LEVEL_SHIFT = 9;

  private final TdxModule module;
  private final TdxFrames frames;
  private final boolean hookFirst;

  private final @Nullable Registers oneThread;

  /** By thread. Registers lead to the module, so a thread must not keep a machine by them. */
  private final Map<Thread, Registers> threadRegisters =
      Collections.synchronizedMap(new WeakHashMap<>());

  /** The registers that threads used last, by the low bits of their numbers. */
  private final AtomicReferenceArray<@Nullable OwnRegisters> recent =
      new AtomicReferenceArray<>(RECENT);

  /** Registers, and the thread whose they are: numbers of threads are not used again. */
  private record OwnRegisters(long thread, Registers registers) {}

  private @Nullable MmuCounters counters;
  private @Nullable TdVcpus vcpus;
  private long tdr;
  private long key;
  private volatile boolean runnable;
  private volatile boolean keyReleased;

  /** Frame of a page that holds what is added before the TD runs. */
  private long sourceFrame;

  /**
   * Creates hooks for a TD that is still to be named by {@link #attach}.
   *
   * @param hookFirst whether populating calls the module before it owns the mirror entry
   */
  public SeptHooks(TdxModule module, TdxFrames frames, boolean threads, boolean hookFirst) {
    this.module = module;
    this.frames = frames;
    this.hookFirst = hookFirst;
    this.oneThread = threads ? null : new Registers();
  }

  /** Names the TD. */
  public void attach(
      long newTdr, int hkid, TdVcpus newVcpus, MmuCounters newCounters, long newSourceFrame) {
    tdr = newTdr;
    key = (long) hkid << module.config().hpaBits();
    vcpus = newVcpus;
    counters = newCounters;
    sourceFrame = newSourceFrame;
  }

  /** From now on pages are augmented, and removal needs tracking. */
  public void setRunnable() {
    runnable = true;
  }

  /** From now on pages are only reclaimed. */
  public void setKeyReleased() {
    keyReleased = true;
  }

  private Registers regs() {
    if (oneThread != null) {
      return oneThread;
    }
    long thread = Thread.currentThread().getId();
    OwnRegisters last = recent.getAcquire((int) thread & (RECENT - 1));
    return last != null && last.thread() == thread ? last.registers() : findRegisters();
  }

  private Registers findRegisters() {
    Thread thread = Thread.currentThread();
    Registers own = threadRegisters.computeIfAbsent(thread, absent -> new Registers());
    long id = thread.getId();
    recent.setRelease((int) id & (RECENT - 1), new OwnRegisters(id, own));
    return own;
  }

  private MmuCounters counters() {
    return Objects.requireNonNull(counters, "the hooks name no TD yet");
  }

  private TdVcpus vcpus() {
    return Objects.requireNonNull(vcpus, "the hooks name no TD yet");
  }

  @Override
  public long allocatePage() {
    return frames.allocate();
  }

  @Override
  public void freePage(long frame) {
    frames.free(frame);
  }

  private static long operand(long gfn, int level) {
    return (gfn << PAGE_SHIFT) | (level - 1);
  }

  // Populating: mmu_lock is held for read

  @Override
  public int link(long gfn, int level, long frame) {
    Registers regs = regs();
    regs.operands(operand(gfn, level), tdr, frame << PAGE_SHIFT);
    return populated(module.seamcall(SeamcallLeaf.TDH_MEM_SEPT_ADD, regs), "TDH.MEM.SEPT.ADD");
  }

  @Override
  public int map(long gfn, int level, long pfn) {
    if (level == 1) {
      frames.use(pfn);
    }
    int result = FAILED;
    try {
      result = runnable ? augment(gfn, level, pfn) : add(gfn, pfn);
    } finally {
      if (result != OK && level == 1) {
        frames.release(pfn);
      }
    }
    return result;
  }

  private int augment(long gfn, int level, long pfn) {
    Registers regs = regs();
    regs.operands(operand(gfn, level), tdr, pfn << PAGE_SHIFT);
    return populated(module.seamcall(SeamcallLeaf.TDH_MEM_PAGE_AUG, regs), "TDH.MEM.PAGE.AUG");
  }

  private int add(long gfn, long pfn) {
    Registers regs = regs();
    regs.operands(operand(gfn, 1), tdr, pfn << PAGE_SHIFT);
    regs.r9 = sourceFrame << PAGE_SHIFT;
    int result =
        populated(module.seamcall(SeamcallLeaf.TDH_MEM_PAGE_ADD, regs), "TDH.MEM.PAGE.ADD");
    for (int offset = 0; result == OK && offset < 4096; offset += EXTEND_BYTES) {
      regs.operands((gfn << PAGE_SHIFT) + offset, tdr, 0);
      result = populated(module.seamcall(SeamcallLeaf.TDH_MR_EXTEND, regs), "TDH.MR.EXTEND");
    }
    return result;
  }

  private int populated(long status, String call) {
    if (status == 0) {
      return OK;
    }
    if (TdxStatus.TDX_OPERAND_BUSY.matches(status)) {
      counters().add(MmuCounter.BUSY);
      return BUSY;
    }
    if (hookFirst && TdxStatus.TDX_EPT_ENTRY_STATE_INCORRECT.matches(status)) {
      // Without a frozen entry two faults may call for one page; the module tells the second one.
      return BUSY;
    }
    throw dead(call, status);
  }

  // Taking away: mmu_lock is held for write

  @Override
  public void remove(long gfn, int level, long pfn) {
    if (keyReleased) {
      reclaim(pfn);
    } else {
      blockAndTrack(gfn, level);
      expect(forced(SeamcallLeaf.TDH_MEM_PAGE_REMOVE, operand(gfn, level), tdr, 0), "PAGE.REMOVE");
      writeBack(pfn, 1L << (LEVEL_SHIFT * (level - 1)));
    }
    if (level == 1) {
      frames.release(pfn);
    }
  }

  private void writeBack(long pfn, long pages) {
    Registers regs = regs();
    for (long i = 0; i < pages; i++) {
      regs.rcx = key | ((pfn + i) << PAGE_SHIFT);
      expect(module.seamcall(SeamcallLeaf.TDH_PHYMEM_PAGE_WBINVD, regs), "TDH.PHYMEM.PAGE.WBINVD");
    }
  }

  private void blockAndTrack(long gfn, int level) {
    expect(forced(SeamcallLeaf.TDH_MEM_RANGE_BLOCK, operand(gfn, level), tdr, 0), "RANGE.BLOCK");
    track();
  }

  /** One round: the epoch moves on, and every vCPU leaves the guest once. */
  private void track() {
    if (!runnable) {
      return;
    }
    expect(forced(SeamcallLeaf.TDH_MEM_TRACK, tdr, 0, 0), "TDH.MEM.TRACK");
    counters().add(MmuCounter.TRACKING_ROUNDS);
    vcpus().kickAll();
  }

  @Override
  public int demote(long gfn, int level, long pfn, long frame) {
    // Memory that is missing is found out before the leaf is blocked.
    long[] pair = level == 2 ? frames.pairForSplit() : new long[2];
    blockAndTrack(gfn, level);
    try {
      expect(demoteBlocked(gfn, level, frame, pair), "TDH.MEM.PAGE.DEMOTE");
    } catch (KernelOutOfMemoryException e) {
      // The module's own memory here, not the machine's: the leaf stays what it was.
      expect(unblock(gfn, level), "TDH.MEM.RANGE.UNBLOCK");
      if (level == 2) {
        frames.pairUnused(pair);
      }
      throw e;
    }
    if (level == 2) {
      frames.split(pfn);
    }
    return OK;
  }

  private long demoteBlocked(long gfn, int level, long frame, long[] pair) {
    Registers regs = regs();
    long status;
    do {
      regs.r12 = pair[0] << PAGE_SHIFT;
      regs.r13 = pair[1] << PAGE_SHIFT;
      status =
          forced(SeamcallLeaf.TDH_MEM_PAGE_DEMOTE, operand(gfn, level), tdr, frame << PAGE_SHIFT);
    } while (TdxStatus.TDX_INTERRUPTED_RESTARTABLE.matches(status));
    return status;
  }

  private long unblock(long gfn, int level) {
    return forced(SeamcallLeaf.TDH_MEM_RANGE_UNBLOCK, operand(gfn, level), tdr, 0);
  }

  @Override
  public int promote(long gfn, int level, long pfn, long frame) {
    blockAndTrack(gfn, level);
    long status;
    do {
      status = forced(SeamcallLeaf.TDH_MEM_PAGE_PROMOTE, operand(gfn, level), tdr, 0);
    } while (TdxStatus.TDX_INTERRUPTED_RESTARTABLE.matches(status));
    if (status != 0) {
      expect(unblock(gfn, level), "TDH.MEM.RANGE.UNBLOCK");
      return FAILED;
    }
    if (level == 2) {
      frames.merged(pfn, regs().r12, regs().r13);
    }
    return OK;
  }

  @Override
  public int unlink(long gfn, int level, long frame) {
    blockAndTrack(gfn, level);
    expect(
        forced(SeamcallLeaf.TDH_MEM_SEPT_REMOVE, operand(gfn, level), tdr, 0),
        "TDH.MEM.SEPT.REMOVE");
    return OK;
  }

  @Override
  public void reclaimTable(long gfn, int level, long frame) {
    if (!keyReleased) {
      throw new IllegalStateException(
          "a table of a running TD's Secure EPT was dropped: gfn 0x%x, level %d"
              .formatted(gfn, level));
    }
    reclaim(frame);
    frames.free(frame);
  }

  /** Reclaims a page after the key was released. */
  public void reclaim(long pfn) {
    Registers regs = regs();
    regs.rcx = pfn << PAGE_SHIFT;
    expect(module.seamcall(SeamcallLeaf.TDH_PHYMEM_PAGE_RECLAIM, regs), "TDH.PHYMEM.PAGE.RECLAIM");
  }

  /** Makes a call that must not stay busy: the second time no vCPU is inside and none enters. */
  private long forced(SeamcallLeaf leaf, long rcx, long rdx, long r8) {
    Registers regs = regs();
    regs.operands(rcx, rdx, r8);
    long status = module.seamcall(leaf, regs);
    if (!isBusy(status)) {
      return status;
    }
    counters().add(MmuCounter.BUSY);
    vcpus().blockEntry();
    try {
      int tries = 0;
      do {
        regs.operands(rcx, rdx, r8);
        status = module.seamcall(leaf, regs);
      } while (isBusy(status) && mayHaveMetALateEntry(++tries));
      return status;
    } finally {
      vcpus().allowEntry();
    }
  }

  /** A thread that found entry allowed a moment ago still has one call under way. */
  private boolean mayHaveMetALateEntry(int tries) {
    if (oneThread != null || tries == MOST_LATE_TRIES) {
      return false;
    }
    LockSupport.parkNanos(NAP_NANOS);
    return true;
  }

  private static boolean isBusy(long status) {
    return TdxStatus.TDX_OPERAND_BUSY.matches(status)
        || TdxStatus.TDX_PREVIOUS_TLB_EPOCH_BUSY.matches(status);
  }

  private static void expect(long status, String call) {
    if (status != 0) {
      throw dead(call, status);
    }
  }

  /** KVM marks the machine dead; the model stops the run and says why. */
  private static IllegalStateException dead(String call, long status) {
    return new IllegalStateException(call + ": " + TdxStatus.describe(status));
  }
}
