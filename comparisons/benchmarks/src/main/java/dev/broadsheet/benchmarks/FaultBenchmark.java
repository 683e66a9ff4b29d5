package dev.broadsheet.benchmarks;

import dev.broadsheet.benchmarks.peers.BareRadix;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** A fault from the guest's access to the mapped page, and its floor. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class FaultBenchmark {
  /** Pages of one sweep: 256 MiB. */
  static final int PAGES = 1 << 16;

  /** Where the sweep begins: 1 GiB. */
  private static final long FIRST = 1 << 18;

  /** Bits that stand for an entry's flags. */
  private static final long FLAGS = 0x77;

  private final BareRadix mirror = new BareRadix();
  private final BareRadix secure = new BareRadix();

  /**
   * The floor: the same pages into two bare radix trees, which begin empty; the time is of both
   * inserts.
   */
  @Benchmark
  @OperationsPerInvocation(PAGES)
  public void bareInserts() {
    mirror.clear();
    secure.clear();
    for (long gfn = FIRST; gfn < FIRST + PAGES; gfn++) {
      mirror.put(gfn, gfn << 12 | FLAGS);
      secure.put(gfn, gfn << 12 | FLAGS);
    }
  }
}
