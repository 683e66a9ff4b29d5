package dev.broadsheet.core.mmu.fault;

import dev.broadsheet.api.FaultAdvisor;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import dev.broadsheet.core.host.Errno;
import dev.broadsheet.core.host.HostPage;
import dev.broadsheet.core.memslot.KvmMemslot;
import dev.broadsheet.core.mmu.MmuCounter;
import dev.broadsheet.core.mmu.MmuCounters;
import dev.broadsheet.core.mmu.MmuListener;
import dev.broadsheet.core.mmu.spte.Spte;
import dev.broadsheet.core.mmu.spte.SpteLayout;
import dev.broadsheet.core.mmu.tdp.TdpIterator;
import dev.broadsheet.core.mmu.tdp.TdpMmu;
import dev.broadsheet.core.mmu.tdp.TdpTree;
import org.jspecify.annotations.Nullable;

/**
 * Handles nested page faults, step by step as KVM does:
 *
 * <ol>
 *   <li>MMIO entry that still holds: emulate
 *   <li>fast path: a write-protected or access-tracked leaf is mended without a lock
 *   <li>caches are topped up
 *   <li>fault-in: note the invalidation sequence, compare attributes, find slot and frame
 *   <li>{@code mmu_lock} for read; is anything stale?
 *   <li>choose the level, walk, link tables, install the leaf
 * </ol>
 *
 * <p>Nothing is allocated. Safe for use from many vCPUs at once, each with its own {@link VcpuMmu}.
 */
public final class FaultPath {
  private static final int FAST_ATTEMPTS = 5;

  /** Deliberate defects, each of which a test must find. */
  public enum Defect {
    /** None. */
    NONE,
    /**
     * The staleness check under {@code mmu_lock} is left out, so that a fault which looked before a
     * conversion maps after it: a 2M mapping over a block that is being changed.
     */
    NO_STALE_CHECK
  }

  private final TdpMmu mmu;
  private final FaultEnvironment environment;
  private final PageAttributeTracker tracker;
  private final @Nullable FaultAdvisor advisor;
  private final FaultMapper mapper;
  private final MmuCounters counters;
  private final int maxLevel;
  private final boolean nxHugePages;

  /** Without A/D bits a leaf that is not present to hardware may await an access. */
  private final boolean tracksAccesses;

  private final Defect defect;

  /**
   * Creates the path.
   *
   * @param maxLevel largest level that the machine maps, 1 to 3
   * @param spuriousCheck whether a present leaf that allows the access ends the fault (6.13 and
   *     later)
   */
  public FaultPath(
      TdpMmu mmu,
      FaultEnvironment environment,
      PageAttributeTracker tracker,
      int maxLevel,
      boolean spuriousCheck,
      Defect defect) {
    this.mmu = mmu;
    this.environment = environment;
    this.tracker = tracker;
    this.advisor = tracker instanceof FaultAdvisor adviser ? adviser : null;
    this.mapper = new FaultMapper(mmu, spuriousCheck);
    this.counters = mmu.counters();
    this.maxLevel = maxLevel;
    this.nxHugePages = mmu.policy().nxHugePages();
    this.tracksAccesses = !mmu.direct().layout().hasAdBits();
    this.defect = defect;
  }

  /**
   * Loads the roots of a vCPU that is about to enter the guest ({@code kvm_mmu_load()}), instead of
   * obsolete ones.
   *
   * @throws KernelOutOfMemoryException if there is no memory for a root
   */
  public void load(VcpuMmu vcpu) {
    long root = mmu.direct().root();
    if (root != 0 && root == vcpu.loadedRoot()) {
      return;
    }
    TdpTree mirror = mmu.mirror();
    if (mirror != null && mirror.root() == 0) {
      vcpu.caches().topUp(mirror);
      mmu.roots().require(mirror, vcpu.caches());
    }
    if (root == 0) {
      vcpu.caches().topUp(mmu.direct());
      root = mmu.roots().require(mmu.direct(), vcpu.caches());
    }
    vcpu.load(root);
  }

  /** Loads roots only if the vCPU has none at all ({@code kvm_mmu_reload()}). */
  public void reload(VcpuMmu vcpu) {
    if (vcpu.loadedRoot() == 0) {
      load(vcpu);
    }
  }

  /** Handles the fault that {@code vcpu.fault()} was begun with. */
  public RetPf handle(VcpuMmu vcpu) {
    PageFault fault = vcpu.fault();
    counters.add(fault.prefetch ? MmuCounter.PREFAULTS : MmuCounter.FAULTS);
    counters.add(fault.isPrivate ? MmuCounter.FAULTS_PRIVATE : MmuCounter.FAULTS_SHARED);
    MmuListener listener = mmu.listener();
    if (listener != null && !fault.prefetch) {
      listener.pageFault(vcpu.id(), fault.gpa, fault.errorCode);
    }
    RetPf result = RetPf.INVALID;
    if (fault.reserved) {
      result = mmioFault(vcpu, fault);
    }
    if (result == RetPf.INVALID) {
      result = pageFault(vcpu, fault);
    }
    book(result, fault);
    return result;
  }

  private void book(RetPf result, PageFault fault) {
    switch (result) {
      case RETRY -> counters.add(MmuCounter.RET_PF_RETRY);
      case EMULATE -> counters.add(MmuCounter.RET_PF_EMULATE);
      case WRITE_PROTECTED -> counters.add(MmuCounter.RET_PF_WRITE_PROTECTED);
      case FIXED -> counters.add(MmuCounter.RET_PF_FIXED);
      case SPURIOUS -> counters.add(MmuCounter.RET_PF_SPURIOUS);
      case ERROR -> {
        counters.add(MmuCounter.FAULT_ERRORS);
        if (fault.memoryFaultExit) {
          counters.add(MmuCounter.MEMORY_FAULT_EXITS);
        }
      }
      case CONTINUE, INVALID -> throw new IllegalStateException("a fault ended with " + result);
    }
  }

  /** An access met an MMIO entry: emulate if it was made for the memslots of today. */
  private RetPf mmioFault(VcpuMmu vcpu, PageFault fault) {
    TdpTree tree = mmu.direct();
    vcpu.rcuReadLock();
    long spte = walkToLast(vcpu.iterator(), tree, fault.gfn);
    vcpu.rcuReadUnlock();
    return tree.layout().isMmio(spte, tree.keep())
            && tree.layout().isMmioCurrent(spte, environment.slotsGeneration(), tree.keep())
        ? RetPf.EMULATE
        : RetPf.INVALID;
  }

  private RetPf pageFault(VcpuMmu vcpu, PageFault fault) {
    if (canBeFast(fault)) {
      RetPf fast = fastPageFault(vcpu, fault);
      if (fast != RetPf.INVALID) {
        return fast;
      }
    }
    TdpTree tree = mmu.tree(fault.isPrivate);
    try {
      vcpu.caches().topUp(tree);
    } catch (KernelOutOfMemoryException e) {
      return error(fault, Errno.ENOMEM, /* exit= */ false);
    }
    RetPf result = faultIn(fault);
    if (result != RetPf.CONTINUE) {
      return result;
    }
    mmu.lock().lockRead();
    try {
      if (defect != Defect.NO_STALE_CHECK && isStale(vcpu, fault)) {
        return RetPf.RETRY;
      }
      return map(vcpu, fault, tree);
    } catch (KernelOutOfMemoryException e) {
      // KVM's own tables come from the caches; a page pair of dynamic PAMT may be missing.
      return error(fault, Errno.ENOMEM, /* exit= */ false);
    } finally {
      mmu.lock().unlockRead();
    }
  }

  // Fast path

  private boolean canBeFast(PageFault fault) {
    if (fault.reserved || !(fault.present ? fault.write : tracksAccesses)) {
      return false;
    }
    return !environment.hasPrivateMemory()
        || fault.isPrivate == PageAttributes.isPrivate(environment.attributes(fault.gfn));
  }

  private RetPf fastPageFault(VcpuMmu vcpu, PageFault fault) {
    if (fault.isPrivate && mmu.mirror() != null) {
      return RetPf.INVALID;
    }
    TdpTree tree = mmu.direct();
    TdpIterator it = vcpu.iterator();
    RetPf result = RetPf.INVALID;
    long before = 0;
    long after = 0;
    vcpu.rcuReadLock();
    for (int attempt = 0; attempt < FAST_ATTEMPTS; attempt++) {
      before = walkToLast(it, tree, fault.gfn);
      after = before;
      if (!Spte.isLeaf(before, it.level())) {
        break;
      }
      if (tree.layout().allows(before, fault.write, fault.fetch)) {
        result = RetPf.SPURIOUS;
        break;
      }
      KvmMemslot slot = environment.slot(fault.gfn);
      after = tracksAccesses ? SpteLayout.restored(before) : before;
      if (fault.write && tree.layout().isMmuWritable(before)) {
        if (it.level() > 1 && slot != null && slot.logsDirtyPages()) {
          after = before;
          break;
        }
        after |= SpteLayout.WRITABLE;
      }
      if (!tree.layout().allows(after, fault.write, fault.fetch)) {
        after = before;
        break;
      }
      if (mmu.changes().fixFast(it, before, after)) {
        if (fault.write && slot != null && slot.logsDirtyPages()) {
          environment.markDirty(slot, fault.gfn);
        }
        counters.add(MmuCounter.FAST_FIXED);
        result = RetPf.FIXED;
        break;
      }
    }
    vcpu.rcuReadUnlock();
    MmuListener listener = mmu.listener();
    if (listener != null) {
      listener.fastPageFault(
          fault.gfn, before, after, result == RetPf.SPURIOUS, result == RetPf.FIXED);
    }
    return result;
  }

  private long walkToLast(TdpIterator it, TdpTree tree, long gfn) {
    long root = tree.root();
    if (root == 0) {
      return Spte.NONPRESENT;
    }
    it.start(tree, root, 1, gfn);
    while (Spte.isTable(it.spte(), it.level())) {
      it.next();
      if (!it.isValid()) {
        return Spte.NONPRESENT;
      }
    }
    return it.spte();
  }

  // Fault-in

  private RetPf faultIn(PageFault fault) {
    fault.sequence = mmu.invalidation().sequence();
    if (environment.hasPrivateMemory()
        && fault.isPrivate != PageAttributes.isPrivate(environment.attributes(fault.gfn))) {
      return error(fault, Errno.EFAULT, /* exit= */ true);
    }
    KvmMemslot slot = environment.slot(fault.gfn);
    if (fault.slot != slot) { // to store a reference costs the garbage collector's barrier
      fault.slot = slot;
    }
    if (slot == null) {
      return noSlot(fault);
    }
    if (slot.isInvalid()) {
      counters.add(MmuCounter.RETRY_SLOT);
      return RetPf.RETRY;
    }
    if (mustRetryUnlocked(fault)) {
      return RetPf.RETRY;
    }
    RetPf result = fault.isPrivate ? privatePage(fault, slot) : sharedPage(fault, slot);
    if (result != RetPf.CONTINUE) {
      return result;
    }
    if (mustRetryUnlocked(fault)) {
      return RetPf.RETRY;
    }
    if (advisor != null
        && advisor.beforeMap(fault.gfn, PageLevel.of(Math.min(fault.maxLevel, fault.hostLevel)))
            == FaultAdvisor.Advice.RETRY) {
      counters.add(MmuCounter.RETRY_TRACKER);
      return RetPf.RETRY;
    }
    return RetPf.CONTINUE;
  }

  private RetPf noSlot(PageFault fault) {
    if (fault.isPrivate) {
      return error(fault, Errno.EFAULT, /* exit= */ true);
    }
    fault.maxLevel = 1;
    // Above what the tables reach no MMIO entry can be made.
    return fault.gfn < mmu.gfnLimit() ? RetPf.CONTINUE : RetPf.EMULATE;
  }

  private RetPf privatePage(PageFault fault, KvmMemslot slot) {
    if (!slot.canBePrivate()) {
      return error(fault, Errno.EFAULT, /* exit= */ true);
    }
    long page = environment.privatePage(slot, fault.gfn);
    if (HostPage.isError(page)) {
      return error(fault, HostPage.errno(page), /* exit= */ true);
    }
    fault.pfn = HostPage.pfn(page);
    fault.mapWritable = !slot.isReadOnly();
    fault.hostLevel = levelOf(HostPage.order(page));
    fault.maxLevel = Math.min(fault.hostLevel, environment.maxPrivateLevel(fault.gfn));
    return RetPf.CONTINUE;
  }

  private RetPf sharedPage(PageFault fault, KvmMemslot slot) {
    if (slot.isReadOnly() && fault.write) {
      return RetPf.EMULATE;
    }
    long page = environment.sharedPage(slot, fault.gfn, fault.write);
    if (HostPage.isError(page)) {
      return error(fault, HostPage.errno(page), /* exit= */ false);
    }
    fault.pfn = HostPage.pfn(page);
    fault.mapWritable = !slot.isReadOnly() && HostPage.isWritable(page);
    fault.hostLevel = levelOf(HostPage.order(page));
    return RetPf.CONTINUE;
  }

  private static int levelOf(int order) {
    return order >= 18 ? 3 : order >= 9 ? 2 : 1;
  }

  private static RetPf error(PageFault fault, int errno, boolean exit) {
    fault.errno = errno;
    fault.memoryFaultExit = exit;
    return RetPf.ERROR;
  }

  private boolean mustRetryUnlocked(PageFault fault) {
    if (mmu.invalidation().covers(fault.gfn)) {
      counters.add(MmuCounter.RETRY_RANGE);
      return true;
    }
    if (mmu.invalidation().sequence() != fault.sequence) {
      counters.add(MmuCounter.RETRY_SEQUENCE);
      return true;
    }
    return false;
  }

  private boolean isStale(VcpuMmu vcpu, PageFault fault) {
    if (vcpu.loadedRoot() != mmu.direct().root()) {
      counters.add(MmuCounter.RETRY_ROOT);
      return true;
    }
    return fault.slot != null && mustRetryUnlocked(fault);
  }

  // Mapping

  private RetPf map(VcpuMmu vcpu, PageFault fault, TdpTree tree) {
    adjustLevel(fault);
    MmuListener listener = mmu.listener();
    if (listener != null) {
      listener.requested(fault.gfn, fault.pfn, fault.goalLevel);
    }
    vcpu.rcuReadLock();
    try {
      return mapper.map(vcpu, fault, tree, environment);
    } finally {
      vcpu.rcuReadUnlock();
    }
  }

  /** Chooses the level: {@code kvm_mmu_hugepage_adjust()}. */
  private void adjustLevel(PageFault fault) {
    fault.hugePageDisallowed = fault.fetch && nxHugePages;
    KvmMemslot slot = fault.slot;
    int level = Math.min(Math.min(fault.maxLevel, maxLevel), fault.levelLimit);
    if (level == 1 || slot == null || slot.logsDirtyPages()) {
      return;
    }
    level = slot.lpageInfo().maxLevel(fault.gfn, PageLevel.of(level)).number();
    if (!fault.isPrivate) {
      level = Math.min(level, fault.hostLevel);
    }
    if (level > 1) {
      level = tracker.maxLevel(fault.gfn, PageLevel.of(level)).number();
    }
    while (level > 1 && ((fault.pfn ^ fault.gfn) & (PageLevel.of(level).pages() - 1)) != 0) {
      level--;
    }
    fault.reqLevel = level;
    if (level == 1 || fault.hugePageDisallowed) {
      return;
    }
    fault.goalLevel = level;
    fault.pfn &= -PageLevel.of(level).pages();
  }
}
