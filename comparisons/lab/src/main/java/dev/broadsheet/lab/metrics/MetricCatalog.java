package dev.broadsheet.lab.metrics;

import static dev.broadsheet.lab.metrics.Direction.HIGHER;
import static dev.broadsheet.lab.metrics.Direction.LOWER;
import static dev.broadsheet.lab.metrics.Direction.NEUTRAL;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * All metrics of the lab. Ids, units and meanings are fixed: a change of meaning gets a new id, and
 * any change of the list a new {@link #VERSION}.
 */
public final class MetricCatalog {
  /** Counts up with every change of the list. */
  public static final int VERSION = 4;

  private static final String PER_FAULT =
      "lines are the distinct 64-byte lines of kernel memory that one fault loads or stores, the"
          + " TDX module's own memory left out";

  private static final ImmutableList<Metric> WRITTEN =
      ImmutableList.of(
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
              "Bytes of page tables, headers, large-page words, Secure EPT pages and PAMT at the end,"
                  + " minus those of the run under 'reference'."),
          metric(
              "memory.tables",
              MetricGroup.MEMORY,
              "page tables",
              "B",
              LOWER,
              "Bytes of page-table pages, those in the caches of the vCPUs included, at the end."),
          metric(
              "memory.tables.overReference",
              MetricGroup.MEMORY,
              "page tables beyond reference",
              "B",
              LOWER,
              "The same, minus that of the run under 'reference'."),
          metric(
              "memory.headers",
              MetricGroup.MEMORY,
              "table headers",
              "B",
              LOWER,
              "Bytes of the headers beside page tables, at the end."),
          metric(
              "memory.headers.overReference",
              MetricGroup.MEMORY,
              "table headers beyond reference",
              "B",
              LOWER,
              "The same, minus that of the run under 'reference'."),
          metric(
              "memory.sept.overReference",
              MetricGroup.MEMORY,
              "Secure EPT beyond reference",
              "B",
              LOWER,
              "Bytes of Secure EPT pages at the end, minus those of the run under 'reference'."),
          metric(
              "memory.pamt",
              MetricGroup.MEMORY,
              "PAMT of the host",
              "B",
              LOWER,
              "What page metadata takes on real hardware at the end: 16 bytes an entry for all memory of the host, or bitmap and page pairs where it is dynamic."),
          metric(
              "memory.pamt.overReference",
              MetricGroup.MEMORY,
              "PAMT beyond reference",
              "B",
              LOWER,
              "The same, minus that of the run under 'reference': page pairs of 2M blocks in small use."),
          metric(
              "memory.design.steady",
              MetricGroup.MEMORY,
              "design, at the end",
              "B",
              LOWER,
              "All that the design costs at the end: the tracker's bytes, and the page-table bytes"
                  + " beyond those of the run under 'reference'."),
          metric(
              "memory.design.rounded",
              MetricGroup.MEMORY,
              "design, in slabs",
              "B",
              LOWER,
              "What the design takes at the end in slabs and pages: the tracker's, and page tables, Secure EPT and PAMT beyond the run under 'reference'."),
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
              "memory.startup.pages",
              MetricGroup.MEMORY,
              "start-up fill",
              "pages",
              LOWER,
              "4K pages that were filled when slots came, because the tracker's default is not the machine's."),
          metric(
              "memory.startup.lines",
              MetricGroup.MEMORY,
              "start-up lines",
              "lines",
              LOWER,
              "Distinct lines that the tracker touches while slots are created and filled, slot by slot."),
          metric(
              "memory.startup.bytes",
              MetricGroup.MEMORY,
              "start-up bytes",
              "B",
              LOWER,
              "Bytes that the tracker holds when the slots are there, before the first event."),
          metric(
              "fault.count",
              MetricGroup.FAULT,
              "faults",
              "faults",
              LOWER,
              "Page faults that the guest's accesses and accepts raised; one that comes again is one more."),
          metric(
              "fault.retries",
              MetricGroup.FAULT,
              "retries",
              "retries",
              LOWER,
              "Faults that ended with RET_PF_RETRY and came again."),
          metric(
              "fault.retries.sequence",
              MetricGroup.FAULT,
              "retries, sequence",
              "retries",
              LOWER,
              "Faults that came again because an invalidation ended since the fault began."),
          metric(
              "fault.retries.range",
              MetricGroup.FAULT,
              "retries, range",
              "retries",
              LOWER,
              "Faults that came again because an open invalidation covers the page."),
          metric(
              "fault.retries.frozen",
              MetricGroup.FAULT,
              "retries, frozen",
              "retries",
              LOWER,
              "Faults that came again because another vCPU owned the entry, or changed it first."),
          metric(
              "fault.retries.busy",
              MetricGroup.FAULT,
              "retries, busy",
              "retries",
              LOWER,
              "Faults that came again because the TDX module was busy."),
          metric(
              "fault.retries.other",
              MetricGroup.FAULT,
              "retries, other",
              "retries",
              LOWER,
              "Faults that came again because the slot or root was going, or the tracker asked for it."),
          metric(
              "fault.lines.mean",
              MetricGroup.FAULT,
              "lines per fault",
              "lines/fault",
              LOWER,
              "Mean over all faults, tracker and MMU together; " + PER_FAULT + "."),
          metric(
              "fault.lines.p50",
              MetricGroup.FAULT,
              "lines per fault, p50",
              "lines/fault",
              LOWER,
              "Half of the faults touch no more, tracker and MMU together."),
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
              "fault.references.p50",
              MetricGroup.FAULT,
              "references per fault, p50",
              "references/fault",
              LOWER,
              "Half of the faults make no more loads and stores, tracker and MMU together."),
          metric(
              "fault.references.p99",
              MetricGroup.FAULT,
              "references per fault, p99",
              "references/fault",
              LOWER,
              "99 of 100 faults make no more loads and stores, tracker and MMU together."),
          metric(
              "fault.references.max",
              MetricGroup.FAULT,
              "references per fault, max",
              "references/fault",
              LOWER,
              "Loads and stores of the worst fault, tracker and MMU together."),
          metric(
              "fault.tracker.lines.p99",
              MetricGroup.FAULT,
              "tracker's lines per fault, p99",
              "lines/fault",
              LOWER,
              "In 99 of 100 faults the tracker alone touches no more."),
          metric(
              "fault.tracker.lines.max",
              MetricGroup.FAULT,
              "tracker's lines per fault, max",
              "lines/fault",
              LOWER,
              "The most lines that the tracker alone touches in one fault."),
          metric(
              "fault.lines.overReference",
              MetricGroup.FAULT,
              "lines per fault beyond reference",
              "lines/fault",
              LOWER,
              "Mean lines per fault, minus that of the run under 'reference'."),
          // conversion
          metric(
              "fault.beyond.count",
              MetricGroup.FAULT,
              "faults compared",
              "events",
              NEUTRAL,
              "Events that fault here and under 'reference': the same access, so that its cost can be subtracted."),
          metric(
              "fault.beyond.lines.mean",
              MetricGroup.FAULT,
              "lines beyond the same fault, mean",
              "lines/event",
              LOWER,
              "Lines of one event's faults minus those of the same event under 'reference', mean."),
          metric(
              "fault.beyond.lines.p50",
              MetricGroup.FAULT,
              "lines beyond the same fault, p50",
              "lines/event",
              LOWER,
              "Lines of one event's faults minus those of the same event under 'reference', p50."),
          metric(
              "fault.beyond.lines.p99",
              MetricGroup.FAULT,
              "lines beyond the same fault, p99",
              "lines/event",
              LOWER,
              "Lines of one event's faults minus those of the same event under 'reference', p99."),
          metric(
              "fault.beyond.lines.max",
              MetricGroup.FAULT,
              "lines beyond the same fault, max",
              "lines/event",
              LOWER,
              "Lines of one event's faults minus those of the same event under 'reference', max."),
          metric(
              "fault.beyond.references.mean",
              MetricGroup.FAULT,
              "references beyond the same fault, mean",
              "references/event",
              LOWER,
              "References of one event's faults minus those of the same event under 'reference', mean."),
          metric(
              "fault.beyond.references.p50",
              MetricGroup.FAULT,
              "references beyond the same fault, p50",
              "references/event",
              LOWER,
              "References of one event's faults minus those of the same event under 'reference', p50."),
          metric(
              "fault.beyond.references.p99",
              MetricGroup.FAULT,
              "references beyond the same fault, p99",
              "references/event",
              LOWER,
              "References of one event's faults minus those of the same event under 'reference', p99."),
          metric(
              "fault.beyond.references.max",
              MetricGroup.FAULT,
              "references beyond the same fault, max",
              "references/event",
              LOWER,
              "References of one event's faults minus those of the same event under 'reference', max."),
          metric(
              "fault.misses.l1.mean",
              MetricGroup.FAULT,
              "L1 misses per fault",
              "misses/fault",
              LOWER,
              "Mean references of one fault that miss the first level of the modelled caches, tracker and MMU together; 0 with --cache off."),
          metric(
              "fault.tracker.misses.l1.mean",
              MetricGroup.FAULT,
              "tracker's L1 misses per fault",
              "misses/fault",
              LOWER,
              "Mean references of the tracker in one fault that miss the first level of the modelled caches; 0 with --cache off."),
          metric(
              "fault.misses.l2.mean",
              MetricGroup.FAULT,
              "L2 misses per fault",
              "misses/fault",
              LOWER,
              "Mean references of one fault that miss the second level of the modelled caches, tracker and MMU together; 0 with --cache off."),
          metric(
              "fault.tracker.misses.l2.mean",
              MetricGroup.FAULT,
              "tracker's L2 misses per fault",
              "misses/fault",
              LOWER,
              "Mean references of the tracker in one fault that miss the second level of the modelled caches; 0 with --cache off."),
          metric(
              "fault.misses.l3.mean",
              MetricGroup.FAULT,
              "L3 misses per fault",
              "misses/fault",
              LOWER,
              "Mean references of one fault that miss every level of the modelled caches, tracker and MMU together; 0 with --cache off."),
          metric(
              "fault.tracker.misses.l3.mean",
              MetricGroup.FAULT,
              "tracker's L3 misses per fault",
              "misses/fault",
              LOWER,
              "Mean references of the tracker in one fault that miss every level of the modelled caches; 0 with --cache off."),
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
              "conversion.references.p50",
              MetricGroup.CONVERSION,
              "tracker's references per call, p50",
              "references/call",
              LOWER,
              "Half of the conversions need no more loads and stores by the tracker."),
          metric(
              "conversion.references.p99",
              MetricGroup.CONVERSION,
              "tracker's references per call, p99",
              "references/call",
              LOWER,
              "99 of 100 conversions need no more loads and stores by the tracker."),
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
              "conversion.lines.perPage",
              MetricGroup.CONVERSION,
              "tracker's lines per page",
              "lines/page",
              LOWER,
              "Lines that the tracker touches in all conversions, per 4K page asked for."),
          metric(
              "conversion.lines.max",
              MetricGroup.CONVERSION,
              "tracker's lines, worst call",
              "lines/call",
              LOWER,
              "The most lines that the tracker touches in one conversion."),
          metric(
              "conversion.allocations",
              MetricGroup.CONVERSION,
              "allocations",
              "allocations",
              LOWER,
              "Arrays and objects allocated during conversions, by tracker and MMU."),
          metric(
              "conversion.allocations.mean",
              MetricGroup.CONVERSION,
              "allocations per call",
              "allocations/call",
              LOWER,
              "Mean arrays and objects allocated in one conversion."),
          metric(
              "conversion.allocations.perPage",
              MetricGroup.CONVERSION,
              "allocations per page",
              "allocations/page",
              LOWER,
              "Arrays and objects allocated in conversions, per 4K page asked for."),
          metric(
              "conversion.seamcalls",
              MetricGroup.CONVERSION,
              "SEAMCALLs",
              "calls",
              LOWER,
              "Calls of the TDX module while attributes change."),
          metric(
              "conversion.seamcalls.mean",
              MetricGroup.CONVERSION,
              "SEAMCALLs per call",
              "calls/call",
              LOWER,
              "Mean calls of the TDX module in one conversion."),
          metric(
              "conversion.kicks",
              MetricGroup.CONVERSION,
              "kicks",
              "rounds",
              LOWER,
              "Rounds in which a conversion forced all vCPUs out of the guest."),
          metric(
              "conversion.misses.l1.mean",
              MetricGroup.CONVERSION,
              "L1 misses per call",
              "misses/call",
              LOWER,
              "Mean references of one conversion that miss the first level of the modelled caches, tracker and machine together; 0 with --cache off."),
          metric(
              "conversion.misses.l2.mean",
              MetricGroup.CONVERSION,
              "L2 misses per call",
              "misses/call",
              LOWER,
              "Mean references of one conversion that miss the second level of the modelled caches, tracker and machine together; 0 with --cache off."),
          metric(
              "conversion.misses.l3.mean",
              MetricGroup.CONVERSION,
              "L3 misses per call",
              "misses/call",
              LOWER,
              "Mean references of one conversion that miss every level of the modelled caches, tracker and machine together; 0 with --cache off."),
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
              "conversion.splits",
              MetricGroup.CONVERSION,
              "splits",
              "splits",
              LOWER,
              "Large leaves that conversions split, because only a part of them changes."),
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
              "large.bytes.4k",
              MetricGroup.LARGE_PAGES,
              "mapped by 4K",
              "B",
              LOWER,
              "Bytes that 4K leaves map at the end."),
          metric(
              "large.bytes.2m",
              MetricGroup.LARGE_PAGES,
              "mapped by 2M",
              "B",
              HIGHER,
              "Bytes that 2M leaves map at the end."),
          metric(
              "large.bytes.1g",
              MetricGroup.LARGE_PAGES,
              "mapped by 1G",
              "B",
              HIGHER,
              "Bytes that 1G leaves map at the end."),
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
              "large.allowed.1g",
              MetricGroup.LARGE_PAGES,
              "1G regions allowed",
              "regions",
              HIGHER,
              "1G regions wholly inside memory that may be mapped at 1G at the end."),
          metric(
              "large.allowed.1g.share",
              MetricGroup.LARGE_PAGES,
              "1G regions kept whole",
              "%",
              HIGHER,
              "Share of the 1G regions wholly inside memory that may be mapped at 1G at the end."),
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
          metric(
              "tdx.accepts",
              MetricGroup.TDX,
              "accepts",
              "calls",
              NEUTRAL,
              "Calls of TDG.MEM.PAGE.ACCEPT by the guest."),
          metric(
              "tdx.inhibits",
              MetricGroup.TDX,
              "blocks inhibited",
              "blocks",
              LOWER,
              "2M blocks that stay small for good because the guest accepted 4K in them."),
          // cost of the design
          metric(
              "design.bits",
              MetricGroup.DESIGN,
              "software bits",
              "bits",
              LOWER,
              "Software bits of the page-table entries that the design takes."),
          metric(
              "design.headerWords",
              MetricGroup.DESIGN,
              "header words",
              "words",
              LOWER,
              "8-byte words of each table's header that the design takes, idle ones included."),
          metric(
              "design.locks",
              MetricGroup.DESIGN,
              "own locks",
              "locks",
              LOWER,
              "Locks that the design makes for itself."),
          metric(
              "design.homes",
              MetricGroup.DESIGN,
              "homes of the state",
              "kinds",
              LOWER,
              "Kinds of place that hold the design's state: memory of its own, entries of page tables, headers of tables, large-page words."),
          metric(
              "design.mmuCalls",
              MetricGroup.DESIGN,
              "calls to page tables",
              "operations",
              LOWER,
              "Operations of the MMU's page tables that the design's code calls, each counted once."),
          metric(
              "design.classes",
              MetricGroup.DESIGN,
              "classes",
              "classes",
              LOWER,
              "Classes that have code of the design."),
          metric(
              "design.methods",
              MetricGroup.DESIGN,
              "methods",
              "methods",
              LOWER,
              "Methods reached from the SPI, those of api.support included, the audit's apart."),
          metric(
              "design.instructions",
              MetricGroup.DESIGN,
              "code size",
              "instructions",
              LOWER,
              "Bytecode instructions of these methods."),
          metric(
              "design.branches",
              MetricGroup.DESIGN,
              "branches",
              "branches",
              LOWER,
              "Conditional jumps and cases of switches in these methods."),
          metric(
              "design.branches.lookUp",
              MetricGroup.DESIGN,
              "branches, look-up",
              "branches",
              LOWER,
              "Branches reached from the questions for attributes and types."),
          metric(
              "design.branches.level",
              MetricGroup.DESIGN,
              "branches, largest page",
              "branches",
              LOWER,
              "Branches reached from the question for the largest page, which a fault asks besides lpage_info."),
          metric(
              "design.branches.conversion",
              MetricGroup.DESIGN,
              "branches, conversion",
              "branches",
              LOWER,
              "Branches reached from the phases of a conversion."),
          metric(
              "design.branches.slots",
              MetricGroup.DESIGN,
              "branches, life of slots",
              "branches",
              LOWER,
              "Branches reached from creation, memslots that come and go, and the end."),
          metric(
              "design.branches.tables",
              MetricGroup.DESIGN,
              "branches, life of page tables",
              "branches",
              LOWER,
              "Branches reached from what the MMU tells of tables and mappings that come and go."),
          metric(
              "design.instructions.level",
              MetricGroup.DESIGN,
              "code size, largest page",
              "instructions",
              LOWER,
              "Instructions reached from the question for the largest page; 0 if lpage_info alone answers it."),
          metric(
              "design.instructions.conversion",
              MetricGroup.DESIGN,
              "code size, conversion",
              "instructions",
              LOWER,
              "Instructions reached from the phases of a conversion."),
          metric(
              "design.support",
              MetricGroup.DESIGN,
              "support code",
              "instructions",
              LOWER,
              "Instructions of these in api.support, where parts stand that many designs need."),
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

  /** The locks of KVM whose holds are measured: word in the id, name, label of their books. */
  public enum Lock {
    /** Serializes changes of memslots and attributes. */
    SLOTS("slots", "slots_lock"),
    /** Held by whoever zaps. */
    MMU_WRITE("mmu.write", "mmu_lock (write)"),
    /** Held by faults. */
    MMU_READ("mmu.read", "mmu_lock (read)");

    private final String id;
    private final String label;

    Lock(String id, String label) {
      this.id = id;
      this.label = label;
    }

    /** Returns its part of the ids. */
    public String id() {
      return id;
    }

    /** Returns the label of its books. */
    public String label() {
      return label;
    }
  }

  /** What times are modelled for: word in the id, and what it is the time of. */
  public enum Timed {
    /** One fault. */
    FAULT("fault.mean", "one fault", "One fault on average: exit, tracker, MMU and TDX module"),
    /** The tracker's references in it. */
    FAULT_TRACKER(
        "fault.tracker.mean",
        "tracker in one fault",
        "The tracker's references in one fault on average"),
    /** One piece of a conversion. */
    CONVERSION(
        "conversion.mean",
        "one conversion",
        "One change of attributes on average, exit to user space included"),
    /** The tracker's references in it. */
    CONVERSION_TRACKER(
        "conversion.tracker.mean",
        "tracker in one conversion",
        "The tracker's references in one change of attributes on average"),
    /** All. */
    TOTAL(
        "total",
        "the whole run",
        "All work of the host from the first memslot to the last event, one thing after the other");

    private final String id;
    private final String label;
    private final String sentence;

    Timed(String id, String label, String sentence) {
      this.id = id;
      this.label = label;
      this.sentence = sentence;
    }

    /** Returns its part of the ids. */
    public String id() {
      return id;
    }
  }

  private static final ImmutableMap<String, Metric> ALL = index();

  private MetricCatalog() {}

  /** What is done while each lock is held, as a distribution over the holds. */
  private static List<Metric> locks() {
    List<Metric> metrics = new ArrayList<>();
    for (Lock lock : Lock.values()) {
      metrics.add(
          metric(
              "locks." + lock.id() + ".acquisitions",
              MetricGroup.LOCKS,
              lock.label() + " taken",
              "times",
              LOWER,
              "How often " + lock.label() + " was taken."));
      for (String work : List.of("references", "seamcalls", "allocations")) {
        // Holds were first measured by references alone, and those ids stay.
        String prefix = "locks." + lock.id() + (work.equals("references") ? "." : "." + work + ".");
        String name = work.equals("seamcalls") ? "SEAMCALLs" : work;
        for (String rank : List.of("p50", "p99", "max")) {
          metrics.add(
              metric(
                  prefix + rank,
                  MetricGroup.LOCKS,
                  "%s under %s, %s".formatted(name, lock.label(), rank),
                  name + "/hold",
                  LOWER,
                  "%s between taking and releasing %s: %s."
                      .formatted(
                          work.equals("references") ? "Loads and stores" : capital(name),
                          lock.label(),
                          rank.equals("p50")
                              ? "half of the holds have no more"
                              : rank.equals("p99")
                                  ? "99 of 100 holds have no more"
                                  : "the worst")));
        }
      }
    }
    return metrics;
  }

  private static String capital(String word) {
    return word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1);
  }

  /** Times by the cost model, each with the ends of its range. */
  private static List<Metric> times() {
    List<Metric> metrics = new ArrayList<>();
    for (Timed timed : Timed.values()) {
      for (String end : List.of("", "low", "high")) {
        metrics.add(
            metric(
                "time." + timed.id() + (end.isEmpty() ? "" : "." + end),
                MetricGroup.TIME,
                "modelled: " + timed.label + (end.isEmpty() ? "" : ", " + end),
                "ns",
                LOWER,
                "%s, modelled and not measured: counts times the constants of the cost model%s."
                    .formatted(
                        timed.sentence,
                        end.isEmpty() ? "" : ", each at the " + end + " end of its range")));
      }
    }
    return metrics;
  }

  private static Metric metric(
      String id,
      MetricGroup group,
      String label,
      String unit,
      Direction direction,
      String sentence) {
    return new Metric(id, group, label, unit, direction, sentence);
  }

  private static ImmutableMap<String, Metric> index() {
    List<Metric> all = new ArrayList<>(WRITTEN);
    all.addAll(locks());
    all.addAll(times());
    all.sort(Comparator.comparing(Metric::group));
    ImmutableMap.Builder<String, Metric> byId = ImmutableMap.builder();
    for (Metric metric : all) {
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
