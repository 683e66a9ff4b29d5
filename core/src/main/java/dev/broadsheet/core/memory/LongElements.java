package dev.broadsheet.core.memory;

import dev.broadsheet.api.memory.ElementWidth;
import dev.broadsheet.api.memory.KernelArray;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/** A kernel array of u64 over one {@code long[]}. */
final class LongElements implements KernelArray {
  private static final VarHandle ELEMENT = MethodHandles.arrayElementVarHandle(long[].class);

  /** Empty once freed, so that every later access is out of bounds. */
  private long[] data;

  private final boolean threads;
  private boolean freed;

  LongElements(int length, boolean threads) {
    this.data = new long[length];
    this.threads = threads;
  }

  @Override
  public long length() {
    return data.length;
  }

  @Override
  public ElementWidth width() {
    return ElementWidth.U64;
  }

  @Override
  public long get(long index) {
    int at = PlainArrays.at(index);
    return threads ? (long) ELEMENT.getAcquire(data, at) : data[at];
  }

  @Override
  public void set(long index, long value) {
    ELEMENT.setRelease(data, PlainArrays.at(index), value);
  }

  @Override
  public long getPlain(long index) {
    return data[PlainArrays.at(index)];
  }

  @Override
  public void setPlain(long index, long value) {
    data[PlainArrays.at(index)] = value;
  }

  @Override
  public boolean compareAndSet(long index, long expected, long value) {
    if (threads) {
      return ELEMENT.compareAndSet(data, PlainArrays.at(index), expected, value);
    }
    if (data[PlainArrays.at(index)] != expected) {
      return false;
    }
    data[PlainArrays.at(index)] = value;
    return true;
  }

  @Override
  public long getAndAdd(long index, long delta) {
    if (threads) {
      return (long) ELEMENT.getAndAdd(data, PlainArrays.at(index), delta);
    }
    long before = data[PlainArrays.at(index)];
    data[PlainArrays.at(index)] = (before + delta);
    return before;
  }

  @Override
  public void fill(long from, long to, long value) {
    PlainArrays.checkRange(from, to, data.length);
    Arrays.fill(data, (int) from, (int) to, value);
  }

  @Override
  public long mismatch(long from, long to, long value) {
    PlainArrays.checkRange(from, to, data.length);
    long[] elements = data;
    int i = (int) from;
    int end = (int) to;
    long wanted = value;
    while (i < end && elements[i] == wanted) {
      i++;
    }
    return i;
  }

  @Override
  public void free() {
    PlainArrays.checkFirstFree(freed);
    freed = true;
    data = new long[0];
  }
}
