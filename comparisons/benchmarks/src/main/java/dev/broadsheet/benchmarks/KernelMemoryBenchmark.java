package dev.broadsheet.benchmarks;

import dev.broadsheet.api.memory.ElementWidth;
import dev.broadsheet.api.memory.KernelArray;
import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.api.memory.ObjectCache;
import dev.broadsheet.core.memory.MemoryMeter;
import dev.broadsheet.core.memory.MeteredMemory;
import dev.broadsheet.core.memory.PlainMemory;
import dev.broadsheet.core.memory.Rcu;
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

/**
 * What an access to kernel memory costs: bare Java arrays, plain memory, metered memory.
 *
 * <p>Every method makes {@value #OPS} accesses at random, computed positions, so that neither side
 * can turn the loop into vector code, and that as much memory is touched as {@link #kib} says: 16
 * MiB is the state of a byte per page of 64 GiB, 32 KiB fits the nearest cache and shows the bare
 * instructions.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class KernelMemoryBenchmark {
  static final int OPS = 1024;
  private static final int NODE_BYTES = 576;
  private static final int NODE_WORDS = NODE_BYTES / Long.BYTES;

  /** Words of a node that are read: a power of two. */
  private static final int NODE_READ = 64;

  /** How much memory is touched at random. */
  @Param({"32", "16384"})
  public int kib = 32;

  /** Who uses the memory: {@code one} thread, as most machines have, or {@code many}. */
  @Param({"one", "many"})
  public String threads = "one";

  private long state = 42;
  private int longMask;
  private int byteMask;
  private int nodeMask;
  private long[] rawLongs = {};
  private byte[] rawBytes = {};
  private long[] rawNodes = {};
  private long[] handles = {};
  private ObjectCache nodes = new PlainMemory().cache("nodes", NODE_BYTES);
  private KernelArray longs = new PlainMemory().array("longs", ElementWidth.U64, 0);
  private KernelArray bytes = new PlainMemory().array("bytes", ElementWidth.U8, 0);
  private KernelArray meteredLongs = longs;

  /** Makes both sides. */
  @Setup
  public void make() {
    PlainMemory plain = new PlainMemory(new Rcu(), threads.equals("many"));
    KernelMemory metered = new MeteredMemory(plain, new MemoryMeter());
    nodes = plain.cache("nodes", NODE_BYTES);
    int size = kib << 10;
    byteMask = size - 1;
    longMask = size / Long.BYTES - 1;
    nodeMask = Integer.highestOneBit(size / NODE_BYTES) - 1;
    rawBytes = new byte[size];
    bytes = plain.array("bytes", ElementWidth.U8, size);
    rawLongs = new long[longMask + 1];
    longs = plain.array("longs", ElementWidth.U64, longMask + 1L);
    meteredLongs = metered.array("longs", ElementWidth.U64, longMask + 1L);
    rawNodes = new long[(nodeMask + 1) * NODE_WORDS];
    handles = new long[nodeMask + 1];
    for (int i = 0; i <= nodeMask; i++) {
      handles[i] = nodes.allocate();
    }
  }

  private static long next(long state) {
    return state * 6364136223846793005L + 1442695040888963407L;
  }

  private static int position(long state, int mask) {
    return (int) (state >>> 33) & mask;
  }

  /** The floor: {@code long[]}. */
  @Benchmark
  @OperationsPerInvocation(OPS)
  public long rawLongGet() {
    long[] data = rawLongs;
    int mask = longMask;
    long at = state;
    long sum = 0;
    for (int i = 0; i < OPS; i++) {
      at = next(at);
      sum += data[position(at, mask)];
    }
    state = at;
    return sum;
  }

  /** Acquiring loads of a u64 array. */
  @Benchmark
  @OperationsPerInvocation(OPS)
  public long plainLongGet() {
    KernelArray data = longs;
    int mask = longMask;
    long at = state;
    long sum = 0;
    for (int i = 0; i < OPS; i++) {
      at = next(at);
      sum += data.get(position(at, mask));
    }
    state = at;
    return sum;
  }

  /** Unordered loads of a u64 array. */
  @Benchmark
  @OperationsPerInvocation(OPS)
  public long plainLongGetPlain() {
    KernelArray data = longs;
    int mask = longMask;
    long at = state;
    long sum = 0;
    for (int i = 0; i < OPS; i++) {
      at = next(at);
      sum += data.getPlain(position(at, mask));
    }
    state = at;
    return sum;
  }

  /** The same loads, counted. */
  @Benchmark
  @OperationsPerInvocation(OPS)
  public long meteredLongGet() {
    KernelArray data = meteredLongs;
    int mask = longMask;
    long at = state;
    long sum = 0;
    for (int i = 0; i < OPS; i++) {
      at = next(at);
      sum += data.get(position(at, mask));
    }
    state = at;
    return sum;
  }

  /** The floor for u8: {@code byte[]}. */
  @Benchmark
  @OperationsPerInvocation(OPS)
  public long rawByteGet() {
    byte[] data = rawBytes;
    int mask = byteMask;
    long at = state;
    long sum = 0;
    for (int i = 0; i < OPS; i++) {
      at = next(at);
      sum += data[position(at, mask)] & 0xff;
    }
    state = at;
    return sum;
  }

  /** Acquiring loads of a u8 array. */
  @Benchmark
  @OperationsPerInvocation(OPS)
  public long plainByteGet() {
    KernelArray data = bytes;
    int mask = byteMask;
    long at = state;
    long sum = 0;
    for (int i = 0; i < OPS; i++) {
      at = next(at);
      sum += data.get(position(at, mask));
    }
    state = at;
    return sum;
  }

  /** The floor for stores. */
  @Benchmark
  @OperationsPerInvocation(OPS)
  public void rawLongSet() {
    long[] data = rawLongs;
    int mask = longMask;
    long at = state;
    for (int i = 0; i < OPS; i++) {
      at = next(at);
      data[position(at, mask)] = at;
    }
    state = at;
  }

  /** Releasing stores to a u64 array. */
  @Benchmark
  @OperationsPerInvocation(OPS)
  public void plainLongSet() {
    KernelArray data = longs;
    int mask = longMask;
    long at = state;
    for (int i = 0; i < OPS; i++) {
      at = next(at);
      data.set(position(at, mask), at);
    }
    state = at;
  }

  /** The floor for objects: the same nodes laid end to end in one {@code long[]}. */
  @Benchmark
  @OperationsPerInvocation(OPS)
  public long rawNodeGet() {
    long[] data = rawNodes;
    int mask = nodeMask;
    long at = state;
    long sum = 0;
    for (int i = 0; i < OPS; i++) {
      at = next(at);
      sum += data[position(at, mask) * NODE_WORDS + position(at >>> 10, NODE_READ - 1)];
    }
    state = at;
    return sum;
  }

  /** Acquiring loads of words of objects, handles looked up in an array. */
  @Benchmark
  @OperationsPerInvocation(OPS)
  public long plainNodeGet() {
    ObjectCache data = nodes;
    long[] objects = handles;
    int mask = nodeMask;
    long at = state;
    long sum = 0;
    for (int i = 0; i < OPS; i++) {
      at = next(at);
      sum += data.get(objects[position(at, mask)], position(at >>> 10, NODE_READ - 1));
    }
    state = at;
    return sum;
  }

  /** An object taken and given back. */
  @Benchmark
  public long plainNodeAllocateFree() {
    long handle = nodes.allocate();
    nodes.free(handle);
    return handle;
  }
}
