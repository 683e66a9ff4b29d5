package dev.broadsheet.lab.report;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;

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
 * @param strategies results, in the order of the run
 */
public record ReportModel(
    Provenance provenance,
    TraceFacts trace,
    boolean passed,
    ImmutableList<String> verdict,
    ImmutableList<Answer> answers,
    ImmutableList<StrategyResult> strategies) {
  /**
   * Where the numbers come from.
   *
   * @param command the command that runs this input alone
   * @param traceName the name in the trace's header
   * @param traceSha256 of the trace's bytes
   * @param machine knobs of the virtual machine, all of them
   * @param slots memslots as the VMM creates them
   */
  public record Provenance(
      String command,
      String traceName,
      String traceSha256,
      ImmutableMap<String, String> machine,
      ImmutableList<SlotFacts> slots) {}

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
   * @param counters the MMU's and machine's own counts
   * @param seamcalls calls of the TDX module by leaf
   * @param gauges inner figures of the tracker
   * @param events what became of each kind of event line
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
      ImmutableMap<String, Long> counters,
      ImmutableMap<String, Long> seamcalls,
      ImmutableMap<String, Long> gauges,
      ImmutableMap<String, Long> events,
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

  /** Work of one kind of operation on one account. */
  public record OperationRow(
      String operation,
      String account,
      long count,
      long loads,
      long stores,
      long lines,
      SpreadRow referencesEach,
      SpreadRow linesEach,
      long allocations) {}

  /** Work between taking and releasing the locks of one label. */
  public record LockRow(String label, long acquisitions, SpreadRow referencesEach) {}

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

  /** Returns the strategies that ran to their end. */
  public ImmutableList<StrategyResult> ran() {
    return strategies.stream()
        .filter(strategy -> strategy.failure().isEmpty())
        .collect(ImmutableList.toImmutableList());
  }
}
