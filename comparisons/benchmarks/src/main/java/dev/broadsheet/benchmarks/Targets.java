package dev.broadsheet.benchmarks;

import static dev.broadsheet.benchmarks.Quantity.allocatedBytes;
import static dev.broadsheet.benchmarks.Quantity.elapsed;
import static dev.broadsheet.benchmarks.Quantity.nanos;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Iterables;
import dev.broadsheet.benchmarks.Target.Unit;
import dev.broadsheet.benchmarks.Target.Wanted;
import java.util.List;

/**
 * All targets of speed. The quick profile has the same targets over smaller guests, and leaves out
 * those that mean nothing there.
 *
 * <p>Targets in nanoseconds come from Linux 6.12's own xarray, compiled in user space on a machine
 * like the one that these are run on; each has a ratio to a floor beside it, which is what {@code
 * --check} watches.
 */
final class Targets {
  private static final ImmutableList<String> PEERS =
      ImmutableList.of("bitset", "roaring", "tree-map", "tree-range-map", "fastutil", "agrona");
  private static final double WATCHED = Double.NaN;

  /** Memory that no near cache holds: a byte per page of 64 GiB takes as much. */
  private static final int FAR_KIB = 16384;

  /** Memory that fits the nearest cache. */
  private static final int NEAR_KIB = 32;

  /** How often the scaling to two threads is measured: its target is the median of so many. */
  static final int FORKS_OF_SCALING = 5;

  private static final String SCALING = "fault-two-threads";
  private static final String REPLAY = "replay-";
  private static final String METERED = "replay-metered-";

  private final Profile profile;
  private final String trace;
  private final ImmutableList.Builder<Target> targets = ImmutableList.builder();

  private Targets(Profile profile, String trace) {
    this.profile = profile;
    this.trace = trace;
  }

  /** Returns the targets of a profile, with replays of the bundled boot trace. */
  static ImmutableList<Target> of(Profile profile) {
    return of(profile, "");
  }

  /**
   * Returns the targets of a profile.
   *
   * @param trace name or file of the trace to replay; empty for the boot trace
   */
  static ImmutableList<Target> of(Profile profile, String trace) {
    Targets all = new Targets(profile, trace);
    all.kernelMemory();
    all.lookup();
    all.conversion();
    all.faults();
    all.replays();
    return all.targets.build();
  }

  /** Returns those of some targets that are medians of {@link #FORKS_OF_SCALING} processes. */
  static ImmutableList<Target> ofScaling(List<Target> targets) {
    return targets.stream()
        .filter(target -> target.id().equals(SCALING))
        .collect(ImmutableList.toImmutableList());
  }

  /** Returns whether a target is a plain replay, and {@link ReplayRates} can say more about it. */
  static boolean isReplay(Target target) {
    return target.id().startsWith(REPLAY) && !target.id().startsWith(METERED);
  }

  /**
   * Returns whether a target has a limit, or gives what one is computed from. Of the contents of a
   * guest the one that guests have is enough.
   */
  static boolean isOfTheTable(Target target) {
    return (!Double.isNaN(target.limit()) && !target.id().contains("-scattered-"))
        || isReplay(target);
  }

  private boolean isFull() {
    return profile == Profile.FULL;
  }

  private int largeGuest() {
    return isFull() ? 64 : 1;
  }

  private void kernelMemory() {
    memory("memory-get", "plain u64 get / long[] load", "plainLongGet", "rawLongGet", 1.15);
    memory("memory-get-u8", "plain u8 get / byte[] load", "plainByteGet", "rawByteGet", 1.15);
    memory("memory-node-get", "object word / long[] load", "plainNodeGet", "rawNodeGet", WATCHED);
    memory("memory-set", "plain u64 set / long[] store", "plainLongSet", "rawLongSet", WATCHED);
    memory("memory-metered", "metered get / plain get", "meteredLongGet", "plainLongGet", WATCHED);
  }

  private void memory(String id, String what, String over, String under, double atMost) {
    memory(id, what, over, under, FAR_KIB, "one", atMost);
    if (isFull()) {
      memory(id + "-many", what + ", for many threads", over, under, FAR_KIB, "many", atMost);
      memory(id + "-near", what + ", nearest cache", over, under, NEAR_KIB, "one", WATCHED);
      memory(
          id + "-many-near",
          what + ", for many threads, nearest cache",
          over,
          under,
          NEAR_KIB,
          "many",
          WATCHED);
    }
  }

  private void memory(
      String id, String what, String over, String under, int kib, String threads, double atMost) {
    Subject memory =
        Subject.of("KernelMemoryBenchmark." + over).with("kib", kib).with("threads", threads);
    Subject floor =
        Subject.of("KernelMemoryBenchmark." + under).with("kib", kib).with("threads", "one");
    targets.add(Target.ratio(id, what, nanos(memory), nanos(floor), atMost));
  }

  private static Subject lookup(
      String method, String contender, int gib, String pattern, String content) {
    return Subject.of("LookupBenchmark." + method)
        .with("contender", contender)
        .with("gib", gib)
        .with("pattern", pattern)
        .with("content", content);
  }

  private void lookup() {
    ImmutableList<String> strategies =
        isFull()
            ? ImmutableList.of("memslot-array", "xarray-lpage-info", "xarray-mixed-flag")
            : ImmutableList.of("memslot-array", "xarray-mixed-flag");
    ImmutableList<String> bitmaps =
        isFull()
            ? ImmutableList.of("memslot-array[encoding=packed]", "flat-bitmap")
            : ImmutableList.of();
    ImmutableList<String> contents =
        isFull() ? ImmutableList.of("guest", "scattered") : ImmutableList.of("guest");
    ImmutableList<String> peers = isFull() ? PEERS : ImmutableList.of("bitset", "roaring");
    for (String content : contents) {
      for (String strategy : Iterables.concat(strategies, bitmaps)) {
        targets.add(
            new Target(
                "lookup-peers-" + content + "-" + strategy,
                strategy + " random fault look-up / best peer's, " + content + " content",
                Unit.RATIO,
                nanos(lookup("fault", strategy, largeGuest(), "random", content)),
                peers.stream()
                    .map(peer -> nanos(lookup("fault", peer, largeGuest(), "random", content)))
                    .collect(ImmutableList.toImmutableList()),
                Wanted.AT_MOST,
                1));
      }
    }
    nativeLookup("sequential", "private", 9);
    nativeLookup("random", "private", 113);
    // One after the other, the compiler would take the question out of the loop.
    nativeLookup("random", "empty", 5);
    if (isFull()) {
      for (String strategy : strategies) {
        targets.add(
            Target.ratio(
                "lookup-growth-" + strategy,
                strategy + " sequential look-up at 1 TiB / at 1 GiB",
                nanos(lookup("fault", strategy, 1024, "sequential", "guest")),
                nanos(lookup("fault", strategy, 1, "sequential", "guest")),
                1.5));
      }
    }
  }

  private void nativeLookup(String pattern, String content, double atMostNanos) {
    Quantity measured =
        nanos(lookup("attributes", "xarray-mixed-flag", largeGuest(), pattern, content));
    String id = "lookup-" + content + "-" + pattern;
    String what = "xarray-mixed-flag " + pattern + " look-up, " + content + " content";
    if (isFull()) {
      targets.add(Target.nanos(id + "-ns", what, measured, atMostNanos));
    }
    targets.add(
        Target.ratio(
            id,
            what + " / one byte[] load",
            measured,
            nanos(lookup("attributes", "byte-array", largeGuest(), pattern, content)),
            WATCHED));
  }

  private static Subject convert(String method, String contender, int gib, String shape) {
    return Subject.of("ConvertBenchmark." + method)
        .with("contender", contender)
        .with("gib", gib)
        .with("shape", shape);
  }

  private void conversion() {
    perPage("store", "2m", 33);
    perPage("store", "1g", 33);
    perPage("clear", "1g", 40);
    perPage("again", "1g", 2.8);
    if (isFull()) {
      perPage("clear", "2m", 40);
      perPage("again", "2m", 2.8);
      perPage("store", "whole", 33);
      perPage("clear", "whole", 40);
      perPage("again", "whole", 2.8);
      targets.add(
          Target.nanos(
              "convert-pingpong-ns",
              "xarray-mixed-flag, one page of a full 64 GiB guest out and back",
              nanos(convert("pingPong", "xarray-mixed-flag", 64, "whole")),
              2500));
    }
    targets.add(
        Target.ratio(
                "convert-range-store",
                "D, 1 GiB aligned: store=page / store=range",
                elapsed(convert("store", "xarray-lpage-info", 1, "1g")),
                elapsed(convert("store", "xarray-lpage-info[store=range]", 1, "1g")),
                100)
            .atLeast());
    for (String strategy :
        ImmutableList.of("memslot-array", "xarray-lpage-info", "xarray-mixed-flag")) {
      targets.add(
          Target.bytes(
              "convert-allocated-" + strategy,
              strategy + ", heap allocated by a page's conversion out and back",
              allocatedBytes(convert("pingPong", strategy, 1, "whole")),
              0));
    }
  }

  private void perPage(String method, String shape, double atMostNanos) {
    int gib = isFull() ? 64 : 1;
    double pages = ConvertBenchmark.range(shape, gib).pages();
    Quantity measured = elapsed(convert(method, "xarray-mixed-flag", gib, shape)).per(pages);
    String id = "convert-" + method + "-" + shape;
    String what = "xarray-mixed-flag " + method + " " + shape + ", per page";
    if (isFull()) {
      targets.add(Target.nanos(id + "-ns", what, measured, atMostNanos));
    }
    targets.add(
        Target.ratio(
            id,
            what + " / one insert into a bare radix tree",
            measured,
            elapsed(Subject.of("FaultBenchmark.bareInserts")).per(2),
            WATCHED));
  }

  private static Subject fault(String method, String strategy) {
    return Subject.of("FaultBenchmark." + method).with("kind", "tdx").with("strategy", strategy);
  }

  private void faults() {
    Quantity floor = elapsed(Subject.of("FaultBenchmark.bareInserts"));
    Subject privateFault = fault("privateFaults", "xarray-mixed-flag");
    targets.add(
        Target.ratio(
            "fault-private",
            "full private fault, MMU and TDX module / two bare radix inserts",
            elapsed(privateFault),
            floor,
            3));
    targets.add(
        Target.ratio(
            "fault-shared",
            "full shared fault / two bare radix inserts",
            elapsed(fault("sharedFaults", "xarray-mixed-flag")),
            floor,
            WATCHED));
    targets.add(
        Target.bytes(
            "fault-allocated",
            "heap allocated by a private fault",
            allocatedBytes(privateFault),
            0));
    if (isFull()) {
      Subject parallel =
          fault("parallelFaults", "xarray-mixed-flag").with("concurrency", "threads");
      targets.add(
          Target.ratio(
                  SCALING,
                  "faults per second of two vCPU threads / of one",
                  elapsed(parallel.with("vcpus", 1)),
                  elapsed(parallel.with("vcpus", 2)),
                  1.7)
              .atLeast());
    }
  }

  private void replays() {
    ImmutableList<String> strategies =
        isFull()
            ? ImmutableList.of(
                "memslot-array",
                "xarray-lpage-info",
                "xarray-mixed-flag",
                "reference",
                "small-pages-only")
            : ImmutableList.of("xarray-mixed-flag");
    for (String strategy : strategies) {
      Subject plain = Subject.of("ReplayBenchmark.replay").with("strategy", strategy);
      Subject recording = trace.isEmpty() ? plain : plain.with("trace", trace);
      Subject floor = Subject.of("ReplayBenchmark.bareInserts");
      targets.add(
          Target.ratio(
              REPLAY + strategy,
              strategy + ", whole replay / the accessed pages into two bare radix trees",
              elapsed(recording),
              elapsed(trace.isEmpty() ? floor : floor.with("trace", trace)),
              WATCHED));
      targets.add(
          Target.ratio(
              METERED + strategy,
              strategy + ", metered replay of the boot trace / plain",
              elapsed(plain.with("memory", "metered")),
              elapsed(plain),
              4));
    }
  }
}
