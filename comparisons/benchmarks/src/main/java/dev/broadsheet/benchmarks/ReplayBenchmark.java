package dev.broadsheet.benchmarks;

import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.benchmarks.peers.BareRadix;
import dev.broadsheet.core.memory.MemoryMeter;
import dev.broadsheet.core.memory.MeteredMemory;
import dev.broadsheet.core.memory.PlainMemory;
import dev.broadsheet.core.memory.Rcu;
import dev.broadsheet.core.strategy.StrategyRegistry;
import dev.broadsheet.core.vm.VirtualMachine;
import dev.broadsheet.core.vm.VmSpec;
import java.io.IOException;
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
 * A recorded trace from its first event to its last. Reading and parsing it is done before; times
 * are per replay, and {@link RecordedEvents} knows how many events, faults and pages one has.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ReplayBenchmark {
  /** Name of a bundled trace, or a file. */
  @Param("td-boot-1g-1v")
  public String trace = "td-boot-1g-1v";

  private RecordedEvents events = RecordedEvents.NONE;
  private final BareRadix mirror = new BareRadix();
  private final BareRadix secure = new BareRadix();

  /** Reads the trace. */
  @Setup
  public void read() throws IOException {
    events = RecordedEvents.read(trace);
  }

  /** The floor: every accessed page into two bare radix trees. */
  @Benchmark
  public void bareInserts() {
    mirror.clear();
    secure.clear();
    events.insertInto(mirror, secure);
  }

  /** A machine that has just started. */
  @State(Scope.Benchmark)
  public static class Guest {
    /** The tracking strategy. */
    @Param({
      "memslot-array",
      "xarray-lpage-info",
      "xarray-mixed-flag",
      "reference",
      "small-pages-only"
    })
    public String strategy = "reference";

    /** Knobs of the machine, with {@code +} for the comma that JMH splits at. */
    @Param("kind=tdx+folio=4k+shared-backing=4k")
    public String vm = "kind=plain";

    /** Whether every access to memory is counted. */
    @Param("plain")
    public String memory = "plain";

    private final StrategyRegistry registry = StrategyRegistry.load();
    private VirtualMachine machine = Machine.start("kind=plain", "reference", 1);

    /** Starts the machine. */
    @Setup(Level.Invocation)
    public void start(ReplayBenchmark replay) {
      Rcu rcu = new Rcu();
      VmSpec spec =
          VmSpec.parse(vm.replace('+', ',')).with("vcpus", Integer.toString(replay.events.vcpus()));
      PlainMemory plain = new PlainMemory(rcu, spec.hasThreads());
      KernelMemory used =
          memory.equals("plain") ? plain : new MeteredMemory(plain, new MemoryMeter());
      machine =
          VirtualMachine.create(spec, registry.configure(strategy), registry::configure, used, rcu);
      replay.events.addSlots(machine);
    }

    /** Ends the machine. */
    @TearDown(Level.Invocation)
    public void end() {
      machine.close();
    }
  }

  /** All events; returns the faults. */
  @Benchmark
  public long replay(Guest guest) {
    return events.replay(guest.machine);
  }
}
