package dev.broadsheet.lab.runner;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import dev.broadsheet.core.strategy.ConfiguredStrategy;
import dev.broadsheet.core.strategy.StrategyRegistry;
import dev.broadsheet.core.vm.VmKnob;
import dev.broadsheet.core.vm.VmSpec;
import dev.broadsheet.lab.complexity.DesignCost;
import dev.broadsheet.lab.report.ReportModel;
import dev.broadsheet.lab.report.ReportModel.Answer;
import dev.broadsheet.lab.report.ReportModel.CostRow;
import dev.broadsheet.lab.report.ReportModel.MarkFacts;
import dev.broadsheet.lab.report.ReportModel.Provenance;
import dev.broadsheet.lab.report.ReportModel.SlotFacts;
import dev.broadsheet.lab.report.ReportModel.StrategyResult;
import dev.broadsheet.lab.report.ReportModel.TraceFacts;
import dev.broadsheet.lab.trace.EventKind;
import dev.broadsheet.lab.trace.GuestKind;
import dev.broadsheet.lab.trace.Trace;
import dev.broadsheet.lab.trace.TraceHeader;
import dev.broadsheet.lab.trace.TraceScan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/** Strategies side by side on one trace. */
public final class Comparison {
  /**
   * The strategy whose run differences are taken from; it runs unlisted when nobody asked for it.
   */
  private static final String REFERENCE = "reference";

  /** The machine that a recorded TD runs on, unless the user says otherwise. */
  private static final String TD_MACHINE = "kind=tdx";

  /** The machine that an ordinary guest runs on. */
  private static final String PLAIN_MACHINE = "kind=plain";

  /** Strategies that are bounds and not candidates. */
  private static final List<String> BOUNDS = List.of(REFERENCE, "small-pages-only");

  private final Trace trace;
  private final TraceScan scan;
  private final StrategyRegistry registry;
  private final ImmutableList<ConfiguredStrategy> strategies;

  /** What runs: the strategies, and behind them the reference if it is not one of them. */
  private final ImmutableList<ConfiguredStrategy> running;

  private final VmSpec spec;
  private final ImmutableList<VmmSlots.Slot> slots;
  private final RunOptions options;
  private final String command;
  private final String name;

  private Comparison(
      String name,
      Trace trace,
      TraceScan scan,
      StrategyRegistry registry,
      List<ConfiguredStrategy> strategies,
      VmSpec spec,
      RunOptions options,
      String command) {
    this.name = name;
    this.trace = trace;
    this.scan = scan;
    this.registry = registry;
    this.strategies = ImmutableList.copyOf(strategies);
    this.running = withReference(registry, strategies);
    this.spec = spec;
    this.slots = VmmSlots.of(scan.header());
    this.options = options;
    this.command = command;
  }

  /** As {@link #prepare(Trace, StrategyRegistry, List, String, RunOptions, String)}, by default. */
  public static Comparison prepare(
      Trace trace,
      StrategyRegistry registry,
      List<ConfiguredStrategy> strategies,
      String knobs,
      String command)
      throws IOException {
    return prepare(trace, registry, strategies, knobs, RunOptions.defaults(), command);
  }

  /**
   * Reads the trace once, to its end, and fits the machine to it.
   *
   * @param knobs of the machine, as the user gave them
   * @param options how to run and count
   * @param command how the report says that it can be repeated
   * @throws IOException if the trace is malformed or cannot be read
   * @throws IllegalArgumentException if a knob is unknown
   */
  public static Comparison prepare(
      Trace trace,
      StrategyRegistry registry,
      List<ConfiguredStrategy> strategies,
      String knobs,
      RunOptions options,
      String command)
      throws IOException {
    TraceScan scan = TraceScan.of(trace);
    VmSpec fitted =
        VmSpec.defaults()
            .with("vcpus", Integer.toString(scan.header().vcpus()))
            .with(scan.header().kind() == GuestKind.TD ? TD_MACHINE : PLAIN_MACHINE)
            .with(knobs);
    return new Comparison(
        scan.header().name(), trace, scan, registry, strategies, fitted, options, command);
  }

  /** Returns the default order: candidates by id, then bounds. */
  public static ImmutableList<ConfiguredStrategy> all(StrategyRegistry registry) {
    List<String> ids = new ArrayList<>();
    registry.all().forEach(strategy -> ids.add(strategy.id()));
    ids.removeAll(BOUNDS);
    for (String bound : BOUNDS) {
      if (registry.all().stream().anyMatch(strategy -> strategy.id().equals(bound))) {
        ids.add(bound);
      }
    }
    return ids.stream().map(registry::configure).collect(ImmutableList.toImmutableList());
  }

  private static ImmutableList<ConfiguredStrategy> withReference(
      StrategyRegistry registry, List<ConfiguredStrategy> strategies) {
    boolean takesPart =
        strategies.stream().anyMatch(strategy -> strategy.toString().equals(REFERENCE));
    boolean known = registry.all().stream().anyMatch(strategy -> strategy.id().equals(REFERENCE));
    ImmutableList.Builder<ConfiguredStrategy> running = ImmutableList.builder();
    running.addAll(strategies);
    if (known && !takesPart) {
      running.add(registry.configure(REFERENCE));
    }
    return running.build();
  }

  /** Returns the number of events that all runs together will replay. */
  public long totalEvents() {
    return scan.events() * running.size();
  }

  /** Returns the name of the input: as its header gives it, unless another was given. */
  public String name() {
    return name;
  }

  /** Returns the same under another name, for inputs whose headers give the same one. */
  Comparison named(String other) {
    return new Comparison(other, trace, scan, registry, strategies, spec, options, command);
  }

  /** Returns what the trace holds. */
  public TraceScan scan() {
    return scan;
  }

  /**
   * Runs every strategy, several at a time; results do not depend on how many.
   *
   * @throws IOException if the trace cannot be read any more
   */
  public ReportModel run(int threads, Progress progress) throws IOException {
    ThreadFactory daemons =
        task -> {
          Thread thread = new Thread(task, "broadsheet-run");
          thread.setDaemon(true);
          return thread;
        };
    ExecutorService pool = Executors.newFixedThreadPool(Math.max(1, threads), daemons);
    try {
      List<Future<Run>> futures = new ArrayList<>();
      for (ConfiguredStrategy strategy : running) {
        futures.add(pool.submit(() -> runOne(strategy, progress)));
      }
      List<Run> runs = new ArrayList<>();
      for (Future<Run> future : futures) {
        runs.add(future.get());
      }
      return model(runs);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the comparison was interrupted", e);
    } catch (ExecutionException e) {
      throw unwrapped(e);
    } finally {
      List<Runnable> waiting = pool.shutdownNow();
      assert waiting.size() <= running.size();
    }
  }

  /** Returns or throws what a task of a run broke off with. */
  public static IOException unwrapped(ExecutionException e) {
    Throwable cause = e.getCause();
    if (cause instanceof IOException io) {
      return io;
    }
    if (cause instanceof OutOfMemoryError) {
      throw new IllegalArgumentException(
          "The machine does not fit into the Java heap; give more with JAVA_OPTS=-Xmx8g, or fewer"
              + " strategies.",
          cause);
    }
    if (cause instanceof RuntimeException runtime) {
      throw runtime;
    }
    throw new IllegalStateException(cause);
  }

  private record Run(
      ConfiguredStrategy strategy,
      StrategyRun.@Nullable Outcome outcome,
      @Nullable DesignCost design,
      String failure) {}

  private Run runOne(ConfiguredStrategy strategy, Progress progress) {
    try {
      StrategyRun.Outcome outcome =
          StrategyRun.of(strategy, registry, spec, slots, trace, scan, options, progress);
      boolean right =
          outcome.check().differences() == 0 && outcome.check().audit().equals("passed");
      progress.finished(strategy.toString(), right ? "all answers right" : "WRONG ANSWERS");
      return new Run(strategy, outcome, DesignCost.of(strategy, registry::configure), "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (IllegalStateException | IndexOutOfBoundsException | KernelOutOfMemoryException e) {
      progress.failed(strategy.toString(), e);
      return new Run(strategy, null, null, String.valueOf(e.getMessage()));
    }
  }

  private ReportModel model(List<Run> runs) {
    StrategyRun.Outcome reference = null;
    for (Run run : runs) {
      if (run.strategy().toString().equals(REFERENCE)) {
        reference = run.outcome();
      }
    }
    List<StrategyResult> results = new ArrayList<>();
    for (Run run : runs.subList(0, strategies.size())) {
      results.add(
          Results.of(
              run.strategy(),
              isBound(run.strategy()),
              run.outcome(),
              run.design(),
              run.failure(),
              reference,
              options.costs()));
    }
    boolean passed =
        results.stream()
            .allMatch(
                result ->
                    result.failure().isEmpty()
                        && result.check().differences() == 0
                        && result.check().audit().equals("passed"));
    Verdict verdict = new Verdict(scan, results, passed);
    ImmutableList<String> sentences = verdict.sentences();
    ImmutableList<Answer> answers = verdict.answers();
    return new ReportModel(
        provenance(),
        traceFacts(),
        passed,
        sentences,
        answers,
        options.costs().constants().stream()
            .map(CostRow::of)
            .collect(ImmutableList.toImmutableList()),
        ImmutableList.copyOf(results),
        ImmutableList.of());
  }

  /** Returns whether a strategy, as it is spelled, is a bound that competes for nothing. */
  public static boolean isBound(String strategy) {
    return BOUNDS.contains(strategy);
  }

  /** Returns whether a strategy is a bound that competes for nothing. */
  public static boolean isBound(ConfiguredStrategy strategy) {
    return BOUNDS.contains(strategy.strategy().id());
  }

  private Provenance provenance() {
    ImmutableMap.Builder<String, String> machine = ImmutableMap.builder();
    for (VmKnob knob : VmSpec.knobs()) {
      machine.put(knob.name(), spec.value(knob.name()));
    }
    return new Provenance(
        command,
        scan.header().name(),
        scan.sha256(),
        machine.buildOrThrow(),
        options.overlap().toString(),
        CacheOption.format(options.caches()),
        slots.stream()
            .map(
                slot ->
                    new SlotFacts(
                        slot.id(), Long.toHexString(slot.gpa()), slot.bytes(), slot.purpose()))
            .collect(ImmutableList.toImmutableList()));
  }

  /** What the guest was given, which includes what it sees as holes. */
  private static long ramBytes(TraceHeader header) {
    String mib = header.keys().getOrDefault("guest-memory-mib", "");
    return mib.matches("[0-9]{1,9}") ? Long.parseLong(mib) << 20 : header.ramBytes();
  }

  private TraceFacts traceFacts() {
    TraceHeader header = scan.header();
    ImmutableMap.Builder<String, Long> lines = ImmutableMap.builder();
    for (Map.Entry<EventKind, Long> entry : scan.counts().entrySet()) {
      lines.put(String.valueOf(entry.getKey().letter()), entry.getValue());
    }
    TraceScan.Conversions conversions = scan.conversions();
    return new TraceFacts(
        name,
        header.kind().label(),
        header.keys().getOrDefault("scenario", ""),
        header.keys().getOrDefault("kernel", ""),
        ramBytes(header),
        header.vcpus(),
        scan.events(),
        lines.buildOrThrow(),
        ImmutableMap.of(
            "inside",
            conversions.inside(),
            "outside",
            conversions.outside(),
            "partly",
            conversions.partly()),
        scan.touchedPages(),
        scan.touchedRegions(),
        conversions.everMixedRegions(),
        conversions.mixedAtEnd(),
        scan.marks().stream()
            .map(mark -> new MarkFacts(mark.name(), mark.event()))
            .collect(ImmutableList.toImmutableList()));
  }
}
