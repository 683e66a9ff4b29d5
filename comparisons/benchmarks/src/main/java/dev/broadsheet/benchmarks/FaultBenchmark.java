package dev.broadsheet.benchmarks;

import dev.broadsheet.benchmarks.peers.BareRadix;
import dev.broadsheet.core.vm.Access;
import dev.broadsheet.core.vm.VirtualMachine;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A fault from the guest's access to the mapped 4K page, and its floor. Each call sweeps {@value
 * #PAGES} pages that are not mapped; unmapping them is not timed.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class FaultBenchmark {
  /** Pages of one sweep: 256 MiB. */
  static final int PAGES = 1 << 16;

  private static final long FIRST = Machine.FIRST_GFN;

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

  /** A machine whose pages are 4K on both sides. */
  @State(Scope.Benchmark)
  public static class Guest {
    /** What the machine is: {@code tdx}, {@code swprot} or {@code plain}. */
    @Param("tdx")
    public String kind = "plain";

    /** The tracking strategy. */
    @Param("xarray-mixed-flag")
    public String strategy = "reference";

    /** How many threads fault, each with a vCPU and memory of its own. */
    @Param("1")
    public int vcpus = 1;

    /**
     * Whether the machine is made for threads, as scaling from one to two compares like machines.
     */
    @Param("sequential")
    public String concurrency = "sequential";

    private VirtualMachine vm = Machine.start("kind=plain", "reference", 1);
    private ExecutorService pool = Executors.newSingleThreadExecutor();

    /** Starts the machine. */
    @Setup
    public void start() {
      String spec =
          "kind=%s,folio=4k,shared-backing=4k,host-gib=8,vcpus=%d,concurrency=%s"
              .formatted(kind, vcpus, concurrency);
      if (vcpus > 1) {
        pool = Executors.newFixedThreadPool(vcpus);
      }
      vm = Machine.start(spec, strategy, PAGES);
    }

    /** Makes all pages shared, for good. */
    private void share() {
      vm.mapGpa(0, Machine.gpa(FIRST), Machine.gpa(PAGES), /* toPrivate= */ false);
    }

    /** Unmaps all pages. */
    @Setup(Level.Invocation)
    public void unmap() {
      vm.discard(Machine.gpa(FIRST), Machine.gpa(PAGES));
    }

    /** Ends the machine and its threads. */
    @TearDown
    public void end() {
      pool.shutdown();
      vm.close();
    }

    private int acceptAll(int vcpu) {
      long share = PAGES / vcpus;
      long first = FIRST + vcpu * share;
      int faults = 0;
      for (long gfn = first; gfn < first + share; gfn++) {
        faults += Machine.faultsOf(vm.accept(vcpu, Machine.gpa(gfn), 4096));
      }
      return faults;
    }

    private int touchAll(boolean isPrivate) {
      int faults = 0;
      for (long gfn = FIRST; gfn < FIRST + PAGES; gfn++) {
        faults += Machine.faultsOf(vm.access(0, Machine.gpa(gfn), Access.WRITE, isPrivate));
      }
      return faults;
    }
  }

  /** The same machine, its memory shared. */
  @State(Scope.Benchmark)
  public static class SharedGuest {
    /** Makes the memory of the machine shared. */
    @Setup
    public void share(Guest guest) {
      guest.share();
    }
  }

  /** A TD's guest accepts each page: fault, MMU, SEAMCALL, and the accept itself. */
  @Benchmark
  @OperationsPerInvocation(PAGES)
  public int privateFaults(Guest guest) {
    return guest.acceptAll(0);
  }

  /** The guest writes to each shared page: fault and MMU alone. */
  @Benchmark
  @OperationsPerInvocation(PAGES)
  public int sharedFaults(Guest guest, SharedGuest shared) {
    return guest.touchAll(/* isPrivate= */ false);
  }

  /** As {@link #privateFaults}, by as many threads as there are vCPUs. */
  @Benchmark
  @OperationsPerInvocation(PAGES)
  public int parallelFaults(Guest guest) throws InterruptedException, ExecutionException {
    List<Callable<Integer>> sweeps = new ArrayList<>();
    for (int i = 0; i < guest.vcpus; i++) {
      int vcpu = i;
      sweeps.add(() -> guest.acceptAll(vcpu));
    }
    int faults = 0;
    for (Future<Integer> sweep : guest.pool.invokeAll(sweeps)) {
      faults += sweep.get();
    }
    return faults;
  }
}
