package dev.broadsheet.lab.runner;

import com.google.common.collect.ImmutableMap;
import dev.broadsheet.core.memory.AccessCounts;
import dev.broadsheet.core.memory.Footprint;
import dev.broadsheet.core.memory.LockSummary;
import dev.broadsheet.core.memory.MemoryMeter;
import dev.broadsheet.core.memory.OperationSummary;
import dev.broadsheet.lab.metrics.Metric;
import dev.broadsheet.lab.metrics.MetricCatalog;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Computes every metric of the catalog from the books of a run. */
final class Measures {
  private final StrategyRun.Outcome run;
  private final StrategyRun.@Nullable Outcome reference;
  private final Map<String, Number> values = new HashMap<>();

  private Measures(StrategyRun.Outcome run, StrategyRun.@Nullable Outcome reference) {
    this.run = run;
    this.reference = reference;
  }

  /**
   * Returns metric id to value, for every metric of the catalog.
   *
   * @param reference the run under 'reference' that differences are taken from; without one, where
   *     no strategy of this name is known or it did not finish, they are 0
   */
  static ImmutableMap<String, Number> of(
      StrategyRun.Outcome run, StrategyRun.@Nullable Outcome reference) {
    Measures measures = new Measures(run, reference);
    measures.memory();
    measures.faults();
    measures.conversions();
    measures.largePages();
    measures.locksAndTdx();
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
    long overReference =
        reference == null ? 0L : machine.bytes() - reference.memory().machine().bytes();
    values.put("memory.machine.overReference", overReference);
    values.put("memory.design.steady", tracker.bytes() + overReference);
    AccessCounts startup = tracker(operation(run, Billing.SLOT));
    values.put("memory.startup.references", startup.loads() + startup.stores());
    values.put("memory.startup.allocations", run.startupAllocations());
  }

  private double perGiB(long bytes) {
    return (double) bytes * (1L << 18) / Math.max(1, run.slotPages());
  }

  private void faults() {
    OperationSummary fault = operation(run, Billing.FAULT);
    AccessCounts total = fault.total();
    values.put("fault.count", fault.count());
    values.put("fault.retries", book("faults.retry"));
    double lines = mean(total.lines(), fault.count());
    values.put("fault.lines.mean", lines);
    values.put("fault.lines.p99", total.linesPerOperation().p99());
    values.put("fault.lines.max", total.linesPerOperation().max());
    values.put("fault.references.mean", mean(total.loads() + total.stores(), fault.count()));
    AccessCounts tracker = tracker(fault);
    values.put("fault.tracker.lines.mean", mean(tracker.lines(), fault.count()));
    values.put(
        "fault.tracker.references.mean", mean(tracker.loads() + tracker.stores(), fault.count()));
    double over = 0;
    if (reference != null) {
      OperationSummary other = operation(reference, Billing.FAULT);
      over = round(lines - mean(other.total().lines(), other.count()));
    }
    values.put("fault.lines.overReference", over);
  }

  private void conversions() {
    OperationSummary convert = operation(run, Billing.CONVERT);
    AccessCounts tracker = tracker(convert);
    long references = tracker.loads() + tracker.stores();
    AccessCounts total = convert.total();
    values.put("conversion.count", run.mapGpaCalls());
    values.put("conversion.pieces", convert.count());
    values.put("conversion.references.mean", mean(references, convert.count()));
    values.put("conversion.references.max", tracker.referencesPerOperation().max());
    values.put("conversion.references.perPage", mean(references, run.mapGpaPages()));
    values.put("conversion.lines.mean", mean(tracker.lines(), convert.count()));
    var allocations = convert.tallies().get(MemoryMeter.ALLOCATION);
    values.put("conversion.allocations", allocations == null ? 0L : allocations.sum());
    values.put(
        "conversion.machine.references.mean",
        mean(total.loads() + total.stores() - references, convert.count()));
    values.put("conversion.zaps", book("zaps.conversion"));
    values.put("conversion.refaults", book("faults.refault"));
  }

  private void largePages() {
    long small = leaves("4K");
    long large = leaves("2M");
    long huge = leaves("1G");
    values.put("large.leaves.4k", small);
    values.put("large.leaves.2m", large);
    values.put("large.leaves.1g", huge);
    long largePages = (large << 9) + (huge << 18);
    values.put("large.bytes.share", round(100 * mean(largePages, largePages + small)));
    values.put("large.allowed.2m", run.allowedRegions());
    values.put("large.allowed.share", percent(run.allowedRegions(), run.regions()));
    values.put("large.mixed.2m", run.mixedRegions());
    values.put("large.misses", run.check().misses());
    values.put("large.splits", book("splits"));
  }

  private long leaves(String level) {
    return book("leaves.direct." + level) + book("leaves.mirror." + level);
  }

  private void locksAndTdx() {
    values.put("locks.mmu.write.max", worstHold(LockBilling.WRITE));
    values.put("locks.mmu.read.max", worstHold(LockBilling.READ));
    values.put("locks.slots.max", worstHold("slots_lock"));
    values.put("tdx.seamcalls", run.seamcallTotal());
    values.put("tdx.busy", book("tdx.busy"));
    values.put("tdx.tracks", book("tdx.tracks"));
    values.put("tdx.kicks", book("tdx.kicks"));
    values.put("tdx.demotes", book("tdx.demotes"));
    values.put("tdx.promotes", book("tdx.promotes"));
    values.put("tdx.sept.bytes", book("tables.sept.bytes"));
    values.put("check.comparisons", run.check().comparisons());
    values.put("check.differences", run.check().differences());
  }

  private long worstHold(String label) {
    for (LockSummary lock : run.memory().locks()) {
      if (lock.label().equals(label)) {
        return lock.referencesPerHold().max();
      }
    }
    return 0;
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
