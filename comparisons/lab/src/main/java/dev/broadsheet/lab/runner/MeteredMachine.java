package dev.broadsheet.lab.runner;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.core.memory.AccessCounts;
import dev.broadsheet.core.memory.AccessGroup;
import dev.broadsheet.core.memory.CacheGeometry;
import dev.broadsheet.core.memory.Footprint;
import dev.broadsheet.core.memory.LockSummary;
import dev.broadsheet.core.memory.MemoryMeter;
import dev.broadsheet.core.memory.MeteredMemory;
import dev.broadsheet.core.memory.OperationSummary;
import dev.broadsheet.core.memory.PlainMemory;
import dev.broadsheet.core.memory.Rcu;
import dev.broadsheet.core.memory.Spread;
import dev.broadsheet.core.mmu.MmuCounter;
import dev.broadsheet.core.strategy.ConfiguredStrategy;
import dev.broadsheet.core.strategy.StrategyRegistry;
import dev.broadsheet.core.vm.VirtualMachine;
import dev.broadsheet.core.vm.VmSpec;
import dev.broadsheet.lab.trace.TraceHeader;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A machine whose memory is metered: bytes, references, lines and work under locks, the tracker's
 * apart from all others'. Not safe for use from several threads.
 */
public final class MeteredMachine implements AutoCloseable {
  /** Kind of operation of a page fault. */
  public static final String FAULT = Billing.FAULT;

  /** Kind of operation of one change of attributes, at most 2 MiB of a MapGPA call. */
  public static final String CONVERT = Billing.CONVERT;

  /** Kind of operation of a change of memslots. */
  public static final String SLOT = Billing.SLOT;

  /** The label of {@code slots_lock}. */
  public static final String SLOTS_LOCK = LockBilling.SLOTS;

  /** The label of {@code mmu_lock} held for write. */
  public static final String MMU_LOCK_WRITE = LockBilling.WRITE;

  private final MemoryMeter meter;
  private final Billing billing;
  private final BilledStrategy billed;
  private final VirtualMachine vm;

  private MeteredMachine(
      ConfiguredStrategy strategy,
      StrategyRegistry registry,
      VmSpec spec,
      List<CacheGeometry> caches,
      UnaryOperator<KernelMemory> around) {
    this.meter = new MemoryMeter(caches);
    this.billing = new Billing(meter);
    this.billed = new BilledStrategy(strategy.strategy(), registry, meter);
    PlainMemory plain = new PlainMemory(new Rcu(), spec.hasThreads());
    this.vm =
        VirtualMachine.create(
            spec,
            new ConfiguredStrategy(billed, strategy.options(), strategy.spec()),
            registry::configure,
            around.apply(new MeteredMemory(plain, meter)),
            plain.rcu());
    vm.hook(billing);
    vm.observeTd(billing);
    if (!spec.isTdx()) {
      billing.countFlushes(() -> vm.counters().get(MmuCounter.TLB_FLUSHES));
    }
    vm.mmu().lock().observe(new LockBilling(meter));
  }

  /** Creates a machine without memslots, and without modelled caches. */
  public static MeteredMachine create(
      ConfiguredStrategy strategy, StrategyRegistry registry, VmSpec spec) {
    return create(strategy, registry, spec, List.of());
  }

  /** As {@link #create(ConfiguredStrategy, StrategyRegistry, VmSpec)}, with modelled caches. */
  static MeteredMachine create(
      ConfiguredStrategy strategy,
      StrategyRegistry registry,
      VmSpec spec,
      List<CacheGeometry> caches) {
    return new MeteredMachine(strategy, registry, spec, caches, UnaryOperator.identity());
  }

  /**
   * As {@link #create(ConfiguredStrategy, StrategyRegistry, VmSpec)}, with something between the
   * machine and its metered memory, such as memory that runs dry.
   */
  public static MeteredMachine create(
      ConfiguredStrategy strategy,
      StrategyRegistry registry,
      VmSpec spec,
      UnaryOperator<KernelMemory> around) {
    return new MeteredMachine(strategy, registry, spec, List.of(), around);
  }

  /** Returns the machine. */
  public VirtualMachine vm() {
    return vm;
  }

  /** Returns its meter. */
  public MemoryMeter meter() {
    return meter;
  }

  Billing billing() {
    return billing;
  }

  /** Returns the labels that the tracker allocated under. */
  ImmutableSet<String> trackerLabels() {
    return billed.labels();
  }

  /**
   * Adds the memslots that QEMU makes of the memory that a trace declares.
   *
   * @throws IllegalStateException if the machine refuses one
   */
  public ImmutableList<Memslot> addSlots(TraceHeader header) {
    return addSlots(VmmSlots.of(header));
  }

  ImmutableList<Memslot> addSlots(List<VmmSlots.Slot> slots) {
    List<Memslot> added = new ArrayList<>();
    for (VmmSlots.Slot slot : slots) {
      int errno = vm.addMemslot(slot.id(), slot.gpa(), slot.bytes());
      if (errno != 0) {
        throw new IllegalStateException(
            "memslot %s of %d bytes at 0x%x is refused with error %d"
                .formatted(slot.purpose(), slot.bytes(), slot.gpa(), errno));
      }
      added.add(Memslot.aligned(slot.id(), new GfnRange(slot.gpa() >>> 12, slot.end() >>> 12)));
    }
    return ImmutableList.copyOf(added);
  }

  /** Returns the tracker's memory. */
  public Footprint trackerMemory() {
    return meter.groupFootprint(BilledStrategy.TRACKER);
  }

  /** Returns all other memory. */
  public Footprint machineMemory() {
    return meter.groupFootprint(BilledStrategy.MACHINE);
  }

  /** Returns what all operations of a kind did so far. */
  public OperationSummary operation(String kind) {
    return meter.summary(meter.operation(kind));
  }

  /** Returns the tracker's part of it. */
  public AccessCounts trackerWork(String kind) {
    return operation(kind).group(BilledStrategy.TRACKER);
  }

  /** Returns the references made under each hold of the locks of a label; none if never held. */
  public Spread held(String lock) {
    for (LockSummary summary : meter.lockSummaries()) {
      if (summary.label().equals(lock)) {
        return summary.referencesPerHold();
      }
    }
    return Spread.NONE;
  }

  /** Runs questions to the machine without billing them to it. */
  public void unbilled(Runnable questions) {
    billing.unbilled(questions);
  }

  /**
   * Runs questions to the tracker as an operation of a kind of its own, on the tracker's account.
   */
  public void billed(String kind, Runnable questions) {
    meter.beginOperation(meter.operation(kind));
    AccessGroup before = meter.enter(meter.group(BilledStrategy.TRACKER));
    try {
      questions.run();
    } finally {
      meter.leave(before);
      meter.endOperation();
    }
  }

  @Override
  public void close() {
    vm.close();
  }
}
