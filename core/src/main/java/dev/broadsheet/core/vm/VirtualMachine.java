package dev.broadsheet.core.vm;

import dev.broadsheet.api.Geometry;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.MappingListener;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.PageTables;
import dev.broadsheet.api.Transitions;
import dev.broadsheet.api.memory.KernelLock;
import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import dev.broadsheet.core.host.Errno;
import dev.broadsheet.core.host.GuestMemfd;
import dev.broadsheet.core.host.HostMemory;
import dev.broadsheet.core.host.HostPage;
import dev.broadsheet.core.host.SharedBacking;
import dev.broadsheet.core.memory.Rcu;
import dev.broadsheet.core.memslot.KvmMemslot;
import dev.broadsheet.core.memslot.LpageInfoWords;
import dev.broadsheet.core.memslot.MemslotRequest;
import dev.broadsheet.core.memslot.Memslots;
import dev.broadsheet.core.mmu.MmuCounters;
import dev.broadsheet.core.mmu.MmuListener;
import dev.broadsheet.core.mmu.fault.FaultPath;
import dev.broadsheet.core.mmu.fault.PageFault;
import dev.broadsheet.core.mmu.fault.RetPf;
import dev.broadsheet.core.mmu.fault.VcpuMmu;
import dev.broadsheet.core.mmu.spte.Spte;
import dev.broadsheet.core.mmu.spte.SpteLayout;
import dev.broadsheet.core.mmu.tdp.AttributeFilter;
import dev.broadsheet.core.mmu.tdp.DirtyLogging;
import dev.broadsheet.core.mmu.tdp.ExternalTables;
import dev.broadsheet.core.mmu.tdp.MmuPolicy;
import dev.broadsheet.core.mmu.tdp.PageTablePort;
import dev.broadsheet.core.mmu.tdp.TdpIterator;
import dev.broadsheet.core.mmu.tdp.TdpMmu;
import dev.broadsheet.core.mmu.tdp.TdpTree;
import dev.broadsheet.core.mmu.tdp.VcpuCaches;
import dev.broadsheet.core.mmu.tdp.ZapReason;
import dev.broadsheet.core.strategy.ConfiguredStrategy;
import dev.broadsheet.core.strategy.StartupFill;
import dev.broadsheet.core.vm.attributes.AttributesAnswer;
import dev.broadsheet.core.vm.attributes.SetMemoryAttributes;
import dev.broadsheet.core.vm.attributes.YieldHook;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One virtual machine: memslots, host memory, the TDP MMU, a tracking strategy, vCPUs and, for a
 * TD, the TDX module behind it.
 *
 * <p>A life: {@link #create}; memslots; for a TD {@link #addInitialPages} and {@link #finalizeTd};
 * then {@link #access}, {@link #accept}, {@link #mapGpa}, {@link #discard} as the guest does them;
 * {@link #audit} at any quiet point; {@link #close}.
 *
 * <p>Addresses and sizes are bytes, without the shared bit; error numbers are positive. Sequential
 * unless the specification says threads: then each vCPU may be driven by a thread of its own, while
 * others change memslots and attributes.
 */
public final class VirtualMachine implements AutoCloseable {
  private static final int PAGE_SHIFT = 12;
  private static final long PAGE_MASK = (1L << PAGE_SHIFT) - 1;

  /** More retries than a sequential machine can need; one more is a fault that never ends. */
  private static final int MOST_RETRIES = 64;

  private static final Transitions NO_TRANSITIONS =
      new Transitions() {
        @Override
        public void becameMixed(long gfn, PageLevel level) {}

        @Override
        public void becameUniform(long gfn, PageLevel level, int attributes) {}
      };

  private final VmSpec spec;
  private final Geometry geometry;
  private final Rcu rcu;
  private final HostMemory host;
  private final Memslots slots;
  private final SlotBackings backings = new SlotBackings();
  private final DirtyBitmaps dirty = new DirtyBitmaps();
  private final LpageInfoWords lpageInfo;
  private final TdpMmu mmu;
  private final PageTablePort port;
  private final VcpuCaches splitStock;
  private final VcpuCaches loggingStock;
  private final PageAttributeTracker tracker;
  private final StartupFill fill;
  private final VmFaultEnvironment environment;
  private final FaultPath faultPath;
  private final DirtyLogging logging;
  private final MemslotFlow memslotFlow;
  private final KernelLock slotsLock;
  private final SetMemoryAttributes attributesFlow;
  private final Vcpu[] vcpus;
  private final List<HostNotifier> notifiers = new ArrayList<>();

  /** Memory that the machine made for its own slots, by slot number. Guarded by itself. */
  private final Map<Integer, OwnMemory> ownMemory = new TreeMap<>();

  private final @Nullable TdSide td;
  private final int initialAttributes;
  private final boolean oneTree;
  private final int mostRetries;
  private final boolean logsDirtyBits;
  private @Nullable OperationHook hook;
  private HostNotifier.@Nullable Watcher hvaWatcher;
  private long nextUserPage = 0x7f00_0000L;
  private long filledPages;
  private boolean preFaultAllowed;
  private boolean closed;

  private VirtualMachine(
      VmSpec spec,
      ConfiguredStrategy strategy,
      Function<String, ConfiguredStrategy> strategies,
      KernelMemory memory,
      Rcu rcu,
      Transitions transitions) {
    this.spec = spec;
    this.rcu = rcu;
    int levels = spec.number("levels");
    int largest = spec.is("max-level", "4k") ? 1 : spec.is("max-level", "2m") ? 2 : 3;
    long limit = gfnLimit(spec, levels);
    this.geometry = new Geometry(limit, PageLevel.of(levels), PageLevel.of(largest));
    this.host =
        new HostMemory(
            (long) spec.number("host-gib") << 18, spec.share("fragmentation"), spec.number("seed"));
    this.slots = new Memslots(geometry, spec.hasPrivateMemory());
    this.lpageInfo = new LpageInfoWords(slots);
    MmuPolicy policy =
        new MmuPolicy(
            spec.hasThreads(),
            spec.is("reclaim", "rcu"),
            spec.is("external", "freeze-first"),
            spec.is("invalidation", "union"),
            spec.number("yield-every"),
            spec.is("nx-huge-pages", "on"));
    this.td = spec.isTdx() ? new TdMachine(spec, host, memory) : null;
    this.oneTree = td == null;
    this.mostRetries = spec.hasThreads() ? Integer.MAX_VALUE : MOST_RETRIES;
    ExternalTables external = td == null ? null : td.external();
    this.mmu =
        new TdpMmu(
            memory,
            rcu,
            layout(spec),
            levels,
            td == null ? 0 : sharedGfnBit(spec),
            external,
            limit,
            policy);
    this.port = new PageTablePort(mmu, memory, external);
    this.splitStock = new VcpuCaches(memory, mmu.direct(), mmu.mirror(), external);
    this.initialAttributes = initialAttributes(spec);
    this.tracker =
        strategy
            .strategy()
            .create(
                new VmContext(
                    memory,
                    rcu,
                    initialAttributes,
                    lpageInfo,
                    port,
                    new VmFrames(host, slots, backings),
                    transitions,
                    strategies,
                    geometry,
                    strategy.options()));
    mmu.tellMappings(tracker instanceof MappingListener listener ? listener : null);
    this.fill = new StartupFill(tracker, initialAttributes);
    PrivateLevelPolicy levelPolicy = new PrivateLevelPolicy(spec);
    this.environment =
        new VmFaultEnvironment(
            slots, backings, dirty, tracker, fill, spec.hasPrivateMemory(), levelPolicy);
    boolean spuriousCheck =
        spec.is("kernel", "6.16") || (spec.is("kernel", "auto") && !spec.is("kind", "swprot"));
    this.faultPath =
        new FaultPath(
            mmu,
            environment,
            tracker,
            largest,
            spuriousCheck,
            spec.is("defect", "none") ? FaultPath.Defect.NONE : FaultPath.Defect.NO_STALE_CHECK);
    this.logsDirtyBits = spec.is("dirty-log", "dirty-bit");
    this.loggingStock = new VcpuCaches(memory, mmu.direct(), mmu.mirror(), external);
    this.logging = new DirtyLogging(mmu, loggingStock, this::largestLevel, logsDirtyBits);
    this.slotsLock = memory.lock("slots_lock");
    this.memslotFlow =
        new MemslotFlow(
            memory,
            slots,
            backings,
            dirty,
            mmu,
            tracker,
            fill,
            environment,
            logging,
            /* fastZap= */ spec.is("kind", "plain"),
            spec.is("eager-split", "on"));
    PrivateSplits splits = new PrivateSplits(mmu, splitStock, spec.is("split", "conversion"));
    this.attributesFlow =
        new SetMemoryAttributes(
            tracker,
            slots,
            slotsLock,
            new VmConversionMmu(mmu, splits, spec.is("defect", "no-edge-guards")),
            spec.hasPrivateMemory() ? PageAttributes.PRIVATE : 0);
    this.vcpus = new Vcpu[spec.vcpus()];
    for (int i = 0; i < vcpus.length; i++) {
      VcpuCaches caches = new VcpuCaches(memory, mmu.direct(), mmu.mirror(), external);
      vcpus[i] = new Vcpu(i, new VcpuMmu(i, mmu, caches), new TdpIterator(mmu.direct()));
    }
    if (td != null) {
      td.attach(this, levelPolicy, splits);
      mmu.flushBy(td);
    }
    this.preFaultAllowed = td == null;
  }

  /**
   * Creates a machine without memslots.
   *
   * @param strategy the tracking strategy with its options
   * @param strategies turns a spec into a strategy, for strategies that wrap others
   * @param memory where tables, tracker and locks come from
   * @param rcu the grace periods of that memory
   * @throws KernelOutOfMemoryException if there is no memory
   */
  public static VirtualMachine create(
      VmSpec spec,
      ConfiguredStrategy strategy,
      Function<String, ConfiguredStrategy> strategies,
      KernelMemory memory,
      Rcu rcu) {
    return create(spec, strategy, strategies, memory, rcu, NO_TRANSITIONS);
  }

  /** As {@link #create}, with somebody who is told when blocks become mixed or uniform. */
  public static VirtualMachine create(
      VmSpec spec,
      ConfiguredStrategy strategy,
      Function<String, ConfiguredStrategy> strategies,
      KernelMemory memory,
      Rcu rcu,
      Transitions transitions) {
    return new VirtualMachine(spec, strategy, strategies, memory, rcu, transitions);
  }

  private static long gfnLimit(VmSpec spec, int levels) {
    if (spec.isTdx()) {
      return sharedGfnBit(spec);
    }
    // What the tables reach, or the host's address width if that is less.
    int reach = levels == 5 ? 52 : 48;
    return 1L << (Math.min(reach, spec.number("phys-bits")) - PAGE_SHIFT);
  }

  private static long sharedGfnBit(VmSpec spec) {
    return 1L << (spec.is("gpaw", "52") ? 51 - PAGE_SHIFT : 47 - PAGE_SHIFT);
  }

  private static SpteLayout layout(VmSpec spec) {
    if (spec.isTdx()) {
      return SpteLayout.EPT_TD;
    }
    boolean npt =
        spec.is("format", "npt") || (spec.is("format", "auto") && spec.is("kind", "swprot"));
    return npt ? SpteLayout.NPT : SpteLayout.EPT;
  }

  private static int initialAttributes(VmSpec spec) {
    if (!spec.hasPrivateMemory()) {
      return PageAttributes.SHARED;
    }
    boolean isPrivate =
        spec.is("attributes", "private") || (spec.is("attributes", "auto") && spec.isTdx());
    return isPrivate ? PageAttributes.PRIVATE : PageAttributes.SHARED;
  }

  // What it is

  /** Returns the specification. */
  public VmSpec spec() {
    return spec;
  }

  /** Returns the sizes. */
  public Geometry geometry() {
    return geometry;
  }

  /** Returns the tracker. */
  public PageAttributeTracker tracker() {
    return tracker;
  }

  /** Returns the host's memory, for backings of one's own. */
  public HostMemory host() {
    return host;
  }

  /** Returns the memslots. */
  public Memslots slots() {
    return slots;
  }

  /** Returns the MMU. */
  public TdpMmu mmu() {
    return mmu;
  }

  /** Returns the MMU's counters. */
  public MmuCounters counters() {
    return mmu.counters();
  }

  /** Returns the port to the page tables. */
  public PageTables pageTables() {
    return port;
  }

  /** Sets who sees what the MMU does; null for nobody. */
  public void listen(@Nullable MmuListener listener) {
    mmu.listen(listener);
  }

  /** Sets whom operations are billed to; null for nobody. */
  public void hook(@Nullable OperationHook operations) {
    this.hook = operations;
  }

  /** Sets who may run while a conversion is under way. */
  public void setYieldHook(YieldHook yieldHook) {
    attributesFlow.setYieldHook(yieldHook);
  }

  // Memslots

  /**
   * Adds a slot of ordinary RAM with backing as the specification says, user address congruent with
   * the guest's; where private memory is known, with a guest_memfd of its own.
   *
   * @return 0 or the error number
   */
  public int addMemslot(int id, long gpa, long bytes) {
    return addMemslot(id, gpa, bytes, /* readOnly= */ false);
  }

  /**
   * As {@link #addMemslot(int, long, long)}. KVM knows no slot that is read-only and has a
   * guest_memfd, so where private memory is known the slot is writable, as a TD's firmware is.
   */
  public int addMemslot(int id, long gpa, long bytes, boolean readOnly) {
    long pages = bytes >>> PAGE_SHIFT;
    long userPage = reserveUserPages(gpa >>> PAGE_SHIFT, pages);
    SharedBacking shared = new SharedBacking(host, backingKind(), userPage, Math.max(1, pages));
    if (spec.is("populate", "on")) {
      shared.populate();
    }
    boolean isPrivate = spec.hasPrivateMemory();
    GuestMemfd gmem = isPrivate ? new GuestMemfd(host, bytes, folioOrder()) : null;
    int flags = isPrivate ? KvmMemslot.GUEST_MEMFD : readOnly ? KvmMemslot.READONLY : 0;
    int errno =
        setMemslot(
            new MemslotRequest(id, flags, gpa, bytes, userPage << PAGE_SHIFT, 0), shared, gmem);
    if (errno == 0) {
      synchronized (ownMemory) {
        ownMemory.put(id, new OwnMemory(shared, gmem));
      }
    }
    return errno;
  }

  /** User memory and private memory behind one slot. */
  private record OwnMemory(SharedBacking shared, @Nullable GuestMemfd gmem) {
    void free() {
      if (gmem != null) {
        gmem.close();
      }
      shared.close();
    }
  }

  private void freeOwnMemory(int id) {
    OwnMemory memory;
    synchronized (ownMemory) {
      memory = ownMemory.remove(id);
    }
    if (memory != null) {
      unwatch(memory.shared());
      memory.free();
    }
  }

  private synchronized long reserveUserPages(long gfn, long pages) {
    long mask = (1L << 18) - 1;
    long start = ((nextUserPage + mask) & ~mask) + (gfn & mask);
    nextUserPage = start + pages;
    return start;
  }

  private SharedBacking.Kind backingKind() {
    return switch (spec.value("shared-backing")) {
      case "4k" -> SharedBacking.Kind.SMALL;
      case "h2m" -> SharedBacking.Kind.HUGETLB_2M;
      case "h1g" -> SharedBacking.Kind.HUGETLB_1G;
      default -> SharedBacking.Kind.THP;
    };
  }

  private int folioOrder() {
    return switch (spec.value("folio")) {
      case "4k" -> 0;
      case "1g" -> 18;
      default -> 9;
    };
  }

  /**
   * Creates, changes, moves or deletes a slot ({@code KVM_SET_USER_MEMORY_REGION2}).
   *
   * @param shared user memory for a new slot; null where none is mapped at its address
   * @param gmem the guest_memfd for a new slot with that flag, else null
   * @return 0 or the error number
   */
  public int setMemslot(
      MemslotRequest request, @Nullable SharedBacking shared, @Nullable GuestMemfd gmem) {
    begin(OperationHook.Kind.SLOT);
    slotsLock.lock();
    try {
      if (shared != null) {
        watch(shared);
      }
      return memslotFlow.set(request, shared, gmem);
    } finally {
      slotsLock.unlock();
      end(OperationHook.Kind.SLOT);
      quiet();
    }
  }

  private void unwatch(SharedBacking shared) {
    slotsLock.lock();
    try {
      for (HostNotifier notifier : List.copyOf(notifiers)) {
        if (notifier.isOf(shared)) {
          notifiers.remove(notifier);
          shared.ignore(notifier);
        }
      }
    } finally {
      slotsLock.unlock();
    }
  }

  private void watch(SharedBacking shared) {
    for (HostNotifier notifier : notifiers) {
      if (notifier.isOf(shared)) {
        return;
      }
    }
    HostNotifier notifier = new HostNotifier(mmu, slots, backings, shared);
    notifier.watch(hvaWatcher);
    notifiers.add(notifier);
    shared.listen(notifier);
  }

  /**
   * Removes a slot; returns 0 or the error number. Memory that {@link #addMemslot} made for it is
   * given back.
   */
  public int removeMemslot(int id) {
    int errno = setMemslot(MemslotRequest.delete(id), null, null);
    if (errno == 0) {
      freeOwnMemory(id);
    }
    return errno;
  }

  /** Moves a slot to another guest address; returns 0 or the error number. */
  public int moveMemslot(int id, long gpa) {
    KvmMemslot slot = slots.byId(id);
    if (slot == null) {
      return Errno.EINVAL;
    }
    return setMemslot(request(slot, slot.flags(), gpa), null, null);
  }

  /** Changes a slot's flags; returns 0 or the error number. */
  public int setFlags(int id, int flags) {
    KvmMemslot slot = slots.byId(id);
    if (slot == null) {
      return Errno.EINVAL;
    }
    return setMemslot(request(slot, flags, slot.start() << PAGE_SHIFT), null, null);
  }

  private static MemslotRequest request(KvmMemslot slot, int flags, long gpa) {
    return new MemslotRequest(
        slot.id(),
        flags,
        gpa,
        slot.range().pages() << PAGE_SHIFT,
        slot.slot().userGfn() << PAGE_SHIFT,
        0);
  }

  /**
   * Fetches and clears the dirty bitmap of a logged slot ({@code KVM_GET_DIRTY_LOG}): pages that
   * were written are protected again.
   *
   * @return one bit for each page; empty if the slot is not logged
   */
  public long[] fetchDirtyLog(int id) {
    KvmMemslot slot = slots.byId(id);
    long[] words = dirty.words(id);
    long[] fetched = new long[words.length];
    if (slot == null) {
      return fetched;
    }
    slotsLock.lock();
    try {
      boolean flush = false;
      mmu.lock().lockWrite();
      for (int i = 0; i < words.length; i++) {
        long mask = DirtyBitmaps.take(words, i);
        fetched[i] = mask;
        if (mask != 0) {
          flush = true;
          logging.protectMasked(slot.start() + ((long) i << 6), mask);
        }
      }
      mmu.lock().unlockWrite();
      if (flush) {
        mmu.flushRemoteTlbs();
      }
    } finally {
      slotsLock.unlock();
    }
    return fetched;
  }

  // The guest

  /**
   * The guest touches one page. Faults are handled until the access succeeds or user space must
   * act.
   *
   * @param vcpu number of the vCPU
   * @param gpa the address without the shared bit
   * @param isPrivate whether the guest's mapping has the shared bit clear; a software-protected
   *     machine goes by the attribute instead, a plain one has no such thing
   * @return the vCPU's result, valid until its next access
   */
  public AccessResult access(int vcpu, long gpa, Access access, boolean isPrivate) {
    Vcpu cpu = vcpus[vcpu];
    AccessResult result = cpu.result.begin(isPrivate);
    if (td != null && isPrivate) {
      td.access(cpu, gpa, access, result);
    } else {
      walkAccess(cpu, gpa, access, result);
    }
    quiet();
    return result;
  }

  /** An access through the tree that hardware walks. */
  private void walkAccess(Vcpu cpu, long gpa, Access access, AccessResult result) {
    long gfn = gpa >>> PAGE_SHIFT;
    TdpTree tree = mmu.direct();
    TdpIterator walk = cpu.hardware;
    for (int tries = 0; tries < mostRetries; tries++) {
      if (loadRoots(cpu, result)) {
        return;
      }
      long spte = walk(walk, tree, cpu.mmu.loadedRoot(), gfn);
      boolean leaf = Spte.isLeaf(spte, walk.level());
      if (leaf && tree.layout().allows(spte, access.isWrite(), access.isFetch())) {
        long touched = tree.layout().touched(spte, access.isWrite());
        if (touched == spte || mmu.changes().fixFast(walk, spte, touched)) {
          if (logsDirtyBits && tree.layout().isDirty(touched) && !tree.layout().isDirty(spte)) {
            logWrite(gfn);
          }
          result.level = walk.level();
          return;
        }
        continue;
      }
      long code = access.errorCode();
      if (leaf) {
        code |= PageFault.PRESENT;
      } else if (tree.layout().isMmio(spte, tree.keep())) {
        code |= PageFault.RESERVED;
      }
      // A reserved fault is an access to emulated MMIO, which is always shared.
      boolean isPrivate =
          oneTree
              && spec.hasPrivateMemory()
              && (code & PageFault.RESERVED) == 0
              && PageAttributes.isPrivate(environment.attributes(gfn));
      cpu.mmu.fault().begin(gpa, code, isPrivate, /* isPrefetch= */ false, 3);
      result.isPrivate = isPrivate;
      RetPf ret = handleFault(cpu, result);
      if (ends(ret, cpu, result)) {
        return;
      }
    }
    throw new IllegalStateException(
        "gfn 0x%x faults again and again; last answer: %s".formatted(gfn, result));
  }

  /** Hardware set a dirty bit and logs the page, if its slot asks for it. */
  private void logWrite(long gfn) {
    KvmMemslot slot = slots.find(gfn);
    if (slot != null && slot.logsDirtyPages()) {
      dirty.mark(slot, gfn);
    }
  }

  /** Loads a vCPU's roots; returns whether the access ends because there is no memory for one. */
  boolean loadRoots(Vcpu cpu, AccessResult result) {
    try {
      faultPath.load(cpu.mmu);
      return false;
    } catch (KernelOutOfMemoryException e) {
      result.errno = Errno.ENOMEM;
      result.end(AccessOutcome.ERROR);
      return true;
    }
  }

  /** Handles the fault that was begun, and bills it. */
  RetPf handleFault(Vcpu cpu, AccessResult result) {
    result.faults++;
    OperationHook operations = hook;
    if (operations == null) {
      return faultPath.handle(cpu.mmu);
    }
    operations.begin(OperationHook.Kind.FAULT);
    RetPf ret = faultPath.handle(cpu.mmu);
    operations.end(OperationHook.Kind.FAULT);
    return ret;
  }

  /** Returns whether the access ends with this answer of the fault path. */
  boolean ends(RetPf ret, Vcpu cpu, AccessResult result) {
    switch (ret) {
      case RETRY -> {
        if (mmu.invalidation().isOpen()
            && !spec.hasThreads()
            && mmu.invalidation().covers(cpu.mmu.fault().gfn())) {
          result.end(AccessOutcome.RETRY);
          return true;
        }
        return false;
      }
      case EMULATE, WRITE_PROTECTED -> {
        result.end(AccessOutcome.MMIO);
        return true;
      }
      case ERROR -> {
        result.errno = cpu.mmu.fault().errno();
        result.end(
            cpu.mmu.fault().isMemoryFaultExit() ? AccessOutcome.MEMORY_FAULT : AccessOutcome.ERROR);
        return true;
      }
      case CONTINUE, INVALID, FIXED, SPURIOUS -> {
        return false;
      }
    }
    return false;
  }

  static long walk(TdpIterator walk, TdpTree tree, long root, long gfn) {
    walk.start(tree, root, 1, gfn);
    while (Spte.isTable(walk.spte(), walk.level())) {
      walk.next();
      if (!walk.isValid()) {
        return Spte.NONPRESENT;
      }
    }
    return walk.spte();
  }

  /**
   * Maps pages of a range as if the guest had read them ({@code KVM_PRE_FAULT_MEMORY}); stops at
   * the first page that fails.
   *
   * @param done receives how many bytes were done, in element 0
   * @return 0 if all or a part was done, else the error number
   */
  public int preFault(int vcpu, long gpa, long bytes, long flags, long[] done) {
    done[0] = 0;
    if (flags != 0
        || ((gpa | bytes) & PAGE_MASK) != 0
        || Long.compareUnsigned(gpa + bytes, gpa) <= 0) {
      return Errno.EINVAL;
    }
    if (!preFaultAllowed) {
      return Errno.EOPNOTSUPP;
    }
    Vcpu cpu = vcpus[vcpu];
    long at = gpa;
    int errno = 0;
    while (at != gpa + bytes) {
      errno = preFaultPage(cpu, at);
      if (errno != 0) {
        break;
      }
      long size = PageLevel.of(cpu.mmu.fault().goalLevel()).pages() << PAGE_SHIFT;
      at += Math.min(gpa + bytes - at, (at & -size) + size - at);
    }
    done[0] = at - gpa;
    quiet();
    return at == gpa ? errno : 0;
  }

  private int preFaultPage(Vcpu cpu, long gpa) {
    try {
      faultPath.reload(cpu.mmu);
    } catch (KernelOutOfMemoryException e) {
      return Errno.ENOMEM;
    }
    boolean isPrivate =
        spec.hasPrivateMemory()
            && PageAttributes.isPrivate(environment.attributes(gpa >>> PAGE_SHIFT));
    AccessResult result = cpu.result.begin(isPrivate);
    for (int tries = 0; tries < mostRetries; tries++) {
      cpu.mmu.fault().begin(gpa, PageFault.GUEST_FINAL, isPrivate, /* isPrefetch= */ true, 3);
      RetPf ret = handleFault(cpu, result);
      switch (ret) {
        case RETRY -> {
          if (cpu.mmu.loadedRoot() != mmu.direct().root()) {
            // Only a guest entry drops an obsolete root: the ioctl waits until a signal comes.
            return Errno.EINTR;
          }
        }
        case ERROR -> {
          return cpu.mmu.fault().errno();
        }
        case EMULATE -> {
          return Errno.ENOENT;
        }
        case CONTINUE, INVALID -> {
          return Errno.EIO;
        }
        case FIXED, SPURIOUS, WRITE_PROTECTED -> {
          return 0;
        }
      }
    }
    return Errno.EINTR;
  }

  /**
   * Runs a vCPU's entry without an access: roots are loaded.
   *
   * @return 0 or the error number
   */
  public int enterGuest(int vcpu) {
    try {
      faultPath.load(vcpus[vcpu].mmu);
      return 0;
    } catch (KernelOutOfMemoryException e) {
      return Errno.ENOMEM;
    }
  }

  /**
   * One turn of the worker that takes back what NX huge pages split: a share of the listed tables
   * is zapped ({@code nx_huge_pages_recovery_ratio}).
   *
   * @param ratio one table in so many, at least 1; KVM's default is 60
   * @return how many tables were zapped
   */
  public int recoverNxHugePages(int ratio) {
    int listed = mmu.nxHugePages().size();
    mmu.lock().lockWrite();
    try {
      return mmu.nxRecovery().run((listed + ratio - 1) / ratio);
    } finally {
      mmu.lock().unlockWrite();
      quiet();
    }
  }

  /**
   * The host asks whether the guest touched a range since it last asked ({@code kvm_age_gfn()});
   * private memory of a TD is never asked for.
   */
  public boolean age(long gpa, long bytes) {
    return mmu.aging().age(gpa >>> PAGE_SHIFT, (gpa + bytes) >>> PAGE_SHIFT);
  }

  // Attributes

  /**
   * Changes attributes ({@code KVM_SET_MEMORY_ATTRIBUTES}).
   *
   * @return 0 or the error number
   */
  public int setMemoryAttributes(long gpa, long bytes, long attributes, long flags) {
    return changeAttributes(gpa, bytes, attributes, flags).errno();
  }

  /** As {@link #setMemoryAttributes}, with what was changed. */
  public AttributesAnswer changeAttributes(long gpa, long bytes, long attributes, long flags) {
    begin(OperationHook.Kind.CONVERT);
    AttributesAnswer answer;
    try {
      fillOutside(gpa, bytes, attributes, flags);
      answer = attributesFlow.ioctl(gpa, bytes, attributes, flags);
    } catch (KernelOutOfMemoryException e) {
      answer = new AttributesAnswer(Errno.ENOMEM, null, String.valueOf(e.getMessage()));
    } finally {
      end(OperationHook.Kind.CONVERT);
    }
    GfnRange converted = answer.converted();
    if (converted != null) {
      if (spec.is("merge", "promote") && td != null) {
        mergeAround(converted);
      }
    }
    quiet();
    return answer;
  }

  /** Where tracker and machine disagree on untouched gfns, they agree before the range changes. */
  private void fillOutside(long gpa, long bytes, long attributes, long flags) {
    boolean legal =
        flags == 0
            && bytes > 0
            && gpa >= 0
            && ((gpa | bytes) & PAGE_MASK) == 0
            && (attributes & ~(long) PageAttributes.PRIVATE) == 0
            && gpa + bytes > 0
            && spec.hasPrivateMemory();
    if (!fill.isNeeded() || !legal) {
      return;
    }
    slotsLock.lock();
    try {
      filledPages += fill.fill(GfnRange.ofPages(gpa >>> PAGE_SHIFT, bytes >>> PAGE_SHIFT));
    } finally {
      slotsLock.unlock();
    }
  }

  private void mergeAround(GfnRange converted) {
    mmu.lock().lockWrite();
    try {
      PageLevel level = PageLevel.PG_LEVEL_2M;
      for (long gfn = level.roundDown(converted.start());
          gfn < converted.end();
          gfn += level.pages()) {
        if (effectiveLevel(gfn).number() >= level.number()) {
          mmu.privateHugePages().promote(gfn, level.number());
        }
      }
    } finally {
      mmu.lock().unlockWrite();
    }
  }

  /**
   * One MapGPA call of the guest, as KVM and user space carry it out together.
   *
   * @return what the guest sees
   */
  public MapGpaResult mapGpa(int vcpu, long gpa, long bytes, boolean toPrivate) {
    return MapGpa.call(this, gpa, bytes, toPrivate);
  }

  /**
   * Drops the backing that a conversion gives up, as user space does after each: a hole in the
   * guest_memfd, or {@code madvise}. {@link #mapGpa} does it by itself.
   */
  public void discardOther(long gpa, long bytes, boolean toPrivate) {
    forEachBacking(
        gpa,
        bytes,
        (backing, start, end) -> {
          if (toPrivate) {
            SharedBacking shared = backing.shared();
            if (shared != null) {
              shared.dontNeed(backing.sharedIndex(start), backing.sharedIndex(end));
            }
          } else if (backing.gmem() != null) {
            punch(backing.gmem(), backing.gmemIndex(start), backing.gmemIndex(end));
          }
        });
  }

  /** A part of a slot's backing. */
  private interface BackingVisitor {
    void visit(SlotBacking backing, long start, long end);
  }

  private void forEachBacking(long gpa, long bytes, BackingVisitor visitor) {
    long start = gpa >>> PAGE_SHIFT;
    long end = (gpa + bytes) >>> PAGE_SHIFT;
    var table = slots.table();
    for (int i = table.firstEndingAfter(start); i < table.size(); i++) {
      KvmMemslot slot = table.at(i);
      if (slot.start() >= end) {
        break;
      }
      visitor.visit(backings.of(slot), Math.max(start, slot.start()), Math.min(end, slot.end()));
    }
  }

  /** The VMM discards guest memory of both kinds: balloon, free page reporting. */
  public void discard(long gpa, long bytes) {
    forEachBacking(
        gpa,
        bytes,
        (backing, start, end) -> {
          SharedBacking shared = backing.shared();
          if (shared != null) {
            shared.dontNeed(backing.sharedIndex(start), backing.sharedIndex(end));
          }
          if (backing.gmem() != null) {
            punch(backing.gmem(), backing.gmemIndex(start), backing.gmemIndex(end));
          }
        });
    quiet();
  }

  /**
   * Punches a hole into a guest_memfd ({@code fallocate}).
   *
   * @return 0 or the error number
   */
  public int punchHole(GuestMemfd gmem, long offset, long bytes) {
    int errno = gmem.errnoOfPunch(offset, bytes);
    if (errno != 0) {
      return errno;
    }
    errno = punch(gmem, offset >>> PAGE_SHIFT, (offset + bytes) >>> PAGE_SHIFT);
    quiet();
    return errno;
  }

  /** Closes a guest_memfd: what it backs is unmapped, slots stay but have no private side. */
  public void closeGuestMemfd(GuestMemfd gmem) {
    punch(gmem, 0, gmem.pages());
    gmem.close();
    quiet();
  }

  /**
   * Unmaps, gives the frames back, and only then closes the window in which faults retry.
   *
   * @return 0, or ENOMEM if a leaf across the edge could not be split; nothing has gone then
   */
  private int punch(GuestMemfd gmem, long from, long to) {
    List<GuestMemfd.Bound> bound = gmem.bound(from, to);
    if (bound.isEmpty()) {
      gmem.truncate(from, to);
      return 0;
    }
    int errno = 0;
    mmu.lock().lockWrite();
    mmu.invalidation().begin();
    // The folios at the edges are split: a fault beside the hole must not map one whole meanwhile.
    long folio = 1L << folioOrder();
    for (GuestMemfd.Bound part : bound) {
      mmu.invalidation()
          .add(part.range().start() & -folio, (part.range().end() + folio - 1) & -folio);
    }
    try {
      zapBound(bound);
    } catch (KernelOutOfMemoryException e) {
      errno = Errno.ENOMEM;
    } finally {
      mmu.lock().unlockWrite();
    }
    if (errno == 0) {
      gmem.truncate(from, to);
    }
    mmu.lock().lockWrite();
    mmu.invalidation().end();
    mmu.lock().unlockWrite();
    return errno;
  }

  private void zapBound(List<GuestMemfd.Bound> bound) {
    if (td != null) {
      for (GuestMemfd.Bound part : bound) {
        td.splits().before(part.range().start(), part.range().end());
      }
    }
    boolean flush = false;
    for (GuestMemfd.Bound part : bound) {
      flush |=
          mmu.leafZap().zapLeafs(
              AttributeFilter.PRIVATE, part.range().start(), part.range().end(), ZapReason.PUNCH);
    }
    if (flush) {
      mmu.flushRemoteTlbs();
    }
  }

  // Questions

  /** Returns the attributes of a gfn. */
  public int attributes(long gfn) {
    return fill.attributes(gfn);
  }

  /**
   * Returns the largest level at which a gfn may be mapped: what lpage_info and the tracker allow
   * together; 4K outside memslots.
   */
  public PageLevel effectiveLevel(long gfn) {
    KvmMemslot slot = slots.find(gfn);
    int level = slot == null ? 1 : geometry.maxLevel().number();
    while (level > 1 && slot != null) {
      if (!slot.lpageInfo().isAllowed(gfn, PageLevel.of(level))) {
        level--;
        continue;
      }
      int limit = tracker.maxLevel(gfn, PageLevel.of(level)).number();
      if (limit == level) {
        break;
      }
      level = limit; // and lpage_info may forbid that level, as an inhibited 2M inside a free 1G
    }
    return PageLevel.of(level);
  }

  /** How large a block may be mapped: slot, attributes and host ({@code max_mapping_level}). */
  private int largestLevel(KvmMemslot slot, long gfn) {
    int level = effectiveLevel(gfn).number();
    if (slot.canBePrivate() && PageAttributes.isPrivate(tracker.attributes(gfn))) {
      return level;
    }
    SlotBacking backing = backings.of(slot);
    SharedBacking shared = backing.shared();
    if (level == 1 || shared == null) {
      return 1;
    }
    long page = shared.find(backing.sharedIndex(gfn), /* mayWrite= */ false);
    int order = page > 0 ? HostPage.order(page) : 0;
    return Math.min(level, order >= 18 ? 3 : order >= 9 ? 2 : 1);
  }

  /** Returns the level at which a gfn is mapped in a tree, 1 to 3; 0 if it is not. */
  public int mappingLevel(long gfn, PageTables.Tree tree) {
    TdpTree of = mmu.tree(tree == PageTables.Tree.MIRROR);
    if (of.root() == 0) {
      return 0;
    }
    TdpIterator walk = new TdpIterator(of);
    long spte = walk(walk, of, of.root(), gfn);
    return Spte.isLeaf(spte, walk.level()) ? walk.level() : 0;
  }

  /** Walks all leaves, the mirror tree's first, each tree in ascending order. */
  public void forEachLeaf(TdpMmu.LeafVisitor visitor) {
    TdpTree mirror = mmu.mirror();
    if (mirror != null) {
      mmu.forEachLeaf(mirror, visitor);
    }
    mmu.forEachLeaf(mmu.direct(), visitor);
  }

  /** Returns the byte that stands for the content of a page's private or shared side. */
  public int readContent(long gfn, boolean isPrivate) {
    KvmMemslot slot = slots.find(gfn);
    if (slot == null) {
      return 0;
    }
    SlotBacking backing = backings.of(slot);
    if (isPrivate) {
      return backing.gmem() == null ? 0 : backing.gmem().readByte(backing.gmemIndex(gfn));
    }
    return backing.shared() == null ? 0 : backing.shared().readByte(backing.sharedIndex(gfn));
  }

  /** Writes the byte that stands for the content of a page's private or shared side. */
  public void writeContent(long gfn, boolean isPrivate, int value) {
    KvmMemslot slot = slots.find(gfn);
    if (slot == null) {
      return;
    }
    SlotBacking backing = backings.of(slot);
    if (isPrivate && backing.gmem() != null) {
      backing.gmem().writeByte(backing.gmemIndex(gfn), value);
    } else if (!isPrivate && backing.shared() != null) {
      backing.shared().writeByte(backing.sharedIndex(gfn), value);
    }
  }

  // Books and ends

  /** Returns all counters by id, in the order of the ids. */
  public Map<String, Long> books() {
    Map<String, Long> books = new TreeMap<>(mmu.counters().events());
    MmuCounters counters = mmu.counters();
    for (int level = 1; level <= 3; level++) {
      String label = PageLevel.of(level).label();
      books.put("leaves.direct." + label, counters.leaves(false, level));
      books.put("leaves.direct." + label + ".peak", counters.peakLeaves(false, level));
      books.put("leaves.mirror." + label, counters.leaves(true, level));
      books.put("leaves.mirror." + label + ".peak", counters.peakLeaves(true, level));
    }
    bookTables(books, "direct", false);
    bookTables(books, "mirror", true);
    books.put("startup.pages", memslotFlow.filledPages() + filledPages);
    books.put("host.frames", host.allocated());
    if (td != null) {
      td.book(books);
    }
    return books;
  }

  private void bookTables(Map<String, Long> books, String name, boolean mirror) {
    MmuCounters counters = mmu.counters();
    long now = 0;
    long peak = 0;
    long external = 0;
    for (int level = 1; level <= geometry.rootLevel().number(); level++) {
      now += counters.tables(mirror, level);
      peak += counters.peakTables(mirror, level);
      // The root of the Secure EPT lives in the TDCS: no page beside the mirror's root.
      external += level < geometry.rootLevel().number() ? counters.tables(mirror, level) : 0;
    }
    books.put("tables." + name, now);
    books.put("tables." + name + ".peak", peak);
    books.put("tables." + name + ".bytes", now * 4096);
    TdpTree tree = mmu.tree(mirror);
    books.put("tables." + name + ".header-bytes", now * tree.headerBytes());
    if (mirror) {
      books.put("tables.sept.bytes", external * 4096);
    }
  }

  private void begin(OperationHook.Kind kind) {
    if (hook != null) {
      hook.begin(kind);
    }
  }

  private void end(OperationHook.Kind kind) {
    if (hook != null) {
      hook.end(kind);
    }
  }

  /** Between two events nobody reads: grace periods end, and the reclaim worker runs. */
  private void quiet() {
    if (spec.hasThreads()) {
      return;
    }
    if (rcu.pending() > 0) {
      rcu.quiescent();
    }
    if (mmu.policy().reclaimByRcu()) {
      drainReclaim();
    }
  }

  private void drainReclaim() {
    do {
      rcu.quiescent();
    } while (mmu.changes().removal().runWorker() > 0);
    rcu.quiescent();
  }

  /**
   * Checks the whole machine at a quiet point: trees, counters, frames, tracker, Secure EPT.
   *
   * @throws IllegalStateException with what was expected and found
   */
  public void audit() {
    if (!spec.hasThreads()) {
      quiet();
    }
    new VmAudit(this, td).run();
  }

  SlotBackings backings() {
    return backings;
  }

  Vcpu vcpu(int id) {
    return vcpus[id];
  }

  @Nullable TdSide td() {
    return td;
  }

  /** Ends the machine: roots are emptied, tables and frames given back. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    tearDown();
  }

  /**
   * The tracker goes first: one that keeps its truth in page tables takes it out while they exist.
   */
  private void tearDown() {
    for (int i = slots.table().size() - 1; i >= 0; i--) {
      tracker.memslotRemoved(slots.table().at(i).slot());
    }
    mmu.tellMappings(null);
    tracker.close();
    if (td != null) {
      td.releaseKey();
    }
    mmu.lock().lockWrite();
    mmu.roots().zapAll();
    if (td != null) {
      mmu.roots().invalidateAll();
      mmu.roots().zapInvalidated(/* shared= */ false);
    }
    mmu.lock().unlockWrite();
    mmu.lock().lockWrite();
    mmu.roots().invalidateAll();
    mmu.listen(null);
    mmu.roots().zapInvalidated(/* shared= */ false);
    mmu.lock().unlockWrite();
    for (int i = slots.table().size() - 1; i >= 0; i--) {
      KvmMemslot slot = slots.table().at(i);
      SlotBacking backing = backings.of(slot);
      if (backing.gmem() != null) {
        backing.gmem().unbind(slot.slot());
      }
      slots.remove(slot);
      backings.remove(slot.id());
      slot.free();
    }
    drainReclaim();
    for (Vcpu cpu : vcpus) {
      cpu.mmu.caches().free();
    }
    splitStock.free();
    loggingStock.free();
    port.close();
    for (int id : List.copyOf(ownMemory.keySet())) {
      freeOwnMemory(id);
    }
    if (td != null) {
      td.reclaim();
    }
    rcu.quiescent();
  }

  // TD build

  /**
   * Adds pages to a TD before it runs: private, measured, accepted (TDH.MEM.PAGE.ADD,
   * TDH.MR.EXTEND). In other machines such pages are ordinary memory, and nothing is done.
   *
   * @return 0 or the error number
   */
  public int addInitialPages(long gpa, long bytes) {
    if (td == null) {
      return 0;
    }
    int errno = td.addPages(vcpus[0], gpa, bytes);
    quiet();
    return errno;
  }

  /** Finalizes a TD: it may run from now on (TDH.MR.FINALIZE). */
  public void finalizeTd() {
    if (td != null) {
      td.finalizeTd();
    }
    preFaultAllowed = true;
  }

  /**
   * The guest accepts a private range, 2M blocks first where it is aligned, as Linux does. In other
   * machines than a TD there is nothing to accept.
   *
   * @return the vCPU's result; faults are counted over the whole range
   */
  public AccessResult accept(int vcpu, long gpa, long bytes) {
    Vcpu cpu = vcpus[vcpu];
    AccessResult result = cpu.result.begin(/* privateAccess= */ true);
    if (td != null) {
      begin(OperationHook.Kind.ACCEPT);
      td.accept(cpu, gpa, bytes, result);
      end(OperationHook.Kind.ACCEPT);
      quiet();
    }
    return result;
  }

  /** Sets who is told what the host's memory manager unmaps; null for nobody. */
  public void watchHost(HostNotifier.@Nullable Watcher watcher) {
    this.hvaWatcher = watcher;
    for (HostNotifier notifier : notifiers) {
      notifier.watch(watcher);
    }
  }
}
