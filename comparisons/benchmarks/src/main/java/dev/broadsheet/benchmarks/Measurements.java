package dev.broadsheet.benchmarks;

import com.google.common.collect.ArrayListMultimap;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ListMultimap;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * What was measured so far. A round measures every subject once, each in a process of its own; the
 * next round goes the other way round, so that a machine that grows busier favours nobody.
 *
 * <p>What a run gives is its fastest iteration, for other work on the machine only ever adds. A
 * figure is computed within a round and never across rounds.
 */
final class Measurements {
  /** The figures of one run of one subject. */
  record Sample(double cpuNanos, double elapsedNanos, double allocatedBytes) {}

  private final Profile profile;
  private final ListMultimap<Subject, Sample> samples = ArrayListMultimap.create();
  private final Set<Subject> order = new LinkedHashSet<>();

  Measurements(Profile profile) {
    this.profile = profile;
  }

  /** Measures all that some targets need, several times. */
  void rounds(Collection<Target> targets, int rounds) throws RunnerException {
    ImmutableSet<Subject> subjects =
        targets.stream()
            .flatMap(target -> target.quantities().stream())
            .map(Quantity::subject)
            .collect(ImmutableSet.toImmutableSet());
    order.addAll(subjects);
    for (int round = 0; round < rounds; round++) {
      List<Subject> turn = new ArrayList<>(subjects);
      if (round % 2 == 1) {
        Collections.reverse(turn);
      }
      int done = 0;
      for (Subject subject : turn) {
        Sample sample = run(subject);
        samples.put(subject, sample);
        System.out.printf(
            "# round %d/%d, %d/%d: %s: %.2f ns of CPU, %.2f ns elapsed, %.3f B allocated%n",
            round + 1,
            rounds,
            ++done,
            turn.size(),
            subject,
            sample.cpuNanos(),
            sample.elapsedNanos(),
            sample.allocatedBytes());
      }
    }
  }

  private Sample run(Subject subject) throws RunnerException {
    ChainedOptionsBuilder options =
        profile
            .apply(new OptionsBuilder().include(subject.include()))
            .threads(subject.threads())
            .shouldFailOnError(true)
            .verbosity(VerboseMode.SILENT)
            .addProfiler(GCProfiler.class)
            .addProfiler(CpuTimeProfiler.class);
    subject.params().forEach(options::param);
    RunResult result = new Runner(options.build()).runSingle();
    Collection<IterationResult> iterations =
        result.getBenchmarkResults().iterator().next().getIterationResults();
    Result<?> allocated = result.getSecondaryResults().get("gc.alloc.rate.norm");
    return new Sample(
        least(iterations, iteration -> iteration.getSecondaryResults().get(CpuTimeProfiler.RESULT)),
        least(iterations, IterationResult::getPrimaryResult) / subject.threads(),
        allocated == null ? Double.NaN : allocated.getScore());
  }

  private static double least(
      Collection<IterationResult> iterations, Function<IterationResult, Result<?>> figure) {
    return iterations.stream()
        .mapToDouble(iteration -> figure.apply(iteration).getScore())
        .min()
        .orElseThrow();
  }

  /** Returns the subjects in the order in which they were first asked for. */
  Set<Subject> subjects() {
    return Collections.unmodifiableSet(order);
  }

  /** Returns what runs of a subject gave, oldest first. */
  List<Sample> samples(Subject subject) {
    return Collections.unmodifiableList(samples.get(subject));
  }

  /** Returns the figure of a target in each round, sorted. */
  ImmutableList<Double> figures(Target target) {
    int rounds =
        target.quantities().stream()
            .mapToInt(quantity -> samples.get(quantity.subject()).size())
            .min()
            .orElseThrow();
    return IntStream.range(0, rounds)
        .mapToObj(round -> target.figure(quantity -> value(quantity, round)))
        .sorted()
        .collect(ImmutableList.toImmutableList());
  }

  /** Returns the median of a quantity alone over the rounds. */
  double median(Quantity quantity) {
    ImmutableList<Double> values =
        IntStream.range(0, samples.get(quantity.subject()).size())
            .mapToObj(round -> value(quantity, round))
            .sorted()
            .collect(ImmutableList.toImmutableList());
    return values.get(values.size() / 2);
  }

  /** Returns the median of {@link #figures}. */
  double median(Target target) {
    ImmutableList<Double> figures = figures(target);
    return figures.get(figures.size() / 2);
  }

  private double value(Quantity quantity, int round) {
    Sample sample = samples.get(quantity.subject()).get(round);
    double figure =
        switch (quantity.metric()) {
          case CPU_NANOS -> sample.cpuNanos();
          case ELAPSED_NANOS -> sample.elapsedNanos();
          case ALLOCATED_BYTES -> sample.allocatedBytes();
        };
    return figure / quantity.per();
  }
}
