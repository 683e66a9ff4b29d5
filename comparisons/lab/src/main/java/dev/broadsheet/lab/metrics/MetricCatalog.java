package dev.broadsheet.lab.metrics;

import static dev.broadsheet.lab.metrics.Direction.HIGHER;
import static dev.broadsheet.lab.metrics.Direction.LOWER;
import static dev.broadsheet.lab.metrics.Direction.NEUTRAL;

import com.google.common.collect.ImmutableMap;
import java.util.List;

/**
 * All metrics of the lab. Ids, units and meanings are fixed: a change of meaning gets a new id, and
 * any change of the list a new {@link #VERSION}.
 */
public final class MetricCatalog {
  /** Counts up with every change of the list. */
  public static final int VERSION = 2;

  private static final String PER_FAULT =
      "lines are the distinct 64-byte lines of kernel memory that one fault loads or stores";

  private static final ImmutableMap<String, Metric> ALL =
      index(
          // memory
          metric(
              "memory.tracker.steady",
              MetricGroup.MEMORY,
              "tracker, at the end",
              "B",
              LOWER,
              "Bytes that the tracker holds at the end of the run, as it asked for them."),
          metric(
              "memory.tracker.peak",
              MetricGroup.MEMORY,
              "tracker, peak",
              "B",
              LOWER,
              "The most bytes that the tracker ever held, as it asked for them."),
          metric(
              "memory.tracker.rounded",
              MetricGroup.MEMORY,
              "tracker, in slabs",
              "B",
              LOWER,
              "What the tracker's bytes take at the end: size classes, slabs and whole pages."),
          metric(
              "memory.tracker.rounded.peak",
              MetricGroup.MEMORY,
              "tracker, peak in slabs",
              "B",
              LOWER,
              "The most that the tracker's slabs and pages ever took."),
          metric(
              "memory.tracker.perGiB",
              MetricGroup.MEMORY,
              "tracker per GiB",
              "B/GiB",
              LOWER,
              "Bytes that the tracker holds at the end, per GiB of guest memory."),
          metric(
              "memory.machine.steady",
              MetricGroup.MEMORY,
              "page tables, at the end",
              "B",
              LOWER,
              "Bytes of page tables, their headers and large-page words at the end of the run."),
          metric(
              "memory.machine.peak",
              MetricGroup.MEMORY,
              "page tables, peak",
              "B",
              LOWER,
              "The most bytes of page tables, headers and large-page words."),
          metric(
              "memory.machine.overReference",
              MetricGroup.MEMORY,
              "page tables beyond reference",
              "B",
              LOWER,
              "Page-table bytes at the end, minus those of the run under 'reference'."),
          metric(
              "memory.design.steady",
              MetricGroup.MEMORY,
              "design, at the end",
              "B",
              LOWER,
              "All that the design costs at the end: the tracker's bytes, and the page-table bytes"
                  + " beyond those of the run under 'reference'."),
          metric(
              "memory.startup.references",
              MetricGroup.MEMORY,
              "start-up references",
              "references",
              LOWER,
              "Loads and stores by the tracker while slots are created and filled, before the guest"
                  + " runs."),
          metric(
              "memory.startup.allocations",
              MetricGroup.MEMORY,
              "start-up allocations",
              "allocations",
              LOWER,
              "Arrays and objects allocated by the tracker while slots are created and filled."),
          // fault
          metric(
              "fault.count",
              MetricGroup.FAULT,
              "faults",
              "faults",
              LOWER,
              "Page faults that the guest's accesses and accepts raised, retries not counted."),
          metric(
              "fault.retries",
              MetricGroup.FAULT,
              "retries",
              "retries",
              LOWER,
              "Faults that ended with RET_PF_RETRY and came again."),
          metric(
              "fault.lines.mean",
              MetricGroup.FAULT,
              "lines per fault",
              "lines/fault",
              LOWER,
              "Mean over all faults, tracker and MMU together; " + PER_FAULT + "."),
          metric(
              "fault.lines.p99",
              MetricGroup.FAULT,
              "lines per fault, p99",
              "lines/fault",
              LOWER,
              "99 of 100 faults touch no more, tracker and MMU together; " + PER_FAULT + "."),
          metric(
              "fault.lines.max",
              MetricGroup.FAULT,
              "lines per fault, max",
              "lines/fault",
              LOWER,
              "The worst fault, tracker and MMU together; " + PER_FAULT + "."),
          metric(
              "fault.tracker.lines.mean",
              MetricGroup.FAULT,
              "tracker's lines per fault",
              "lines/fault",
              LOWER,
              "Mean over all faults of the lines that only the tracker touched; "
                  + PER_FAULT
                  + "."),
          metric(
              "fault.references.mean",
              MetricGroup.FAULT,
              "references per fault",
              "references/fault",
              LOWER,
              "Mean loads and stores of one fault, tracker and MMU together."),
          metric(
              "fault.tracker.references.mean",
              MetricGroup.FAULT,
              "tracker's references per fault",
              "references/fault",
              LOWER,
              "Mean loads and stores of one fault that the tracker made."),
          metric(
              "fault.lines.overReference",
              MetricGroup.FAULT,
              "lines per fault beyond reference",
              "lines/fault",
              LOWER,
              "Mean lines per fault, minus that of the run under 'reference'."),
          // conversion
          metric(
              "conversion.count",
              MetricGroup.CONVERSION,
              "conversions",
              "calls",
              NEUTRAL,
              "MapGPA calls of the guest, those outside memory included."),
          metric(
              "conversion.pieces",
              MetricGroup.CONVERSION,
              "pieces",
              "calls",
              NEUTRAL,
              "Changes of attributes: KVM cuts a MapGPA call into pieces of at most 2 MiB; 'per call' below means per piece."),
          metric(
              "conversion.references.mean",
              MetricGroup.CONVERSION,
              "tracker's references per call",
              "references/call",
              LOWER,
              "Mean loads and stores by the tracker in one conversion."),
          metric(
              "conversion.references.max",
              MetricGroup.CONVERSION,
              "tracker's references, worst call",
              "references/call",
              LOWER,
              "The most loads and stores by the tracker in one conversion."),
          metric(
              "conversion.references.perPage",
              MetricGroup.CONVERSION,
              "tracker's references per page",
              "references/page",
              LOWER,
              "Loads and stores by the tracker in all conversions, per 4K page asked for."),
          metric(
              "conversion.lines.mean",
              MetricGroup.CONVERSION,
              "tracker's lines per call",
              "lines/call",
              LOWER,
              "Mean distinct 64-byte lines that the tracker touches in one conversion."),
          metric(
              "conversion.allocations",
              MetricGroup.CONVERSION,
              "allocations",
              "allocations",
              LOWER,
              "Arrays and objects allocated during conversions, by tracker and MMU."),
          metric(
              "conversion.machine.references.mean",
              MetricGroup.CONVERSION,
              "machine's references per call",
              "references/call",
              LOWER,
              "Mean loads and stores by MMU and large-page words in one conversion."),
          metric(
              "conversion.zaps",
              MetricGroup.CONVERSION,
              "mappings lost",
              "mappings",
              LOWER,
              "Leaves that conversions took away."),
          metric(
              "conversion.refaults",
              MetricGroup.CONVERSION,
              "refaults",
              "faults",
              LOWER,
              "Faults on pages that were mapped until a conversion took the mapping away."),
          // large pages
          metric(
              "large.leaves.4k",
              MetricGroup.LARGE_PAGES,
              "4K mappings",
              "mappings",
              LOWER,
              "4K leaves in all page tables at the end."),
          metric(
              "large.leaves.2m",
              MetricGroup.LARGE_PAGES,
              "2M mappings",
              "mappings",
              HIGHER,
              "2M leaves in all page tables at the end."),
          metric(
              "large.leaves.1g",
              MetricGroup.LARGE_PAGES,
              "1G mappings",
              "mappings",
              HIGHER,
              "1G leaves in all page tables at the end."),
          metric(
              "large.bytes.share",
              MetricGroup.LARGE_PAGES,
              "mapped large",
              "%",
              HIGHER,
              "Share of the mapped bytes at the end that 2M and 1G leaves cover."),
          metric(
              "large.allowed.2m",
              MetricGroup.LARGE_PAGES,
              "2M regions allowed",
              "regions",
              HIGHER,
              "2M regions wholly inside memory that may be mapped large at the end."),
          metric(
              "large.allowed.share",
              MetricGroup.LARGE_PAGES,
              "2M regions kept whole",
              "%",
              HIGHER,
              "Share of the 2M regions wholly inside memory that may be mapped large at the end."),
          metric(
              "large.mixed.2m",
              MetricGroup.LARGE_PAGES,
              "2M regions mixed",
              "regions",
              NEUTRAL,
              "2M regions that hold both attributes at the end, by the oracle."),
          metric(
              "large.misses",
              MetricGroup.LARGE_PAGES,
              "misses of rule R4",
              "regions",
              LOWER,
              "2M and 1G blocks that are uniform at the end and yet not allowed large."),
          metric(
              "large.splits",
              MetricGroup.LARGE_PAGES,
              "splits",
              "splits",
              LOWER,
              "Large leaves that were replaced by a table of small ones."),
          // locks
          metric(
              "locks.mmu.write.max",
              MetricGroup.LOCKS,
              "worst mmu_lock hold, write",
              "references",
              LOWER,
              "The most loads and stores between taking and releasing mmu_lock for write."),
          metric(
              "locks.mmu.read.max",
              MetricGroup.LOCKS,
              "worst mmu_lock hold, read",
              "references",
              LOWER,
              "The most loads and stores between taking and releasing mmu_lock for read."),
          metric(
              "locks.slots.max",
              MetricGroup.LOCKS,
              "worst slots_lock hold",
              "references",
              LOWER,
              "The most loads and stores between taking and releasing slots_lock."),
          // tdx
          metric(
              "tdx.seamcalls",
              MetricGroup.TDX,
              "SEAMCALLs",
              "calls",
              LOWER,
              "Calls of the TDX module, all leaves together."),
          metric(
              "tdx.demotes",
              MetricGroup.TDX,
              "demotes",
              "calls",
              LOWER,
              "Private 2M leaves split by TDH.MEM.PAGE.DEMOTE."),
          metric(
              "tdx.promotes",
              MetricGroup.TDX,
              "promotes",
              "calls",
              NEUTRAL,
              "Private tables merged by TDH.MEM.PAGE.PROMOTE."),
          metric(
              "tdx.tracks",
              MetricGroup.TDX,
              "tracking rounds",
              "rounds",
              LOWER,
              "Rounds of TDH.MEM.TRACK, each with a kick of all vCPUs."),
          metric(
              "tdx.kicks",
              MetricGroup.TDX,
              "kicks",
              "rounds",
              LOWER,
              "Rounds in which all vCPUs were forced out of the guest."),
          metric(
              "tdx.busy",
              MetricGroup.TDX,
              "busy",
              "calls",
              LOWER,
              "SEAMCALLs that came back busy."),
          metric(
              "tdx.sept.bytes",
              MetricGroup.TDX,
              "Secure EPT pages",
              "B",
              LOWER,
              "Bytes of Secure EPT pages at the end."),
          // checks
          metric(
              "check.comparisons",
              MetricGroup.CHECK,
              "answers checked",
              "answers",
              NEUTRAL,
              "Answers of the tracker that were compared with the oracle."),
          metric(
              "check.differences",
              MetricGroup.CHECK,
              "wrong answers",
              "answers",
              LOWER,
              "Answers that differ from the oracle: attributes, page types, and levels that hold"
                  + " two attributes."));

  private MetricCatalog() {}

  private static Metric metric(
      String id,
      MetricGroup group,
      String label,
      String unit,
      Direction direction,
      String sentence) {
    return new Metric(id, group, label, unit, direction, sentence);
  }

  private static ImmutableMap<String, Metric> index(Metric... metrics) {
    ImmutableMap.Builder<String, Metric> byId = ImmutableMap.builder();
    for (Metric metric : metrics) {
      byId.put(metric.id(), metric);
    }
    return byId.buildOrThrow();
  }

  /** Returns every metric, group by group. */
  public static List<Metric> all() {
    return ALL.values().asList();
  }

  /**
   * Returns one metric.
   *
   * @throws IllegalArgumentException if there is none; the message lists what there is
   */
  public static Metric find(String id) {
    Metric metric = ALL.get(id);
    if (metric == null) {
      throw new IllegalArgumentException(
          "Unknown metric '%s'. Known: %s.".formatted(id, String.join(", ", ALL.keySet())));
    }
    return metric;
  }
}
