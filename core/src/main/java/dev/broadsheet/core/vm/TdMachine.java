package dev.broadsheet.core.vm;

import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import dev.broadsheet.core.host.Errno;
import dev.broadsheet.core.host.HostMemory;
import dev.broadsheet.core.memslot.KvmMemslot;
import dev.broadsheet.core.mmu.MmuCounter;
import dev.broadsheet.core.mmu.MmuCounters;
import dev.broadsheet.core.mmu.fault.PageFault;
import dev.broadsheet.core.mmu.fault.RetPf;
import dev.broadsheet.core.mmu.spte.Spte;
import dev.broadsheet.core.mmu.sync.MmuLock;
import dev.broadsheet.core.mmu.tdp.ExternalTables;
import dev.broadsheet.core.mmu.tdp.TdpMmu;
import dev.broadsheet.core.mmu.tdp.TdpTree;
import dev.broadsheet.core.tdx.AccessKind;
import dev.broadsheet.core.tdx.GuestOutcome;
import dev.broadsheet.core.tdx.Registers;
import dev.broadsheet.core.tdx.SeamcallLeaf;
import dev.broadsheet.core.tdx.TdcallLeaf;
import dev.broadsheet.core.tdx.TdxModule;
import dev.broadsheet.core.tdx.TdxModuleConfig;
import dev.broadsheet.core.tdx.TdxStatus;
import dev.broadsheet.core.tdx.td.TdParams;
import dev.broadsheet.core.vm.tdx.SeptHooks;
import dev.broadsheet.core.vm.tdx.TdControlPages;
import dev.broadsheet.core.vm.tdx.TdVcpus;
import dev.broadsheet.core.vm.tdx.TdxFrames;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A machine's TDX side: the module, the TD in it, its vCPUs' private accesses and accepts, and what
 * the host answers to their exits.
 *
 * <p>Source: Linux 7.2, arch/x86/kvm/vmx/tdx.c: tdx_handle_ept_violation(); HP v3 for accepts.
 */
final class TdMachine implements TdSide {
  private static final int PAGE_SHIFT = 12;
  private static final int MOST_EXITS = 64;

  /** Extended qualification: the type is in the low bits, what it carries in the high half. */
  private static final long TYPE_MASK = 0xf;

  private static final long TYPE_ACCEPT = 1;
  private static final long TYPE_PENDING = 6;
  private static final int INFO_SHIFT = 32;
  private static final long REQUESTED_LEVEL = 7;
  private static final long PRIVATE_FAULT =
      PageFault.GUEST_FINAL | PageFault.WRITE | PageFault.PRIVATE_ACCESS;

  private final TdxModule module;
  private final TdxFrames frames;
  private final SeptHooks hooks;
  private final TdControlPages control;
  private final TdVcpus vcpus;
  private final long sourceFrame;
  private final MmuCounters counters;
  private final boolean inhibit;
  private final boolean mergesOnFault;
  private boolean finalized;
  private @Nullable VmParts parts;
  private @Nullable GuestAccesses accesses;

  TdMachine(VmSpec spec, HostMemory host, KernelMemory memory) {
    this.inhibit = spec.is("inhibit", "one-way");
    this.mergesOnFault = spec.is("merge", "fault");
    TdxModuleConfig config =
        TdxModuleConfig.builder()
            .tdmr(0, host.frames() << PAGE_SHIFT)
            .widths(46, 6)
            .privateHkids(32, 32)
            .dynamicPamt(spec.is("dynamic-pamt", "on"))
            .demoteUninterruptible(true)
            .threads(spec.hasThreads())
            .build();
    this.module = new TdxModule(memory, config);
    this.frames = new TdxFrames(host, module);
    this.hooks =
        new SeptHooks(module, frames, spec.hasThreads(), spec.is("external", "hook-first"));
    TdParams params = TdParams.defaults();
    if (spec.is("levels", "5")) {
      params = params.withEptpControls(TdParams.EPTP_5_LEVEL);
    }
    if (spec.is("gpaw", "52")) {
      params = params.withConfigFlags(TdParams.GPAW);
    }
    long paramsHpa = host.frames() << PAGE_SHIFT;
    this.control = new TdControlPages(module, frames, 32, params, paramsHpa, spec.vcpus());
    this.sourceFrame = host.frames() + 1;
    this.counters = new MmuCounters(spec.hasThreads());
    this.vcpus = new TdVcpus(module, counters, control.tdvprs());
    hooks.attach(control.tdr(), control.hkid(), vcpus, counters, sourceFrame);
  }

  @Override
  public ExternalTables external() {
    return hooks;
  }

  @Override
  public TdxModule module() {
    return module;
  }

  @Override
  public void attach(VmParts machine, GuestAccesses guest) {
    this.parts = machine;
    this.accesses = guest;
  }

  private VmParts parts() {
    return Objects.requireNonNull(parts, "the TD has no machine yet");
  }

  private GuestAccesses accesses() {
    return Objects.requireNonNull(accesses, "the TD has no machine yet");
  }

  /** Shared translations: all vCPUs leave the guest, and flush when they enter again. */
  @Override
  public void flush() {
    vcpus.kickAll();
  }

  // The guest

  @Override
  public void access(Vcpu cpu, long gpa, Access access, AccessResult result) {
    if (!resume(cpu, gpa >>> PAGE_SHIFT, result)) {
      touch(cpu, gpa, access, result);
    }
    cpu.unfinishedGfn = result.outcome == AccessOutcome.DONE ? Vcpu.NONE : gpa >>> PAGE_SHIFT;
    cpu.retriedGfn =
        result.outcome == AccessOutcome.RETRY ? cpu.mmu.fault().gpa() >>> PAGE_SHIFT : Vcpu.NONE;
  }

  /**
   * Goes on from an access that did not finish. While its answer is RETRY the vCPU is still
   * outside, and KVM handles the same fault again. If the guest is elsewhere now, an interrupt took
   * it there: it enters, and its RIP has moved.
   *
   * @return whether the new access ends here
   */
  private boolean resume(Vcpu cpu, long gfn, AccessResult result) {
    long left = cpu.unfinishedGfn;
    long retried = cpu.retriedGfn;
    cpu.unfinishedGfn = Vcpu.NONE;
    cpu.retriedGfn = Vcpu.NONE;
    if (left == Vcpu.NONE) {
      return false;
    }
    if (left == gfn) {
      return retried != Vcpu.NONE && privateFault(cpu, retried << PAGE_SHIFT, 3, result);
    }
    Registers regs = vcpus.registers(cpu.id);
    while (!module.guestInterrupt(vcpus.tdvpr(cpu.id), regs)) {
      if (enter(cpu, regs, result)) {
        return true;
      }
    }
    return false;
  }

  private void touch(Vcpu cpu, long gpa, Access access, AccessResult result) {
    Registers regs = vcpus.registers(cpu.id);
    AccessKind kind =
        access.isFetch()
            ? AccessKind.EXECUTE
            : access.isWrite() ? AccessKind.WRITE : AccessKind.READ;
    for (int exits = 0; exits < MOST_EXITS; exits++) {
      GuestOutcome outcome = module.access(vcpus.tdvpr(cpu.id), gpa, kind, regs);
      switch (outcome) {
        case DONE -> {
          result.level = mappedLevel(cpu, gpa >>> PAGE_SHIFT);
          return;
        }
        case NOT_INSIDE -> {
          if (enter(cpu, regs, result)) {
            return;
          }
        }
        case TD_EXIT -> {
          if ((regs.rdx & TYPE_MASK) == TYPE_PENDING) {
            result.end(AccessOutcome.NOT_ACCEPTED);
            return;
          }
          if (privateFault(cpu, gpa, 3, result) || enter(cpu, regs, result)) {
            return;
          }
        }
        case VE, DOUBLE_FAULT -> {
          result.end(AccessOutcome.NOT_ACCEPTED);
          return;
        }
        case INTERRUPTED -> {}
        case SHARED ->
            throw new IllegalArgumentException(
                "gpa 0x%x is no private address of this TD".formatted(gpa));
        case TD_DEAD ->
            throw new IllegalStateException("the TD died: " + TdxStatus.describe(regs.rax));
      }
    }
    throw new IllegalStateException(
        "gpa 0x%x exits again and again; last answer: %s".formatted(gpa, result));
  }

  /**
   * Enters the guest. The module may refuse while an address at which this vCPU faulted again and
   * again would still fault: then that one is mended first. A page that waits to be accepted is
   * none that the host can mend: KVM ends the TD, as it does for such an exit of the guest itself.
   *
   * @return whether the access ends here, because that address cannot be mended
   */
  private boolean enter(Vcpu cpu, Registers regs, AccessResult result) {
    if (vcpus.enter(cpu.id)) {
      return false;
    }
    if ((regs.rdx & TYPE_MASK) == TYPE_PENDING) {
      result.end(AccessOutcome.NOT_ACCEPTED);
      return true;
    }
    return privateFault(cpu, regs.r8, 3, result);
  }

  /**
   * An EPT violation of a private address: always a write for KVM. While the answer is RETRY the
   * vCPU does not enter the guest, for entries with an unmoved RIP make the module suspicious.
   *
   * @return whether the access ends here
   */
  private boolean privateFault(Vcpu cpu, long gpa, int levelLimit, AccessResult result) {
    GuestAccesses machine = accesses();
    while (true) {
      if (machine.loadRoots(cpu, result)) {
        return true;
      }
      cpu.mmu.fault().begin(gpa, PRIVATE_FAULT, true, /* isPrefetch= */ false, levelLimit);
      RetPf ret = machine.handleFault(cpu, result);
      if (ret == RetPf.RETRY) {
        if (machine.ends(ret, cpu, result)) {
          return true;
        }
        continue;
      }
      if (ret == RetPf.FIXED && mergesOnFault) {
        mergeAt(cpu, gpa >>> PAGE_SHIFT);
      }
      return machine.ends(ret, cpu, result);
    }
  }

  /** Policy merge=fault: a fault in a block that may be large again asks for a promote. */
  private void mergeAt(Vcpu cpu, long gfn) {
    PageLevel level = PageLevel.PG_LEVEL_2M;
    TdpMmu mmu = parts().mmu;
    cpu.mmu.srcuReadLock();
    mmu.lock().lockWrite();
    try {
      // Asked with the lock held: a conversion may have begun since the fault.
      if (parts().levels.effective(gfn).number() >= level.number()) {
        mmu.privateHugePages().promote(level.roundDown(gfn), level.number());
      }
    } finally {
      mmu.lock().unlockWrite();
      cpu.mmu.srcuReadUnlock();
    }
  }

  private int mappedLevel(Vcpu cpu, long gfn) {
    TdpTree mirror = parts().mmu.mirror();
    if (mirror == null || mirror.root() == 0) {
      return 0;
    }
    long spte = MappingLevels.walk(cpu.hardware, mirror, mirror.root(), gfn);
    return Spte.isPresent(spte) ? cpu.hardware.level() : 0;
  }

  @Override
  public void accept(Vcpu cpu, long gpa, long bytes, AccessResult result) {
    if (resume(cpu, Vcpu.NONE, result)) {
      return;
    }
    long end = gpa + bytes;
    long large = PageLevel.PG_LEVEL_2M.pages() << PAGE_SHIFT;
    long at = gpa;
    while (at < end) {
      result.accepted = at - gpa;
      if ((at & (large - 1)) == 0 && end - at >= large && acceptPage(cpu, at, 2, result)) {
        at += large;
      } else if (result.outcome == AccessOutcome.DONE && acceptPage(cpu, at, 1, result)) {
        at += 1L << PAGE_SHIFT;
      } else {
        return;
      }
    }
    result.accepted = bytes;
  }

  /** Returns whether the guest has the page; the result says why the accept stopped, if it did. */
  private boolean acceptPage(Vcpu cpu, long gpa, int level, AccessResult result) {
    Registers regs = vcpus.registers(cpu.id);
    long tdvpr = vcpus.tdvpr(cpu.id);
    for (int exits = 0; exits < MOST_EXITS; exits++) {
      regs.rcx = gpa | (level - 1);
      GuestOutcome outcome = module.tdcall(tdvpr, TdcallLeaf.TDG_MEM_PAGE_ACCEPT.number(), regs);
      switch (outcome) {
        case DONE -> {
          return acceptAnswer(regs.rax, level, result);
        }
        case NOT_INSIDE -> {
          if (enter(cpu, regs, result)) {
            return false;
          }
        }
        case INTERRUPTED -> {}
        case TD_EXIT -> {
          if (acceptExit(cpu, gpa, regs, result) || enter(cpu, regs, result)) {
            return false;
          }
        }
        case VE, DOUBLE_FAULT, SHARED, TD_DEAD ->
            throw new IllegalStateException(
                "accept of gpa 0x%x ended with %s, %s"
                    .formatted(gpa, outcome, TdxStatus.describe(regs.rax)));
      }
    }
    throw new IllegalStateException(
        "accept of gpa 0x%x exits again and again; last answer: %s".formatted(gpa, result));
  }

  private static boolean acceptAnswer(long rax, int level, AccessResult result) {
    if (rax == 0 || (level == 1 && TdxStatus.TDX_PAGE_ALREADY_ACCEPTED.matches(rax))) {
      result.level = level;
      return true;
    }
    result.status = rax;
    if (level == 1) {
      // A 2M accept that does not fit is tried again in 4K; this one has nothing smaller.
      result.end(AccessOutcome.ACCEPT_REFUSED);
    }
    return false;
  }

  /** The host's part of an accept that could not finish; returns whether the accept ends. */
  private boolean acceptExit(Vcpu cpu, long gpa, Registers regs, AccessResult result) {
    if ((regs.rdx & TYPE_MASK) != TYPE_ACCEPT) {
      throw new IllegalStateException(
          "accept of gpa 0x%x exited with extended qualification 0x%x".formatted(gpa, regs.rdx));
    }
    int level = (int) (regs.rdx >>> INFO_SHIFT & REQUESTED_LEVEL) + 1;
    long gfn = gpa >>> PAGE_SHIFT;
    if (level == 1) {
      try {
        guestWantsSmall(cpu, gfn);
      } catch (KernelOutOfMemoryException e) {
        result.errno = Errno.ENOMEM;
        result.end(AccessOutcome.ERROR);
        return true;
      }
    }
    return privateFault(cpu, gpa, level, result);
  }

  /**
   * The guest accepts 4K: a larger leaf is demoted, and the block stays small for good if the
   * policy says so. Once it is small for good nothing is left to do, and no lock is taken.
   */
  private void guestWantsSmall(Vcpu cpu, long gfn) {
    cpu.mmu.srcuReadLock();
    try {
      KvmMemslot slot = inhibit ? parts().slots.find(gfn) : null;
      if (slot == null || !isInhibited(slot, gfn)) {
        makeSmall(slot, gfn);
      }
    } finally {
      cpu.mmu.srcuReadUnlock();
    }
  }

  /** Demotes, and inhibits the block of {@code slot}, if there is one. */
  private void makeSmall(@Nullable KvmMemslot slot, long gfn) {
    MmuLock lock = parts().mmu.lock();
    lock.lockWrite();
    try {
      parts().splits.to(gfn, 1);
      if (slot != null && !isInhibited(slot, gfn)) {
        slot.lpageInfo().inhibit(gfn, PageLevel.PG_LEVEL_2M);
        counters.add(MmuCounter.GUEST_INHIBITS);
      }
    } finally {
      lock.unlockWrite();
    }
  }

  private static boolean isInhibited(KvmMemslot slot, long gfn) {
    return slot.lpageInfo().isInhibited(gfn, PageLevel.PG_LEVEL_2M);
  }

  // Build and end

  @Override
  public int addPages(Vcpu cpu, long gpa, long bytes) {
    if (finalized) {
      return Errno.EINVAL; // KVM_TDX_INIT_MEM_REGION ends with the measurement
    }
    GuestAccesses machine = accesses();
    AccessResult result = cpu.result.begin(/* privateAccess= */ true);
    for (long at = gpa; at < gpa + bytes; at += 1L << PAGE_SHIFT) {
      if (machine.loadRoots(cpu, result)) {
        return result.errno;
      }
      RetPf ret;
      do {
        // kvm_tdp_mmu_map_private_pfn() tries again as long as the module is busy.
        cpu.mmu.fault().begin(at, PRIVATE_FAULT, true, /* isPrefetch= */ true, 1);
        ret = machine.handleFault(cpu, result);
      } while (ret == RetPf.RETRY);
      if (ret != RetPf.FIXED) {
        // Anything else, a page that is there already included, is an error of the builder.
        return ret == RetPf.ERROR ? cpu.mmu.fault().errno() : Errno.EIO;
      }
    }
    return 0;
  }

  @Override
  public void finalizeTd() {
    control.finalizeTd();
    finalized = true;
    hooks.setRunnable();
    parts().levelPolicy.setRunnable();
  }

  @Override
  public void releaseKey() {
    vcpus.kickAll();
    control.releaseKey();
    hooks.setKeyReleased();
  }

  @Override
  public void reclaim() {
    control.reclaim();
    module.audit();
    module.close();
  }

  // Books

  @Override
  public void observe(TdObserver observer) {
    module.observe(observer::called);
    vcpus.observeKicks(observer::kicked);
  }

  @Override
  public void audit() {
    MirrorAudit.run(parts().mmu, module, control.tdr());
  }

  @Override
  public void book(Map<String, Long> books) {
    for (SeamcallLeaf leaf : SeamcallLeaf.values()) {
      long calls = module.counters().of(leaf);
      if (calls > 0) {
        books.put("seamcalls." + leaf.leafName(), calls);
      }
    }
    books.put("seamcalls", module.counters().seamcalls());
    books.put("tdx.accepts", module.counters().of(TdcallLeaf.TDG_MEM_PAGE_ACCEPT));
    books.put("tdx.pamt-bytes", module.pamtBytes());
    books.put("tdx.sept-bytes", module.septBytes());
    for (MmuCounter counter :
        new MmuCounter[] {
          MmuCounter.KICKS, MmuCounter.TRACKING_ROUNDS, MmuCounter.BUSY, MmuCounter.GUEST_INHIBITS
        }) {
      books.put(counter.id(), counters.get(counter));
    }
  }
}
