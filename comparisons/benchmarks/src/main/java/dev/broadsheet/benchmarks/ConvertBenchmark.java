package dev.broadsheet.benchmarks;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.benchmarks.peers.Contender;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Conversions: one call each, by shape. Times are per call; {@link Targets} divides by {@link
 * #pages(String)} where a target is per page.
 *
 * <p>The state before each call is made by an untimed conversion, so that storing, clearing and
 * finding nothing to do are timed apart. Shortest calls, of some 100 ns, carry the cost of reading
 * the clock; those of {@link #pingPong} do not.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ConvertBenchmark {
  private static final long BLOCK_2M = PageLevel.PG_LEVEL_2M.pages();
  private static final long BLOCK_1G = PageLevel.PG_LEVEL_1G.pages();

  /** A peer's name or a strategy's spec; see {@link Contender#open}. */
  @Param({
    "byte-array",
    "memslot-array",
    "xarray-lpage-info",
    "xarray-lpage-info[store=range]",
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
  @Param({"1", "64"})
  public int gib = 1;

  /** What is converted: see {@link #range}. */
  @Param({"4k", "2m", "2m-unaligned", "1g", "whole"})
  public String shape = "2m";

  private Contender subject = Contender.open("byte-array", 1);
  private GfnRange range = new GfnRange(0, 1);
  private GfnRange page = new GfnRange(0, 1);
  private GfnRange[] scattered = {};

  /** Makes an all-shared guest. */
  @Setup
  public void makeGuest() {
    subject = Contender.open(contender, gib);
    range = range(shape, gib);
    page = GfnRange.ofPages(range.start() + 5, 1);
    long blocks = ((long) gib << 18) / BLOCK_2M;
    scattered = new GfnRange[Math.toIntExact(Math.min(512, blocks))];
    for (int i = 0; i < scattered.length; i++) {
      long block = i * (blocks / scattered.length);
      scattered[i] = GfnRange.ofPages(block * BLOCK_2M + (i * 37L & (BLOCK_2M - 1)), 1);
    }
  }

  /** Returns the pages that a shape names in a guest of some GiB. */
  static GfnRange range(String shape, int gib) {
    long middle = (gib / 2) * BLOCK_1G;
    return switch (shape) {
      case "4k" -> GfnRange.ofPages(middle + 5, 1);
      case "2m" -> GfnRange.ofPages(middle + 7 * BLOCK_2M, BLOCK_2M);
      case "2m-unaligned" -> GfnRange.ofPages(middle + 7 * BLOCK_2M + 110, BLOCK_2M);
      case "1g" -> GfnRange.ofPages(middle, BLOCK_1G);
      case "whole" -> GfnRange.ofPages(0, gib * BLOCK_1G);
      default ->
          throw new IllegalArgumentException(
              "shape '" + shape + "'; give 4k, 2m, 2m-unaligned, 1g or whole");
    };
  }

  /** Returns how many pages a shape has in a guest of 64 GiB. */
  static long pages(String shape) {
    return range(shape, 64).pages();
  }

  /** Gives the guest's memory back. */
  @TearDown
  public void close() {
    subject.close();
  }

  /** Shared before each call. */
  @State(Scope.Thread)
  public static class Shared {
    /** Makes the range shared. */
    @Setup(Level.Invocation)
    public void clear(ConvertBenchmark guest) {
      guest.subject.convert(guest.range, PageAttributes.SHARED);
    }
  }

  /** Private before each call. */
  @State(Scope.Thread)
  public static class Private {
    /** Makes the range private. */
    @Setup(Level.Invocation)
    public void store(ConvertBenchmark guest) {
      guest.subject.convert(guest.range, PageAttributes.PRIVATE);
    }
  }

  /** Private before all calls. */
  @State(Scope.Thread)
  public static class AllPrivate {
    /** Makes the whole guest private. */
    @Setup
    public void store(ConvertBenchmark guest) {
      guest.subject.convert(range("whole", guest.gib), PageAttributes.PRIVATE);
    }
  }

  /** To private what was shared: absent to present. */
  @Benchmark
  public void store(Shared before) {
    subject.convert(range, PageAttributes.PRIVATE);
  }

  /** To shared what was private: present to absent. */
  @Benchmark
  public void clear(Private before) {
    subject.convert(range, PageAttributes.SHARED);
  }

  /** To private what is private: nothing to do. */
  @Benchmark
  public void again(AllPrivate before) {
    subject.convert(range, PageAttributes.PRIVATE);
  }

  /** One page of an all-private guest out and back; the time is of both. */
  @Benchmark
  public void pingPong(AllPrivate before) {
    subject.convert(page, PageAttributes.SHARED);
    subject.convert(page, PageAttributes.PRIVATE);
  }

  /** One page in each of 512 blocks of 2M, out and back; the time is of all. */
  @Benchmark
  public void scattered(AllPrivate before) {
    for (GfnRange each : scattered) {
      subject.convert(each, PageAttributes.SHARED);
    }
    for (GfnRange each : scattered) {
      subject.convert(each, PageAttributes.PRIVATE);
    }
  }

  /** Every second page of one 2M block out, then the block back in one call. */
  @Benchmark
  public void alternate(AllPrivate before) {
    long block = PageLevel.PG_LEVEL_2M.roundDown(range.start());
    for (long gfn = block; gfn < block + BLOCK_2M; gfn += 2) {
      subject.convert(GfnRange.ofPages(gfn, 1), PageAttributes.SHARED);
    }
    subject.convert(GfnRange.ofPages(block, BLOCK_2M), PageAttributes.PRIVATE);
  }
}
