package dev.broadsheet.benchmarks;

import dev.broadsheet.api.memory.ElementWidth;
import dev.broadsheet.api.memory.KernelArray;
import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.api.memory.ObjectCache;
import dev.broadsheet.core.memory.MemoryMeter;
import dev.broadsheet.core.memory.MeteredMemory;
import dev.broadsheet.core.memory.PlainMemory;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * What an access to kernel memory costs: bare Java arrays, plain memory, metered memory.
 *
 * <p>Every method does {@value #OPS} accesses at the same random positions of {@value #WORDS}
 * elements (2 MiB of u64), so that neither side can turn the loop into vector code.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class KernelMemoryBenchmark {
  static final int OPS = 1024;
  static final int WORDS = 1 << 18;
  private static final int NODE_BYTES = 576;
  private static final int NODE_WORDS = NODE_BYTES / Long.BYTES;

  private final int[] positions = new int[OPS];
  private final long[] handles = new long[OPS];
  private final int[] nodeStarts = new int[OPS];
  private final int[] nodeWords = new int[OPS];
  private final long[] rawLongs = new long[WORDS];
  private final byte[] rawBytes = new byte[WORDS];
  private final KernelMemory plain = new PlainMemory();
  private final KernelArray longs = plain.array("longs", ElementWidth.U64, WORDS);
  private final KernelArray bytes = plain.array("bytes", ElementWidth.U8, WORDS);
  private final ObjectCache nodes = plain.cache("nodes", NODE_BYTES);
  private final KernelMemory metered = new MeteredMemory(new PlainMemory(), new MemoryMeter());
  private final KernelArray meteredLongs = metered.array("longs", ElementWidth.U64, WORDS);

  /** Fills both sides alike and draws the positions. */
  @Setup
  public void fill() {
    Random random = new Random(42);
    for (int i = 0; i < WORDS; i++) {
      long value = random.nextLong();
      rawLongs[i] = value;
      longs.setPlain(i, value);
      meteredLongs.setPlain(i, value);
      rawBytes[i] = (byte) value;
      bytes.setPlain(i, value);
    }
    for (int i = 0; i < OPS; i++) {
      positions[i] = random.nextInt(WORDS);
      handles[i] = nodes.allocate();
      nodeStarts[i] = i * NODE_WORDS;
      nodeWords[i] = random.nextInt(NODE_WORDS);
    }
  }

  /** The floor: {@code long[]}. */
  @Benchmark
  @OperationsPerInvocation(OPS)
  public long rawLongGet() {
    long[] data = rawLongs;
    long sum = 0;
    for (int position : positions) {
      sum += data[position];
    }
    return sum;
  }

  /** Acquiring loads of a u64 array. */
  @Benchmark
  @OperationsPerInvocation(OPS)
  public long plainLongGet() {
    KernelArray data = longs;
    long sum = 0;
    for (int position : positions) {
      sum += data.get(position);
    }
    return sum;
  }

  /** Unordered loads of a u64 array. */
  @Benchmark
  @OperationsPerInvocation(OPS)
  public long plainLongGetPlain() {
    KernelArray data = longs;
    long sum = 0;
    for (int position : positions) {
      sum += data.getPlain(position);
    }
    return sum;
  }

  /** The same loads, counted. */
  @Benchmark
  @OperationsPerInvocation(OPS)
  public long meteredLongGet() {
    KernelArray data = meteredLongs;
    long sum = 0;
    for (int position : positions) {
      sum += data.get(position);
    }
    return sum;
  }

  /** The floor for u8: {@code byte[]}. */
  @Benchmark
  @OperationsPerInvocation(OPS)
  public long rawByteGet() {
    byte[] data = rawBytes;
    long sum = 0;
    for (int position : positions) {
      sum += data[position] & 0xff;
    }
    return sum;
  }

  /** Acquiring loads of a u8 array. */
  @Benchmark
  @OperationsPerInvocation(OPS)
  public long plainByteGet() {
    KernelArray data = bytes;
    long sum = 0;
    for (int position : positions) {
      sum += data.get(position);
    }
    return sum;
  }

  /** The floor for stores. */
  @Benchmark
  @OperationsPerInvocation(OPS)
  public void rawLongSet() {
    long[] data = rawLongs;
    for (int position : positions) {
      data[position] = position;
    }
  }

  /** Releasing stores to a u64 array. */
  @Benchmark
  @OperationsPerInvocation(OPS)
  public void plainLongSet() {
    KernelArray data = longs;
    for (int position : positions) {
      data.set(position, position);
    }
  }

  /** The floor for objects: 576-byte nodes laid end to end in one {@code long[]}. */
  @Benchmark
  @OperationsPerInvocation(OPS)
  public long rawNodeGet() {
    long[] data = rawLongs;
    long sum = 0;
    for (int i = 0; i < OPS; i++) {
      sum += data[nodeStarts[i] + nodeWords[i]];
    }
    return sum;
  }

  /** Acquiring loads of words of 576-byte objects. */
  @Benchmark
  @OperationsPerInvocation(OPS)
  public long plainNodeGet() {
    ObjectCache cache = nodes;
    long sum = 0;
    for (int i = 0; i < OPS; i++) {
      sum += cache.get(handles[i], nodeWords[i]);
    }
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
