package dev.broadsheet.lab.runner;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Maps;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.StrategyTrait;
import dev.broadsheet.core.memory.EndedOperation;
import dev.broadsheet.core.memory.Footprint;
import dev.broadsheet.core.memory.LockSummary;
import dev.broadsheet.core.memory.MemoryMeter;
import dev.broadsheet.core.memory.OperationSummary;
import dev.broadsheet.core.mmu.MmuCounter;
import dev.broadsheet.core.strategy.ConfiguredStrategy;
import dev.broadsheet.core.strategy.StrategyRegistry;
import dev.broadsheet.core.vm.Access;
import dev.broadsheet.core.vm.AccessOutcome;
import dev.broadsheet.core.vm.AccessResult;
import dev.broadsheet.core.vm.MapGpaResult;
import dev.broadsheet.core.vm.VirtualMachine;
import dev.broadsheet.core.vm.VmSpec;
import dev.broadsheet.lab.report.ReportModel.Check;
import dev.broadsheet.lab.report.ReportModel.Mosaic;
import dev.broadsheet.lab.report.ReportModel.SizeRow;
import dev.broadsheet.lab.runner.EventLedger.Entry;
import dev.broadsheet.lab.runner.Lookahead.Ahead;
import dev.broadsheet.lab.trace.AccessType;
import dev.broadsheet.lab.trace.EventKind;
import dev.broadsheet.lab.trace.EventStream;
import dev.broadsheet.lab.trace.Trace;
import dev.broadsheet.lab.trace.TraceEvent;
import dev.broadsheet.lab.trace.TraceScan;
import java.io.IOException;
import java.util.Map;

/** One strategy on one trace: a machine of its own, its books, and the oracle beside it. */
final class StrategyRun implements Overlapping.Guest {
  private static final int PROGRESS_STEP = 2048;

  /** How the machine's books name the calls of a leaf of the TDX module. */
  static final String SEAMCALL = "seamcalls.";

  private final ConfiguredStrategy strategy;
  private final MeteredMachine machine;
  private final MemoryMeter meter;
  private final Billing billing;
  private final ImmutableList<Memslot> slots;
  private final VirtualMachine vm;
  private final Oracle oracle;
  private final PageHistory history;
  private final EventLedger ledger = new EventLedger();
  private final FaultTrail.Builder trail = new FaultTrail.Builder();
  private final ConversionSizes sizes;
  private final boolean isTd;
  private final boolean hasPrivate;
  private boolean isFinal;

  /** Events still to come that add pages before the TD runs. */
  private long initialLeft;

  private long mapGpaPages;
  private long mapGpaCalls;
  private long conversionSplits;

  /** Number of the event whose faults are handled. */
  private long current;

  /** Events that happened. */
  private long done;

  /**
   * The meter's books as they stood at the end, before the machine was taken down.
   *
   * @param tracker memory of the tracker
   * @param machine all other memory
   * @param labels memory by label
   * @param trackerLabels which labels are the tracker's
   * @param operations work by kind of operation
   * @param seamcalls calls by leaf within each kind of operation
   * @param flushes flushes of all TLBs within each kind of operation, in a machine that is no TD
   * @param locks work under each lock
   */
  record Books(
      Footprint tracker,
      Footprint machine,
      ImmutableList<Footprint> labels,
      ImmutableSet<String> trackerLabels,
      ImmutableMap<String, OperationSummary> operations,
      ImmutableMap<String, ImmutableMap<String, Long>> seamcalls,
      ImmutableMap<String, Long> flushes,
      ImmutableList<LockSummary> locks) {
    /** Returns the work of one kind of operation. */
    OperationSummary operation(String kind) {
      OperationSummary summary = operations.get(kind);
      if (summary == null) {
        throw new IllegalArgumentException("no operation '" + kind + "' in the books");
      }
      return summary;
    }
  }

  private Books memoryBooks() {
    ImmutableMap.Builder<String, OperationSummary> operations = ImmutableMap.builder();
    for (OperationSummary summary : meter.summaries()) {
      operations.put(summary.kind(), summary);
    }
    return new Books(
        meter.groupFootprint(BilledStrategy.TRACKER),
        meter.groupFootprint(BilledStrategy.MACHINE),
        ImmutableList.copyOf(meter.footprints()),
        machine.trackerLabels(),
        operations.buildOrThrow(),
        seamcallsByOperation(),
        Maps.toMap(Billing.reported().keySet(), billing::flushes),
        ImmutableList.copyOf(meter.lockSummaries()));
  }

  private ImmutableMap<String, ImmutableMap<String, Long>> seamcallsByOperation() {
    ImmutableMap.Builder<String, ImmutableMap<String, Long>> byKind = ImmutableMap.builder();
    for (String kind : Billing.reported().keySet()) {
      ImmutableMap.Builder<String, Long> byLeaf = ImmutableMap.builder();
      billing.seamcalls(kind).forEach((leaf, calls) -> byLeaf.put(leaf.leafName(), calls));
      byKind.put(kind, byLeaf.buildOrThrow());
    }
    return byKind.buildOrThrow();
  }

  /** What a run found, before it is put into a report. */
  record Outcome(
      Books memory,
      Map<String, Long> books,
      Map<String, Long> gauges,
      ImmutableMap<String, Long> events,
      ImmutableMap<String, ImmutableList<Long>> curve,
      Mosaic mosaic,
      Check check,
      FaultTrail trail,
      ImmutableList<SizeRow> sizes,
      Footprint startup,
      long startupPages,
      long conversionSplits,
      long mapGpaCalls,
      long mapGpaPages,
      long slotPages,
      long regions,
      long allowedRegions,
      long mixedRegions,
      long hugeRegions,
      long allowedHugeRegions) {
    /** Returns the calls of the TDX module by leaf. */
    ImmutableMap<String, Long> seamcalls() {
      ImmutableMap.Builder<String, Long> leaves = ImmutableMap.builder();
      books.forEach(
          (id, count) -> {
            if (id.startsWith(SEAMCALL)) {
              leaves.put(id.substring(SEAMCALL.length()), count);
            }
          });
      return leaves.buildOrThrow();
    }

    /** Returns the calls of the TDX module, all leaves together. */
    long seamcallTotal() {
      return seamcalls().values().stream().mapToLong(Long::longValue).sum();
    }
  }

  private StrategyRun(
      ConfiguredStrategy strategy,
      StrategyRegistry registry,
      VmSpec spec,
      ImmutableList<VmmSlots.Slot> vmmSlots,
      RunOptions options) {
    this.strategy = strategy;
    this.machine = MeteredMachine.create(strategy, registry, spec, options.caches());
    this.meter = machine.meter();
    this.billing = machine.billing();
    this.vm = machine.vm();
    this.sizes =
        new ConversionSizes(
            meter.group(BilledStrategy.TRACKER),
            meter.tally(MemoryMeter.ALLOCATION),
            billing.seamcallTally());
    billing.listen(this::ended);
    this.slots = machine.addSlots(vmmSlots);
    this.isTd = spec.isTdx();
    this.hasPrivate = spec.hasPrivateMemory();
    int initial = vm.attributes(slots.get(0).range().start());
    this.oracle = new Oracle(vm, slots, initial);
    this.history = new PageHistory(slots);
  }

  private void ended(String kind, EndedOperation operation) {
    if (kind.equals(Billing.FAULT)) {
      trail.fault(current, operation.lines(), operation.references());
    } else if (kind.equals(Billing.CONVERT)) {
      sizes.piece(operation);
    }
  }

  /**
   * Runs a trace to its end.
   *
   * @throws IOException if the trace cannot be read
   */
  static Outcome of(
      ConfiguredStrategy strategy,
      StrategyRegistry registry,
      VmSpec spec,
      ImmutableList<VmmSlots.Slot> slots,
      Trace trace,
      TraceScan scan,
      RunOptions options,
      Progress progress)
      throws IOException {
    StrategyRun run = new StrategyRun(strategy, registry, spec, slots, options);
    try (MeteredMachine machine = run.machine) {
      return run.replay(machine.vm(), trace, scan, options.overlap(), progress);
    }
  }

  private Outcome replay(
      VirtualMachine machine, Trace trace, TraceScan scan, Overlap overlap, Progress progress)
      throws IOException {
    Footprint startup = meter.groupFootprint(BilledStrategy.TRACKER);
    long startupPages = machine.books().getOrDefault("startup.pages", 0L);
    CurveRecorder curve = new CurveRecorder(machine, meter, oracle, billing, scan.events());
    MosaicRecorder mosaic = new MosaicRecorder(machine, oracle.truth(), slots, scan.events());
    initialLeft = scan.count(EventKind.INITIAL);
    try (EventStream stream = trace.open()) {
      Lookahead events = new Lookahead(stream);
      Overlapping overlapping = new Overlapping(overlap, events, this);
      machine.setYieldHook(overlapping);
      machine.setFaultHook(overlapping::inFault);
      curve.after(0, /* isLast= */ false);
      long reported = 0;
      for (Ahead event = events.next(); event != null; event = events.next()) {
        Ahead now = event;
        overlapping.around(now, () -> apply(now));
        curve.after(done, done == scan.events());
        if (mosaic.isDue(done)) {
          billing.unbilled(() -> mosaic.take(done));
        }
        if (done - reported >= PROGRESS_STEP) {
          progress.events(done - reported);
          reported = done;
        }
      }
      progress.events(done - reported);
      if (done != scan.events() || !stream.sha256().equals(scan.sha256())) {
        throw new IllegalStateException(
            trace.title() + " changed while it was read; run the comparison again");
      }
    }
    long[] facts = new long[6];
    billing.unbilled(
        () -> {
          oracle.compareAll();
          facts[0] = oracle.misses();
          facts[1] = oracle.blocks(PageLevel.PG_LEVEL_2M);
          facts[2] = oracle.allowedBlocks(PageLevel.PG_LEVEL_2M);
          facts[3] = oracle.mixedRegions();
          facts[4] = oracle.blocks(PageLevel.PG_LEVEL_1G);
          facts[5] = oracle.allowedBlocks(PageLevel.PG_LEVEL_1G);
        });
    Books memoryBooks = memoryBooks();
    String[] audit = {"passed"};
    billing.unbilled(
        () -> {
          try {
            machine.audit();
          } catch (IllegalStateException e) {
            audit[0] = String.valueOf(e.getMessage());
          }
        });
    var description = strategy.strategy().description();
    Check check =
        new Check(
            oracle.comparisons(),
            oracle.differences(),
            oracle.firstDifference(),
            facts[0],
            description.has(StrategyTrait.POLICY_SMALL_ONLY)
                || description.has(StrategyTrait.POLICY_ONE_WAY)
                || description.has(StrategyTrait.POLICY_LAZY),
            audit[0]);
    return new Outcome(
        memoryBooks,
        machine.books(),
        machine.tracker().gauges(),
        ledger.toMap(),
        curve.columns(),
        mosaic.mosaic(),
        check,
        trail.build(),
        sizes.rows(),
        startup,
        startupPages,
        conversionSplits,
        mapGpaCalls,
        mapGpaPages,
        slots.stream().mapToLong(slot -> slot.range().pages()).sum(),
        facts[1],
        facts[2],
        facts[3],
        facts[4],
        facts[5]);
  }

  private void apply(Ahead ahead) {
    TraceEvent event = ahead.event;
    finalizeBefore(event.kind());
    switch (event.kind()) {
      case INITIAL -> initial(event);
      case FIRST, TOUCH, ACCEPT -> {
        attempt(ahead, /* isLast= */ true);
        return;
      }
      case CONVERT -> convert(event);
      case DISCARD -> {
        vm.discard(event.gpa(), event.bytes());
        history.disturb(event.gpa() >>> 12, event.end() >>> 12, PageHistory.DISCARDED);
        ledger.add(Entry.D_DISCARDED);
      }
      case REARM -> ledger.add(Entry.E_NOTED);
      case MARK -> ledger.add(Entry.M_NOTED);
    }
    done++;
  }

  /** A TD is final before its guest runs. */
  private void finalizeBefore(EventKind kind) {
    if (kind == EventKind.INITIAL) {
      initialLeft--;
    } else if (!isFinal && (initialLeft == 0 || isGuests(kind))) {
      vm.finalizeTd();
      isFinal = true;
    }
  }

  @Override
  public boolean attempt(Ahead ahead, boolean isLast) {
    long before = current;
    current = ahead.number;
    TraceEvent event = ahead.event;
    finalizeBefore(event.kind());
    AccessOutcome outcome;
    if (event.kind() != EventKind.ACCEPT) {
      AccessResult result = access(event);
      ahead.faults += result.faults();
      outcome = result.outcome();
    } else if (isTd) {
      AccessResult result =
          vm.accept(event.vcpu(), event.gpa() + ahead.accepted, event.bytes() - ahead.accepted);
      ahead.faults += result.faults();
      ahead.accepted += result.acceptedBytes();
      outcome = result.outcome();
    } else {
      outcome = AccessOutcome.DONE;
    }
    current = before;
    if (!isLast && (outcome == AccessOutcome.RETRY || outcome == AccessOutcome.MEMORY_FAULT)) {
      ledger.add(Entry.CAME_AGAIN);
      return false;
    }
    switch (event.kind()) {
      case FIRST -> first(event, ahead.faults, outcome);
      case TOUCH -> touch(event, ahead.faults, outcome);
      case ACCEPT -> accept(event, ahead.faults, outcome);
      case INITIAL, CONVERT, DISCARD, REARM, MARK ->
          throw new IllegalArgumentException(event + " is no access");
    }
    done++;
    return true;
  }

  @Override
  public void convert(Ahead ahead) {
    ledger.add(Entry.OVERLAPPED_CONVERSIONS);
    convert(ahead.event);
    done++;
  }

  @Override
  public void overlapped() {
    ledger.add(Entry.OVERLAPPED_EVENTS);
  }

  @Override
  public void look(Ahead conversion, long next) {
    TraceEvent event = conversion.event;
    int attributes = event.isPrivate() ? PageAttributes.PRIVATE : PageAttributes.SHARED;
    billing.unbilled(() -> oracle.during(event.gpa() >>> 12, event.end() >>> 12, attributes, next));
  }

  /** Whether only a running guest does this; the VMM converts and discards before the start too. */
  private static boolean isGuests(EventKind kind) {
    return switch (kind) {
      case FIRST, TOUCH, ACCEPT -> true;
      case INITIAL, CONVERT, DISCARD, REARM, MARK -> false;
    };
  }

  private void initial(TraceEvent event) {
    if (!isTd) {
      ledger.add(Entry.I_PLAIN);
      return;
    }
    int[] errno = new int[1];
    billing.building(() -> errno[0] = vm.addInitialPages(event.gpa(), event.bytes()));
    if (errno[0] == 0) {
      ledger.add(Entry.I_ADDED);
      history.note(event.gpa() >>> 12, event.end() >>> 12, PageHistory.ADDED);
    } else {
      ledger.add(Entry.I_REFUSED);
    }
  }

  private AccessResult access(TraceEvent event) {
    return vm.access(
        event.vcpu(), event.gpa(), access(event.access()), hasPrivate && event.isPrivate());
  }

  private static Access access(AccessType type) {
    return switch (type) {
      case READ -> Access.READ;
      case WRITE -> Access.WRITE;
      case EXECUTE -> Access.EXECUTE;
      case WALK -> Access.WALK;
    };
  }

  private void first(TraceEvent event, int faults, AccessOutcome outcome) {
    long gfn = event.gpa() >>> 12;
    if (outcome != AccessOutcome.DONE) {
      ledger.add(Entry.F_OTHER);
    } else if (faults == 1) {
      ledger.add(Entry.F_FAULTED);
    } else if (faults > 1) {
      ledger.add(Entry.F_FAULTED_AGAIN);
    } else {
      switch (history.page(gfn)) {
        case PageHistory.ADDED -> ledger.add(Entry.F_MAPPED_AT_START);
        case PageHistory.ACCEPTED -> ledger.add(Entry.F_MAPPED_BY_ACCEPT);
        default -> ledger.add(Entry.F_MAPPED_BY_NEIGHBOUR);
      }
    }
    if (history.page(gfn) == PageHistory.UNTOUCHED) {
      history.note(gfn, gfn + 1, PageHistory.FAULTED);
    }
  }

  private void touch(TraceEvent event, int faults, AccessOutcome outcome) {
    if (outcome != AccessOutcome.DONE) {
      ledger.add(Entry.T_OTHER);
    } else if (faults == 0) {
      ledger.add(Entry.T_MAPPED);
    } else {
      switch (history.disturbance(event.gpa() >>> 12)) {
        case PageHistory.CONVERTED -> ledger.add(Entry.T_FAULTED_CONVERTED);
        case PageHistory.DISCARDED -> ledger.add(Entry.T_FAULTED_DISCARDED);
        default -> ledger.add(Entry.T_FAULTED_OTHER);
      }
    }
  }

  private void accept(TraceEvent event, int faults, AccessOutcome outcome) {
    if (!isTd) {
      ledger.add(Entry.A_PLAIN);
      return;
    }
    ledger.add(Entry.FAULTS_OF_ACCEPTS, faults);
    switch (outcome) {
      case DONE -> {
        ledger.add(faults > 0 ? Entry.A_FAULTED : Entry.A_MAPPED);
        history.note(event.gpa() >>> 12, event.end() >>> 12, PageHistory.ACCEPTED);
      }
      case ACCEPT_REFUSED -> ledger.add(Entry.A_REFUSED);
      case MMIO, MEMORY_FAULT, RETRY, ERROR, NOT_ACCEPTED -> ledger.add(Entry.A_OTHER);
    }
  }

  private void convert(TraceEvent event) {
    if (!hasPrivate) {
      ledger.add(Entry.C_PLAIN);
      mapGpaCalls++;
      return;
    }
    long zaps = vm.counters().get(MmuCounter.ZAPS_BY_CONVERSION);
    long splits = vm.counters().get(MmuCounter.SPLITS);
    MapGpaResult result = vm.convert(event.vcpu(), event.gpa(), event.bytes(), event.isPrivate());
    long start = event.gpa() >>> 12;
    long end = result.isSuccess() ? event.end() >>> 12 : result.next() >>> 12;
    mapGpaCalls++;
    conversionSplits += vm.counters().get(MmuCounter.SPLITS) - splits;
    sizes.called(event.bytes() >>> 12, vm.counters().get(MmuCounter.ZAPS_BY_CONVERSION) - zaps);
    ledger.add(Entry.CHUNKS, result.chunks());
    ledger.add(result.isSuccess() ? place(start, end) : Entry.C_REFUSED);
    if (start < end) {
      mapGpaPages += end - start;
      history.disturb(start, end, PageHistory.CONVERTED);
      int attributes = event.isPrivate() ? PageAttributes.PRIVATE : PageAttributes.SHARED;
      billing.unbilled(() -> oracle.converted(start, end, attributes));
    }
  }

  private Entry place(long start, long end) {
    long inside = 0;
    for (Memslot slot : slots) {
      long from = Math.max(start, slot.range().start());
      long to = Math.min(end, slot.range().end());
      inside += Math.max(0, to - from);
    }
    return inside == end - start ? Entry.C_INSIDE : inside == 0 ? Entry.C_OUTSIDE : Entry.C_PARTLY;
  }
}
