package dev.broadsheet.benchmarks;

import dev.broadsheet.benchmarks.peers.Contender;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.BenchmarkParams;

/**
 * What a fault handler asks: the attributes of a page, and the largest level at which it may be
 * mapped. Start it with {@code -t 2} for two threads.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class LookupBenchmark {
  static final int OPS = 4096;

  /** A peer's name or a strategy's spec; see {@link Contender#open}. */
  @Param({
    "byte-array",
    "memslot-array",
    "memslot-array[encoding=packed]",
    "flat-bitmap",
    "xarray-lpage-info",
    "xarray-mixed-flag",
    "reference",
    "small-pages-only",
    "bitset",
    "roaring",
    "tree-map",
    "tree-range-map",
    "fastutil",
    "agrona"
  })
  public String contender = "byte-array";

  /** Size of the guest. */
  @Param({"1", "64", "1024"})
  public int gib = 1;

  /** A {@link GuestPattern}, in lower case. */
  @Param({"sequential", "random", "clustered"})
  public String pattern = "sequential";

  /** A {@link GuestContent}, in lower case. */
  @Param({"empty", "private", "guest", "scattered"})
  public String content = "private";

  private Contender subject = Contender.open("byte-array", 1);
  private GuestPattern order = GuestPattern.SEQUENTIAL;
  private long mask;

  /** Makes the guest. */
  @Setup
  public void makeGuest(BenchmarkParams run) {
    subject = Contender.open(contender, gib, run.getThreads() > 1);
    long pages = (long) gib << 18;
    GuestContent.valueOf(content.toUpperCase(Locale.ROOT)).apply(subject, pages);
    order = GuestPattern.valueOf(pattern.toUpperCase(Locale.ROOT));
    mask = pages - 1;
  }

  /** Gives the guest's memory back. */
  @TearDown
  public void close() {
    subject.close();
  }

  /** Where a thread is in its walk. */
  @State(Scope.Thread)
  public static class Walk {
    private long state = System.identityHashCode(this);
  }

  /** The attributes alone: what {@code xa_load()} answers. */
  @Benchmark
  @OperationsPerInvocation(OPS)
  public long attributes(Walk walk) {
    Contender asked = subject;
    GuestPattern pages = order;
    long state = walk.state;
    long sum = 0;
    for (int i = 0; i < OPS; i++) {
      state = pages.next(state);
      sum += asked.attributes(pages.gfn(state, mask));
    }
    walk.state = state;
    return sum;
  }

  /** Attributes and effective level: all that a fault asks. */
  @Benchmark
  @OperationsPerInvocation(OPS)
  public long fault(Walk walk) {
    Contender asked = subject;
    GuestPattern pages = order;
    long state = walk.state;
    long sum = 0;
    for (int i = 0; i < OPS; i++) {
      state = pages.next(state);
      long gfn = pages.gfn(state, mask);
      sum += asked.attributes(gfn) + asked.level(gfn);
    }
    walk.state = state;
    return sum;
  }
}
