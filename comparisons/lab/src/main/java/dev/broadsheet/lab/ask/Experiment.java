package dev.broadsheet.lab.ask;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.api.StrategyOption;
import dev.broadsheet.core.strategy.ConfiguredStrategy;
import dev.broadsheet.core.strategy.StrategyRegistry;
import dev.broadsheet.core.vm.VmSpec;
import dev.broadsheet.lab.runner.Comparison;
import dev.broadsheet.lab.runner.MeteredMachine;
import dev.broadsheet.lab.workload.Values;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** What one run of an experiment is given. */
final class Experiment {
  private final Values values;
  private final StrategyRegistry registry;
  private final ImmutableList<ConfiguredStrategy> strategies;
  private final int threads;
  private final StepListener listener;

  /** Measures one cell of a table. */
  @FunctionalInterface
  interface Measurement<T, R> {
    /** Returns what was found. */
    R of(T cell) throws IOException;
  }

  Experiment(
      Values values,
      StrategyRegistry registry,
      ImmutableList<ConfiguredStrategy> strategies,
      int threads,
      StepListener listener) {
    this.values = values;
    this.registry = registry;
    this.strategies = strategies;
    this.threads = threads;
    this.listener = listener;
  }

  /** Returns a parameter that is a number. */
  long number(String parameter) {
    return values.number(parameter);
  }

  /** Returns whether a parameter is {@code yes}. */
  boolean yes(String parameter) {
    return values.yes(parameter);
  }

  /** Returns the designs to measure: candidates, then bounds. */
  ImmutableList<ConfiguredStrategy> strategies() {
    return strategies;
  }

  /** Returns the designs to measure without the bounds. */
  ImmutableList<ConfiguredStrategy> candidates() {
    return strategies.stream()
        .filter(strategy -> !Comparison.isBound(strategy))
        .collect(ImmutableList.toImmutableList());
  }

  /**
   * Returns each design to measure, and each of those without options in every other spelling, but
   * for options that are deliberate defects.
   */
  List<ConfiguredStrategy> variants() {
    List<ConfiguredStrategy> variants = new ArrayList<>();
    for (ConfiguredStrategy strategy : strategies) {
      variants.add(strategy);
      if (strategy.spec().options().isEmpty()) {
        spellings(strategy.strategy().id(), strategy.strategy().options(), 0, "")
            .forEach(spec -> variants.add(registry.configure(spec)));
      }
    }
    return variants;
  }

  /** Options at their defaults are not spelled; the spelling without any is left out. */
  private static List<String> spellings(
      String id, List<StrategyOption> options, int from, String given) {
    if (from == options.size()) {
      return given.isEmpty() ? List.of() : List.of(id + "[" + given + "]");
    }
    StrategyOption option = options.get(from);
    List<String> spellings = new ArrayList<>(spellings(id, options, from + 1, given));
    for (String value : option.values()) {
      if (!value.equals(option.defaultValue()) && !option.name().equals("defect")) {
        String next = option.name() + "=" + value;
        spellings.addAll(
            spellings(id, options, from + 1, given.isEmpty() ? next : given + "," + next));
      }
    }
    return spellings;
  }

  /**
   * Returns the one design under which a policy of the machine is measured: what Linux runs, if it
   * takes part, else the first.
   */
  ConfiguredStrategy incumbent() {
    return strategies.stream()
        .filter(strategy -> strategy.toString().equals("xarray-mixed-flag"))
        .findFirst()
        .orElse(strategies.get(0));
  }

  /** Returns how the designs are spelled that an experiment measures. */
  ImmutableList<String> measured(Question.Designs designs) {
    return switch (designs) {
      case ALL ->
          strategies.stream()
              .map(ConfiguredStrategy::toString)
              .collect(ImmutableList.toImmutableList());
      case INCUMBENT -> ImmutableList.of(incumbent().toString());
      case NONE -> ImmutableList.of();
    };
  }

  /** Reads the spelling of a design. */
  ConfiguredStrategy configure(String spec) {
    return registry.configure(spec);
  }

  /** Creates a machine with knobs as on the command line. */
  MeteredMachine machine(ConfiguredStrategy strategy, String knobs) {
    return MeteredMachine.create(strategy, registry, VmSpec.parse(knobs));
  }

  StrategyRegistry registry() {
    return registry;
  }

  /**
   * Measures cells, several at a time; the results are in the order of the cells and do not depend
   * on how many.
   */
  <T, R> List<R> each(List<T> cells, Function<T, String> name, Measurement<T, R> measurement)
      throws IOException {
    ExecutorService pool =
        Executors.newFixedThreadPool(
            Math.max(1, Math.min(threads, cells.size())),
            task -> {
              Thread thread = new Thread(task, "broadsheet-ask");
              thread.setDaemon(true);
              return thread;
            });
    AtomicInteger done = new AtomicInteger();
    try {
      List<Future<R>> futures = new ArrayList<>();
      for (T cell : cells) {
        Callable<R> task =
            () -> {
              R result = measurement.of(cell);
              listener.done(done.incrementAndGet(), cells.size(), name.apply(cell));
              return result;
            };
        futures.add(pool.submit(task));
      }
      List<R> results = new ArrayList<>();
      for (Future<R> future : futures) {
        results.add(future.get());
      }
      return results;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the experiment was interrupted", e);
    } catch (ExecutionException e) {
      throw Comparison.unwrapped(e);
    } finally {
      List<Runnable> waiting = pool.shutdownNow();
      assert waiting.size() <= cells.size();
    }
  }
}
