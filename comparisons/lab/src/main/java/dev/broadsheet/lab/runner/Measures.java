package dev.broadsheet.lab.runner;

import com.google.common.collect.ImmutableMap;
import dev.broadsheet.core.memory.AccessCounts;
import dev.broadsheet.core.memory.Footprint;
import dev.broadsheet.core.memory.LockSummary;
import dev.broadsheet.core.memory.MemoryMeter;
import dev.broadsheet.core.memory.OperationSummary;
import dev.broadsheet.core.memory.Spread;
import dev.broadsheet.lab.complexity.Concern;
import dev.broadsheet.lab.complexity.DesignCost;
import dev.broadsheet.lab.complexity.StrategyCode;
import dev.broadsheet.lab.cost.ModelledTime;
import dev.broadsheet.lab.metrics.Metric;
import dev.broadsheet.lab.metrics.MetricCatalog;
import dev.broadsheet.lab.metrics.MetricCatalog.Timed;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Computes every metric of the catalog from the books of a run. */
final class Measures {
  private final StrategyRun.Outcome run;
  private final StrategyRun.@Nullable Outcome reference;
  private final Times times;
  private final DesignCost design;
  private final Map<String, Number> values = new HashMap<>();

  private Measures(
      StrategyRun.Outcome run,
      StrategyRun.@Nullable Outcome reference,
      Times times,
      DesignCost design) {
    this.times = times;
    this.design = design;
    this.run = run;
    this.reference = reference;
  }

  /**
   * Returns metric id to value, for every metric of the catalog.
   *
   * @param design what the strategy costs without a run
   * @param reference the run under 'reference' that differences are taken from; without one, where
   *     no strategy of this name is known or it did not finish, they are 0
   */
  static ImmutableMap<String, Number> of(
      StrategyRun.Outcome run,
      StrategyRun.@Nullable Outcome reference,
      Times times,
      DesignCost design) {
    Measures measures = new Measures(run, reference, times, design);
    measures.memory();
    measures.faults();
    measures.conversions();
    measures.largePages();
    measures.locks();
    measures.tdx();
    measures.times();
    measures.design();
    ImmutableMap.Builder<String, Number> ordered = ImmutableMap.builder();
    for (Metric metric : MetricCatalog.all()) {
      Number value = measures.values.get(metric.id());
      if (value == null) {
        throw new IllegalStateException("nothing computes the metric " + metric.id());
      }
      ordered.put(metric.id(), value);
    }
    return ordered.buildOrThrow();
  }

  private static OperationSummary operation(StrategyRun.Outcome of, String name) {
    return of.memory().operation(name);
  }

  private static AccessCounts tracker(OperationSummary operation) {
    AccessCounts counts = operation.groups().get(BilledStrategy.TRACKER);
    if (counts == null) {
      throw new IllegalStateException("the meter has no group for the tracker");
    }
    return counts;
  }

  private void memory() {
    Footprint tracker = run.memory().tracker();
    Footprint machine = run.memory().machine();
    values.put("memory.tracker.steady", tracker.bytes());
    values.put("memory.tracker.peak", tracker.peakBytes());
    values.put("memory.tracker.rounded", tracker.roundedBytes());
    values.put("memory.tracker.rounded.peak", tracker.peakRoundedBytes());
    values.put("memory.tracker.perGiB", Math.round(perGiB(tracker.bytes())));
    values.put("memory.machine.steady", machine.bytes());
    values.put("memory.machine.peak", machine.peakBytes());
    overReference("memory.tables", Measures::tables);
    overReference("memory.headers", Measures::headers);
    long sept = beyond(of -> of.books().getOrDefault("tables.sept.bytes", 0L));
    values.put("memory.sept.overReference", sept);
    long pamt = overReference("memory.pamt", of -> of.books().getOrDefault("tdx.pamt-bytes", 0L));
    long kernel = beyond(of -> of.memory().machine().bytes());
    values.put("memory.machine.overReference", kernel + sept + pamt);
    values.put("memory.design.steady", tracker.bytes() + kernel + sept + pamt);
    long rounded = beyond(of -> of.memory().machine().roundedBytes());
    values.put("memory.design.rounded", tracker.roundedBytes() + rounded + sept + pamt);
    AccessCounts startup = tracker(operation(run, Billing.SLOT));
    values.put("memory.startup.references", startup.loads() + startup.stores());
    values.put("memory.startup.lines", startup.lines());
    values.put("memory.startup.allocations", run.startup().allocations());
    values.put("memory.startup.bytes", run.startup().bytes());
    values.put("memory.startup.pages", run.startupPages());
  }

  private long overReference(String id, ToLongFunction<StrategyRun.Outcome> bytes) {
    values.put(id, bytes.applyAsLong(run));
    long beyond = beyond(bytes);
    values.put(id + ".overReference", beyond);
    return beyond;
  }

  private long beyond(ToLongFunction<StrategyRun.Outcome> bytes) {
    return reference == null ? 0 : bytes.applyAsLong(run) - bytes.applyAsLong(reference);
  }

  private static long tables(StrategyRun.Outcome of) {
    return labels(of, "mmu.table.");
  }

  private static long headers(StrategyRun.Outcome of) {
    return labels(of, "mmu.header.");
  }

  private static long labels(StrategyRun.Outcome of, String prefix) {
    return of.memory().labels().stream()
        .filter(label -> label.label().startsWith(prefix))
        .mapToLong(Footprint::bytes)
        .sum();
  }

  private double perGiB(long bytes) {
    return (double) bytes * (1L << 18) / Math.max(1, run.slotPages());
  }

  private void faults() {
    OperationSummary fault = operation(run, Billing.FAULT);
    AccessCounts total = fault.total();
    values.put("fault.count", fault.count());
    values.put("fault.retries", book("faults.retry"));
    for (String cause : List.of("sequence", "range", "frozen", "busy")) {
      values.put("fault.retries." + cause, book("retries." + cause));
    }
    values.put(
        "fault.retries.other",
        book("retries.slot") + book("retries.root") + book("retries.tracker"));
    double lines = mean(total.lines(), fault.count());
    values.put("fault.lines.mean", lines);
    values.put("fault.lines.p50", total.linesPerOperation().p50());
    values.put("fault.lines.p99", total.linesPerOperation().p99());
    values.put("fault.lines.max", total.linesPerOperation().max());
    values.put("fault.references.p50", total.referencesPerOperation().p50());
    values.put("fault.references.p99", total.referencesPerOperation().p99());
    values.put("fault.references.max", total.referencesPerOperation().max());
    values.put("fault.references.mean", mean(total.loads() + total.stores(), fault.count()));
    AccessCounts tracker = tracker(fault);
    values.put("fault.tracker.lines.p99", tracker.linesPerOperation().p99());
    values.put("fault.tracker.lines.max", tracker.linesPerOperation().max());
    misses("fault.misses.", total, fault.count());
    misses("fault.tracker.misses.", tracker, fault.count());
    values.put("fault.tracker.lines.mean", mean(tracker.lines(), fault.count()));
    values.put(
        "fault.tracker.references.mean", mean(tracker.loads() + tracker.stores(), fault.count()));
    double over = 0;
    if (reference != null) {
      OperationSummary other = operation(reference, Billing.FAULT);
      over = round(lines - mean(other.total().lines(), other.count()));
    }
    values.put("fault.lines.overReference", over);
    FaultTrail other = reference == null ? run.trail() : reference.trail();
    FaultTrail.Differences byLines = run.trail().linesBeyond(other);
    values.put("fault.beyond.count", (long) byLines.sorted().length());
    beyond("fault.beyond.lines.", byLines);
    beyond("fault.beyond.references.", run.trail().referencesBeyond(other));
  }

  private void beyond(String prefix, FaultTrail.Differences differences) {
    values.put(prefix + "mean", round(differences.mean()));
    values.put(prefix + "p50", differences.rank(50));
    values.put(prefix + "p99", differences.rank(99));
    values.put(prefix + "max", differences.rank(100));
  }

  private void misses(String prefix, AccessCounts counts, long operations) {
    for (int level = 0; level < 3; level++) {
      boolean isModelled = level < counts.misses().size();
      values.put(
          prefix + "l" + (level + 1) + ".mean",
          isModelled ? mean(counts.misses().get(level), operations) : 0.0);
    }
  }

  private void conversions() {
    OperationSummary convert = operation(run, Billing.CONVERT);
    AccessCounts tracker = tracker(convert);
    long references = tracker.loads() + tracker.stores();
    AccessCounts total = convert.total();
    values.put("conversion.count", run.mapGpaCalls());
    values.put("conversion.pieces", convert.count());
    values.put("conversion.references.mean", mean(references, convert.count()));
    values.put("conversion.references.p50", tracker.referencesPerOperation().p50());
    values.put("conversion.references.p99", tracker.referencesPerOperation().p99());
    values.put("conversion.references.max", tracker.referencesPerOperation().max());
    values.put("conversion.references.perPage", mean(references, run.mapGpaPages()));
    values.put("conversion.lines.mean", mean(tracker.lines(), convert.count()));
    values.put("conversion.lines.max", tracker.linesPerOperation().max());
    values.put("conversion.lines.perPage", mean(tracker.lines(), run.mapGpaPages()));
    long allocations = tally(convert, MemoryMeter.ALLOCATION);
    values.put("conversion.allocations", allocations);
    values.put("conversion.allocations.mean", mean(allocations, convert.count()));
    values.put("conversion.allocations.perPage", mean(allocations, run.mapGpaPages()));
    long seamcalls = tally(convert, Billing.SEAMCALL);
    values.put("conversion.seamcalls", seamcalls);
    values.put("conversion.seamcalls.mean", mean(seamcalls, convert.count()));
    values.put("conversion.kicks", tally(convert, Billing.KICK));
    misses("conversion.misses.", total, convert.count());
    values.put("conversion.splits", run.conversionSplits());
    values.put(
        "conversion.machine.references.mean",
        mean(total.loads() + total.stores() - references, convert.count()));
    values.put("conversion.zaps", book("zaps.conversion"));
    values.put("conversion.refaults", book("faults.refault"));
  }

  private static long tally(OperationSummary operation, String name) {
    Spread spread = operation.tallies().get(name);
    if (spread == null) {
      throw new IllegalStateException("the meter does not count " + name);
    }
    return spread.sum();
  }

  private void largePages() {
    long small = leaves("4K");
    long large = leaves("2M");
    long huge = leaves("1G");
    values.put("large.leaves.4k", small);
    values.put("large.leaves.2m", large);
    values.put("large.leaves.1g", huge);
    values.put("large.bytes.4k", small << 12);
    values.put("large.bytes.2m", large << 21);
    values.put("large.bytes.1g", huge << 30);
    long largePages = (large << 9) + (huge << 18);
    values.put("large.bytes.share", round(100 * mean(largePages, largePages + small)));
    values.put("large.allowed.2m", run.allowedRegions());
    values.put("large.allowed.share", percent(run.allowedRegions(), run.regions()));
    values.put("large.allowed.1g", run.allowedHugeRegions());
    values.put("large.allowed.1g.share", percent(run.allowedHugeRegions(), run.hugeRegions()));
    values.put("large.mixed.2m", run.mixedRegions());
    values.put("large.misses", run.check().misses());
    values.put("large.splits", book("splits"));
  }

  private long leaves(String level) {
    return book("leaves.direct." + level) + book("leaves.mirror." + level);
  }

  private void locks() {
    for (MetricCatalog.Lock lock : MetricCatalog.Lock.values()) {
      LockSummary summary = lock(lock.label());
      String prefix = "locks." + lock.id() + ".";
      values.put(prefix + "acquisitions", summary == null ? 0L : summary.acquisitions());
      ranks(prefix, summary == null ? Spread.NONE : summary.referencesPerHold());
      ranks(prefix + "seamcalls.", tally(summary, Billing.SEAMCALL));
      ranks(prefix + "allocations.", tally(summary, MemoryMeter.ALLOCATION));
    }
  }

  private @Nullable LockSummary lock(String label) {
    for (LockSummary lock : run.memory().locks()) {
      if (lock.label().equals(label)) {
        return lock;
      }
    }
    return null; // no slot was ever changed, or the machine has no such lock
  }

  private static Spread tally(@Nullable LockSummary lock, String name) {
    return lock == null ? Spread.NONE : lock.tallies().getOrDefault(name, Spread.NONE);
  }

  private void ranks(String prefix, Spread spread) {
    values.put(prefix + "p50", spread.p50());
    values.put(prefix + "p99", spread.p99());
    values.put(prefix + "max", spread.max());
  }

  private void times() {
    long faults = operation(run, Billing.FAULT).count();
    long conversions = operation(run, Billing.CONVERT).count();
    time(Timed.FAULT, times.of(Billing.FAULT).per(faults));
    time(Timed.FAULT_TRACKER, times.ofTracker(Billing.FAULT).per(faults));
    time(Timed.CONVERSION, times.of(Billing.CONVERT).per(conversions));
    time(Timed.CONVERSION_TRACKER, times.ofTracker(Billing.CONVERT).per(conversions));
    time(Timed.TOTAL, times.total());
  }

  private void time(Timed timed, ModelledTime time) {
    values.put("time." + timed.id(), Math.round(time.nanos()));
    values.put("time." + timed.id() + ".low", Math.round(time.low()));
    values.put("time." + timed.id() + ".high", Math.round(time.high()));
  }

  private void tdx() {
    values.put("tdx.seamcalls", run.seamcallTotal());
    values.put("tdx.busy", book("tdx.busy"));
    values.put("tdx.tracks", book("tdx.tracks"));
    values.put("tdx.kicks", book("tdx.kicks"));
    values.put("tdx.demotes", book("tdx.demotes"));
    values.put("tdx.promotes", book("tdx.promotes"));
    values.put("tdx.sept.bytes", book("tables.sept.bytes"));
    values.put("tdx.accepts", book("tdx.accepts"));
    values.put("tdx.inhibits", book("tdx.inhibits"));
    values.put("check.comparisons", run.check().comparisons());
    values.put("check.differences", run.check().differences());
  }

  private void design() {
    StrategyCode code = design.code();
    values.put("design.bits", design.bits());
    values.put("design.headerWords", design.headerWords());
    values.put("design.locks", design.locks());
    values.put("design.homes", design.homes());
    values.put("design.mmuCalls", code.mmuCalls().size());
    values.put("design.classes", code.design().classes());
    values.put("design.methods", code.design().methods());
    values.put("design.instructions", code.design().instructions());
    values.put("design.branches", code.design().branches());
    values.put("design.branches.lookUp", code.of(Concern.LOOK_UP).branches());
    values.put("design.branches.level", code.of(Concern.LEVEL).branches());
    values.put("design.branches.conversion", code.of(Concern.CONVERSION).branches());
    values.put("design.branches.slots", code.of(Concern.SLOTS).branches());
    values.put("design.branches.tables", code.of(Concern.TABLES).branches());
    values.put("design.instructions.level", code.of(Concern.LEVEL).instructions());
    values.put("design.instructions.conversion", code.of(Concern.CONVERSION).instructions());
    values.put("design.support", code.support().instructions());
  }

  private long book(String id) {
    Long value = run.books().get(id);
    return value == null ? 0 : value;
  }

  private static double mean(long sum, long count) {
    return count == 0 ? 0 : round((double) sum / count);
  }

  private static double percent(long part, long whole) {
    return whole == 0 ? 0 : round(100.0 * part / whole);
  }

  /** Four digits: the same text in every form of the report. */
  private static double round(double value) {
    return Math.round(value * 10_000) / 10_000.0;
  }
}
