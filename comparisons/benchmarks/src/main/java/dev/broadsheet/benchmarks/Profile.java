package dev.broadsheet.benchmarks;

import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** How large the guests are and how long each measurement takes. */
enum Profile {
  /** Small guests, one round: shows that all runs, and finds gross regressions. */
  QUICK(1, 2, 150, 3, 150, "-Xmx1g"),
  /** The guests of the targets. */
  FULL(5, 4, 500, 4, 500, "-Xmx12g");

  private final int rounds;
  private final int warmups;
  private final int warmupMillis;
  private final int iterations;
  private final int iterationMillis;
  private final String heap;

  Profile(
      int rounds, int warmups, int warmupMillis, int iterations, int iterationMillis, String heap) {
    this.rounds = rounds;
    this.warmups = warmups;
    this.warmupMillis = warmupMillis;
    this.iterations = iterations;
    this.iterationMillis = iterationMillis;
    this.heap = heap;
  }

  /** Returns how often everything is measured unless told. */
  int rounds() {
    return rounds;
  }

  /** Returns the key of this profile's figures in {@code ratios.json}. */
  String key() {
    return this == QUICK ? "quick" : "full";
  }

  /** Sets the times of one measurement, in a process of its own. */
  ChainedOptionsBuilder apply(ChainedOptionsBuilder options) {
    return options
        .forks(1)
        .warmupIterations(warmups)
        .warmupTime(TimeValue.milliseconds(warmupMillis))
        .measurementIterations(iterations)
        .measurementTime(TimeValue.milliseconds(iterationMillis))
        .jvmArgs(heap, "-Xms1g")
        .jvmArgsAppend(HugePages.jvmArgs());
  }
}
