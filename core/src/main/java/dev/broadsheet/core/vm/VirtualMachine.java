package dev.broadsheet.core.vm;

import dev.broadsheet.api.Geometry;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.PageTables;
import dev.broadsheet.api.Transitions;
import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import dev.broadsheet.core.host.Errno;
import dev.broadsheet.core.host.GuestMemfd;
import dev.broadsheet.core.host.HostMemory;
import dev.broadsheet.core.host.SharedBacking;
import dev.broadsheet.core.memory.Rcu;
import dev.broadsheet.core.memslot.MemslotRequest;
import dev.broadsheet.core.memslot.Memslots;
import dev.broadsheet.core.mmu.MmuCounters;
import dev.broadsheet.core.mmu.MmuListener;
import dev.broadsheet.core.mmu.tdp.TdpMmu;
import dev.broadsheet.core.mmu.tdp.TdpTree;
import dev.broadsheet.core.strategy.ConfiguredStrategy;
import dev.broadsheet.core.tdx.TdxModule;
import dev.broadsheet.core.vm.attributes.AttributesAnswer;
import dev.broadsheet.core.vm.attributes.YieldHook;
import java.util.Map;
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

  private static final Transitions NO_TRANSITIONS =
      new Transitions() {
        @Override
        public void becameMixed(long gfn, PageLevel level) {}

        @Override
        public void becameUniform(long gfn, PageLevel level, int attributes) {}
      };

  private final VmParts parts;
  private final MemslotCalls memslots;
  private final DirtyLog dirtyLog;
  private final GuestAccesses accesses;
  private final PreFault preFault;
  private final AttributeCalls attributes;
  private final Discards discards;
  private final GuestConversions conversions;
  private final PageContent content;
  private boolean closed;

  private VirtualMachine(VmParts parts) {
    this.parts = parts;
    this.memslots = new MemslotCalls(parts);
    this.dirtyLog = new DirtyLog(parts);
    this.accesses = new GuestAccesses(parts);
    this.preFault = new PreFault(parts, accesses);
    this.attributes = new AttributeCalls(parts);
    this.discards = new Discards(parts);
    this.conversions = new GuestConversions(parts, attributes, discards);
    this.content = new PageContent(parts);
    TdSide td = parts.td;
    if (td != null) {
      td.attach(parts, accesses);
      parts.mmu.flushBy(td);
    }
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
    return new VirtualMachine(new VmParts(spec, strategy, strategies, memory, rcu, transitions));
  }

  // What it is

  /** Returns the specification. */
  public VmSpec spec() {
    return parts.spec;
  }

  /** Returns the sizes. */
  public Geometry geometry() {
    return parts.geometry;
  }

  /** Returns the tracker. */
  public PageAttributeTracker tracker() {
    return parts.tracker;
  }

  /** Returns the host's memory, for backings of one's own. */
  public HostMemory host() {
    return parts.host;
  }

  /** Returns the memslots. */
  public Memslots slots() {
    return parts.slots;
  }

  /** Returns the MMU. */
  public TdpMmu mmu() {
    return parts.mmu;
  }

  /** Returns the MMU's counters. */
  public MmuCounters counters() {
    return parts.mmu.counters();
  }

  /** Returns the port to the page tables. */
  public PageTables pageTables() {
    return parts.port;
  }

  /** Sets who sees what the MMU does; null for nobody. */
  public void listen(@Nullable MmuListener listener) {
    parts.mmu.listen(listener);
  }

  /** Sets whom operations are billed to; null for nobody. */
  public void hook(@Nullable OperationHook operations) {
    parts.billing.to(operations);
  }

  /** Sets who is told of SEAMCALLs and kicks; in other machines than a TD there are none. */
  public void observeTd(TdObserver observer) {
    TdSide td = parts.td;
    if (td != null) {
      td.observe(observer);
    }
  }

  /** Sets who may run while a conversion is under way. */
  public void setYieldHook(YieldHook yieldHook) {
    parts.attributesFlow.setYieldHook(yieldHook);
  }

  /**
   * Sets who may run while a fault has found its page, which may take long, and holds no lock: what
   * it noted before may be stale when it goes on. Only for a machine without threads.
   */
  public void setFaultHook(Runnable hook) {
    parts.environment.setPageHook(hook);
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
    return memslots.add(id, gpa, bytes, readOnly);
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
    return memslots.set(request, shared, gmem);
  }

  /**
   * Removes a slot; returns 0 or the error number. Memory that {@link #addMemslot} made for it is
   * given back.
   */
  public int removeMemslot(int id) {
    return memslots.remove(id);
  }

  /** Moves a slot to another guest address; returns 0 or the error number. */
  public int moveMemslot(int id, long gpa) {
    return memslots.move(id, gpa);
  }

  /** Changes a slot's flags; returns 0 or the error number. */
  public int setFlags(int id, int flags) {
    return memslots.setFlags(id, flags);
  }

  /**
   * Fetches and clears the dirty bitmap of a logged slot ({@code KVM_GET_DIRTY_LOG}): pages that
   * were written are protected again.
   *
   * @return one bit for each page; empty if the slot is not logged
   */
  public long[] fetchDirtyLog(int id) {
    return dirtyLog.fetch(id);
  }

  /**
   * Clears pages of the dirty bitmap, so that the next write to them is noticed ({@code
   * KVM_CLEAR_DIRTY_LOG}): with the knob {@code manual-protect} the only way to do so.
   *
   * @param first page of the slot that bit 0 stands for, a multiple of 64
   * @param pages a multiple of 64, unless they reach the slot's end
   * @param bitmap the pages to clear, one bit each
   * @return 0 or the error number
   */
  public int clearDirtyLog(int id, long first, long pages, long[] bitmap) {
    int errno = dirtyLog.clear(id, first, pages, bitmap);
    parts.quiet();
    return errno;
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
    Vcpu cpu = parts.vcpus[vcpu];
    accesses.access(cpu, gpa, access, isPrivate);
    parts.quiet();
    return cpu.result;
  }

  /**
   * Maps pages of a range as if the guest had read them ({@code KVM_PRE_FAULT_MEMORY}); stops at
   * the first page that fails.
   *
   * @param done receives how many bytes were done, in element 0
   * @return 0 if all or a part was done, else the error number
   */
  public int preFault(int vcpu, long gpa, long bytes, long flags, long[] done) {
    return preFault.run(parts.vcpus[vcpu], gpa, bytes, flags, done);
  }

  /**
   * Runs a vCPU's entry without an access: roots are loaded.
   *
   * @return 0 or the error number
   */
  public int enterGuest(int vcpu) {
    try {
      parts.faultPath.load(parts.vcpus[vcpu].mmu);
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
    TdpMmu mmu = parts.mmu;
    int listed = mmu.nxHugePages().size();
    mmu.lock().lockWrite();
    try {
      return mmu.nxRecovery().run((listed + ratio - 1) / ratio);
    } finally {
      mmu.lock().unlockWrite();
      parts.quiet();
    }
  }

  /**
   * The host asks whether the guest touched a range since it last asked ({@code kvm_age_gfn()});
   * private memory of a TD is never asked for.
   */
  public boolean age(long gpa, long bytes) {
    return parts.mmu.aging().age(gpa >>> PAGE_SHIFT, (gpa + bytes) >>> PAGE_SHIFT);
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
  public AttributesAnswer changeAttributes(long gpa, long bytes, long newAttributes, long flags) {
    return attributes.change(gpa, bytes, newAttributes, flags);
  }

  /**
   * One MapGPA call of the guest, as KVM and user space carry it out together.
   *
   * @return what the guest sees
   */
  public MapGpaResult mapGpa(int vcpu, long gpa, long bytes, boolean toPrivate) {
    MapGpaResult result = conversions.mapGpa(parts.vcpus[vcpu], gpa, bytes, toPrivate);
    parts.quiet();
    return result;
  }

  /**
   * Converts a range as a Linux guest does: calls MapGPA again from where it stopped as long as the
   * answer is RETRY, which it is when an interrupt waits for the vCPU after a piece of 2 MiB.
   *
   * @return the last answer; pieces are counted over all calls
   */
  public MapGpaResult convert(int vcpu, long gpa, long bytes, boolean toPrivate) {
    MapGpaResult result = conversions.convert(parts.vcpus[vcpu], gpa, bytes, toPrivate);
    parts.quiet();
    return result;
  }

  /**
   * An interrupt comes for a vCPU. While its MapGPA is under way that call ends with RETRY after
   * the piece at hand; a vCPU in the guest takes it at once.
   */
  public void interrupt(int vcpu) {
    parts.vcpus[vcpu].interruptPending = true;
  }

  /**
   * Drops the backing that a conversion gives up, as user space does after each: a hole in the
   * guest_memfd, or {@code madvise}. {@link #mapGpa} does it by itself.
   */
  public void discardOther(long gpa, long bytes, boolean toPrivate) {
    discards.other(gpa, bytes, toPrivate);
  }

  /** The VMM discards guest memory of both kinds: balloon, free page reporting. */
  public void discard(long gpa, long bytes) {
    discards.both(gpa, bytes);
  }

  /**
   * Punches a hole into a guest_memfd ({@code fallocate}).
   *
   * @return 0 or the error number
   */
  public int punchHole(GuestMemfd gmem, long offset, long bytes) {
    return discards.punchHole(gmem, offset, bytes);
  }

  /** Closes a guest_memfd: what it backs is unmapped, slots stay but have no private side. */
  public void closeGuestMemfd(GuestMemfd gmem) {
    discards.close(gmem);
  }

  // Questions

  /** Returns the attributes of a gfn. */
  public int attributes(long gfn) {
    return parts.fill.attributes(gfn);
  }

  /**
   * Returns the largest level at which a gfn may be mapped: what lpage_info and the tracker allow
   * together; 4K outside memslots.
   */
  public PageLevel effectiveLevel(long gfn) {
    return parts.levels.effective(gfn);
  }

  /** Returns the level at which a gfn is mapped in a tree, 1 to 3; 0 if it is not. */
  public int mappingLevel(long gfn, PageTables.Tree tree) {
    return parts.levels.mapped(gfn, tree);
  }

  /** Walks all leaves, the mirror tree's first, each tree in ascending order. */
  public void forEachLeaf(TdpMmu.LeafVisitor visitor) {
    TdpMmu mmu = parts.mmu;
    TdpTree mirror = mmu.mirror();
    if (mirror != null) {
      mmu.forEachLeaf(mirror, visitor);
    }
    mmu.forEachLeaf(mmu.direct(), visitor);
  }

  /** Returns the byte that stands for the content of a page's private or shared side. */
  public int readContent(long gfn, boolean isPrivate) {
    return content.read(gfn, isPrivate);
  }

  /** Writes the byte that stands for the content of a page's private or shared side. */
  public void writeContent(long gfn, boolean isPrivate, int value) {
    content.write(gfn, isPrivate, value);
  }

  // Books and ends

  /** Returns all counters by id, in the order of the ids. */
  public Map<String, Long> books() {
    return new VmBooks(parts).all(parts.memslotFlow.filledPages() + attributes.filledPages());
  }

  /**
   * Checks the whole machine at a quiet point: trees, counters, frames, tracker, Secure EPT.
   *
   * @throws IllegalStateException with what was expected and found
   */
  public void audit() {
    parts.quiet();
    new VmAudit(parts, this).run();
  }

  /** Returns the TDX module of a TD, so that tests can make it fail. */
  TdxModule module() {
    if (parts.td == null) {
      throw new IllegalStateException("only a TD has a module");
    }
    return parts.td.module();
  }

  /** Ends the machine: roots are emptied, tables and frames given back. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      new Teardown(parts, memslots).run();
    }
  }

  // TD build

  /**
   * Adds pages to a TD before it runs: private, measured, accepted (TDH.MEM.PAGE.ADD,
   * TDH.MR.EXTEND). In other machines such pages are ordinary memory, and nothing is done.
   *
   * @return 0 or the error number
   */
  public int addInitialPages(long gpa, long bytes) {
    TdSide td = parts.td;
    if (td == null) {
      return 0;
    }
    int errno = td.addPages(parts.vcpus[0], gpa, bytes);
    parts.quiet();
    return errno;
  }

  /** Finalizes a TD: it may run from now on (TDH.MR.FINALIZE). */
  public void finalizeTd() {
    if (parts.td != null) {
      parts.td.finalizeTd();
    }
    preFault.allow();
  }

  /**
   * The guest accepts a private range, 2M blocks first where it is aligned, as Linux does. In other
   * machines than a TD there is nothing to accept.
   *
   * @return the vCPU's result; faults are counted over the whole range
   */
  public AccessResult accept(int vcpu, long gpa, long bytes) {
    Vcpu cpu = parts.vcpus[vcpu];
    AccessResult result = cpu.result.begin(/* privateAccess= */ true);
    TdSide td = parts.td;
    if (td != null) {
      parts.billing.begin(OperationHook.Kind.ACCEPT);
      td.accept(cpu, gpa, bytes, result);
      parts.billing.end(OperationHook.Kind.ACCEPT);
      parts.quiet();
    }
    return result;
  }

  /** Sets who is told what the host's memory manager unmaps; null for nobody. */
  public void watchHost(HostNotifier.@Nullable Watcher watcher) {
    memslots.watchHost(watcher);
  }
}
