package dev.broadsheet.lab.report;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.broadsheet.lab.cost.CostConstant;

/**
 * Everything that a comparison found on one input, a trace or a workload; a {@link Report} holds
 * one for each.
 *
 * <p>Holds no clock, no machine name and no path but the trace's: the same inputs give the same
 * bytes.
 *
 * @param provenance the input, the machine, the command that repeats this input alone
 * @param trace what the trace holds
 * @param passed whether every answer, audit and run was right
 * @param verdict plain sentences, the most important first
 * @param answers which strategy to choose for what, at what price
 * @param costs the constants of the cost model
 * @param strategies results, in the order of the run
 * @param calibration published figures of the guest that the input imitates; empty for any other
 */
public record ReportModel(
    Provenance provenance,
    TraceFacts trace,
    boolean passed,
    ImmutableList<String> verdict,
    ImmutableList<Answer> answers,
    ImmutableList<CostRow> costs,
    ImmutableList<StrategyResult> strategies,
    ImmutableList<CalibrationRow> calibration) {
  /**
   * Where the numbers come from.
   *
   * @param command the command that runs this input alone
   * @param traceName the name in the trace's header
   * @param traceSha256 of the trace's bytes
   * @param machine knobs of the virtual machine, all of them
   * @param overlap which events happened at the same time, as {@code --overlap} spells it
   * @param caches the modelled caches, as {@code --cache} spells them, or "off"
   * @param slots memslots as the VMM creates them
   */
  public record Provenance(
      String command,
      String traceName,
      String traceSha256,
      ImmutableMap<String, String> machine,
      String overlap,
      String caches,
      ImmutableList<SlotFacts> slots) {}

  /**
   * A constant of the cost model, in nanoseconds; see {@link CostConstant}.
   *
   * @param key as {@code --cost} spells it
   */
  public record CostRow(
      String key, String what, double nanos, double low, double high, String origin) {
    /** Returns the row of a constant. */
    public static CostRow of(CostConstant constant) {
      return new CostRow(
          constant.key(),
          constant.what(),
          constant.nanos(),
          constant.low(),
          constant.high(),
          constant.origin());
    }
  }

  /**
   * A memslot as the VMM creates it.
   *
   * @param id number
   * @param gpa first address, in hex
   * @param bytes size
   * @param purpose what it is for
   */
  public record SlotFacts(int id, String gpa, long bytes, String purpose) {}

  /**
   * What the trace holds.
   *
   * @param name name in the header
   * @param kind td or vm
   * @param scenario what happens, in the recorder's words
   * @param kernel the guest's kernel
   * @param ramBytes declared RAM
   * @param vcpus number of virtual CPUs
   * @param events number of event lines
   * @param lines event lines by letter, all letters
   * @param conversions MapGPA calls by where they fall
   * @param touchedPages distinct 4K pages touched
   * @param touchedRegions distinct 2M regions touched
   * @param everMixedRegions 2M regions that were mixed at some time
   * @param mixedAtEnd 2M regions that are mixed at the end
   * @param marks named moments by event number
   */
  public record TraceFacts(
      String name,
      String kind,
      String scenario,
      String kernel,
      long ramBytes,
      int vcpus,
      long events,
      ImmutableMap<String, Long> lines,
      ImmutableMap<String, Long> conversions,
      long touchedPages,
      long touchedRegions,
      long everMixedRegions,
      long mixedAtEnd,
      ImmutableList<MarkFacts> marks) {}

  /** A named moment of the trace. */
  public record MarkFacts(String name, long event) {}

  /**
   * One answer of the first page.
   *
   * @param question such as "Least memory"
   * @param metric id of the metric that decides
   * @param winners specs of the best strategies, bounds left out
   * @param value the best value, for people
   * @param price what the best one pays elsewhere, in one sentence
   */
  public record Answer(
      String question, String metric, ImmutableList<String> winners, String value, String price) {}

  /**
   * What one strategy did.
   *
   * @param spec id and options, the key
   * @param id id alone
   * @param title in a few words
   * @param sentence in one sentence
   * @param source where the design comes from
   * @param aliases such as the letters of 2022
   * @param bound whether it is a bound and not a candidate
   * @param failure empty, or why the run stopped; then there are no numbers
   * @param metrics metric id to value, every metric of the catalog
   * @param footprint kernel memory by label
   * @param operations references and lines by kind of operation
   * @param locks work under each lock
   * @param conversionSizes what MapGPA calls cost by their size
   * @param work what was counted in each kind of operation, and what the cost model makes of it
   * @param counters the MMU's and machine's own counts
   * @param seamcalls calls of the TDX module by leaf
   * @param gauges inner figures of the tracker
   * @param events what became of each kind of event line
   * @param code size of the strategy's code, by concern and by Java package
   * @param check what the oracle and the audit said
   * @param curve samples over the run, columns of equal length, as {@code CurveRecorder} names them
   * @param mosaic pictures of the address space
   */
  public record StrategyResult(
      String spec,
      String id,
      String title,
      String sentence,
      String source,
      ImmutableList<String> aliases,
      boolean bound,
      String failure,
      ImmutableMap<String, Number> metrics,
      ImmutableList<FootprintRow> footprint,
      ImmutableList<OperationRow> operations,
      ImmutableList<LockRow> locks,
      ImmutableList<SizeRow> conversionSizes,
      ImmutableList<WorkRow> work,
      ImmutableMap<String, Long> counters,
      ImmutableMap<String, Long> seamcalls,
      ImmutableMap<String, Long> gauges,
      ImmutableMap<String, Long> events,
      ImmutableList<CodeRow> code,
      Check check,
      ImmutableMap<String, ImmutableList<Long>> curve,
      Mosaic mosaic) {
    /** Returns a metric's value. */
    public Number metric(String metricId) {
      Number value = metrics.get(metricId);
      if (value == null) {
        throw new IllegalArgumentException("no value for metric '" + metricId + "'");
      }
      return value;
    }
  }

  /**
   * Size of a part of a strategy's code.
   *
   * @param by "concern" or "package"
   * @param part which one
   */
  public record CodeRow(
      String by, String part, long classes, long methods, long branches, long instructions) {}

  /** Kernel memory under one label, in bytes, and how many arrays and objects there are. */
  public record FootprintRow(
      String label,
      String owner,
      long bytes,
      long peakBytes,
      long roundedBytes,
      long peakRoundedBytes,
      long live,
      long allocations) {}

  /** A distribution over operations, by nearest rank. */
  public record SpreadRow(long sum, long p50, long p99, long max) {}

  /**
   * Work of one kind of operation on one account.
   *
   * @param operation such as "fault"
   * @param account all (the kernel's, that is tracker and machine), tracker, machine, or module:
   *     what the TDX module touched of its own memory
   * @param count operations
   * @param loads loads
   * @param stores stores
   * @param lines distinct 64-byte lines, added up
   * @param referencesEach loads and stores of one operation
   * @param linesEach distinct lines of one operation
   * @param linesCounted number of operations by the number of their lines
   * @param misses references that missed each level of the modelled caches, nearest first
   * @param allocations arrays and objects allocated; 0 but on account "all"
   * @param allocationsEach allocations of one operation
   * @param seamcallsEach SEAMCALLs of one operation
   */
  public record OperationRow(
      String operation,
      String account,
      long count,
      long loads,
      long stores,
      long lines,
      SpreadRow referencesEach,
      SpreadRow linesEach,
      ImmutableMap<Long, Long> linesCounted,
      ImmutableList<Long> misses,
      long allocations,
      SpreadRow allocationsEach,
      SpreadRow seamcallsEach) {}

  /** Work between taking and releasing the locks of one label. */
  public record LockRow(
      String label,
      long acquisitions,
      SpreadRow referencesEach,
      SpreadRow seamcallsEach,
      SpreadRow allocationsEach) {}

  /**
   * MapGPA calls of one class of sizes, added up.
   *
   * @param fromPages smallest size of the class in pages, a power of two; it ends before the next
   * @param calls MapGPA calls
   * @param pages pages that they asked for
   * @param trackerReferences loads and stores by the tracker
   * @param trackerLines lines that the tracker touched, distinct within each piece
   * @param machineReferences loads and stores by MMU and large-page words
   * @param allocations arrays and objects allocated
   * @param seamcalls SEAMCALLs
   * @param zaps mappings taken away
   */
  public record SizeRow(
      long fromPages,
      long calls,
      long pages,
      long trackerReferences,
      long trackerLines,
      long machineReferences,
      long allocations,
      long seamcalls,
      long zaps) {}

  /**
   * Something counted in one kind of operation, and its modelled time.
   *
   * @param operation such as "fault"
   * @param cost key of the constant
   * @param count how often
   * @param nanos count times the constant
   */
  public record WorkRow(String operation, String cost, long count, double nanos) {}

  /**
   * What the oracle and the audit said.
   *
   * @param comparisons answers compared
   * @param differences answers that differ
   * @param firstDifference the first one in words, or empty
   * @param misses uniform blocks that are not allowed large at the end (rule R4)
   * @param missesDeclared whether a declared policy excuses them
   * @param audit "passed" or what it found
   */
  public record Check(
      long comparisons,
      long differences,
      String firstDifference,
      long misses,
      boolean missesDeclared,
      String audit) {}

  /**
   * Pictures of the address space over the run.
   *
   * @param event number of events done at each frame
   * @param frames for each frame the 2M regions of the slots in order: a letter, then how many in a
   *     row; a to d private, e to h shared, i to l mixed; each four: not mapped, 4K, 2M, inside 1G
   */
  public record Mosaic(ImmutableList<Long> event, ImmutableList<String> frames) {}

  /**
   * A published figure beside what the model gives.
   *
   * @param figure what was counted
   * @param published the figure as it was published
   * @param role "input", "fitted" or "predicted": what it is to the workload
   * @param measured what came out here
   * @param difference how far apart they are, in words
   * @param note source, and what to think of it
   */
  public record CalibrationRow(
      String figure,
      String published,
      String role,
      String measured,
      String difference,
      String note) {}

  /** Returns the same with published figures beside it. */
  public ReportModel withCalibration(ImmutableList<CalibrationRow> rows) {
    return new ReportModel(provenance, trace, passed, verdict, answers, costs, strategies, rows);
  }

  /** Returns the strategies that ran to their end. */
  public ImmutableList<StrategyResult> ran() {
    return strategies.stream()
        .filter(strategy -> strategy.failure().isEmpty())
        .collect(ImmutableList.toImmutableList());
  }
}
