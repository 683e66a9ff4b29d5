package dev.broadsheet.core.memory;

import dev.broadsheet.api.memory.ElementWidth;
import dev.broadsheet.api.memory.KernelArray;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/** A kernel array of u32 over one {@code int[]}. */
final class IntElements implements KernelArray {
  private static final VarHandle ELEMENT = MethodHandles.arrayElementVarHandle(int[].class);

  /** Empty once freed, so that every later access is out of bounds. */
  private int[] data;

  private final boolean threads;
  private boolean freed;

  IntElements(int length, boolean threads) {
    this.data = new int[length];
    this.threads = threads;
  }

  @Override
  public long length() {
    return data.length;
  }

  @Override
  public ElementWidth width() {
    return ElementWidth.U32;
  }

  @Override
  public long get(long index) {
    int at = PlainArrays.at(index);
    return (threads ? (int) ELEMENT.getAcquire(data, at) : data[at]) & 0xffff_ffffL;
  }

  @Override
  public void set(long index, long value) {
    ELEMENT.setRelease(data, PlainArrays.at(index), (int) value);
  }

  @Override
  public long getPlain(long index) {
    return data[PlainArrays.at(index)] & 0xffff_ffffL;
  }

  @Override
  public void setPlain(long index, long value) {
    data[PlainArrays.at(index)] = (int) value;
  }

  @Override
  public boolean compareAndSet(long index, long expected, long value) {
    if (threads) {
      return ELEMENT.compareAndSet(data, PlainArrays.at(index), (int) expected, (int) value);
    }
    if (data[PlainArrays.at(index)] != (int) expected) {
      return false;
    }
    data[PlainArrays.at(index)] = (int) value;
    return true;
  }

  @Override
  public long getAndAdd(long index, long delta) {
    if (threads) {
      return (int) ELEMENT.getAndAdd(data, PlainArrays.at(index), (int) delta) & 0xffff_ffffL;
    }
    long before = data[PlainArrays.at(index)] & 0xffff_ffffL;
    data[PlainArrays.at(index)] = (int) (before + delta);
    return before;
  }

  @Override
  public void fill(long from, long to, long value) {
    PlainArrays.checkRange(from, to, data.length);
    Arrays.fill(data, (int) from, (int) to, (int) value);
  }

  @Override
  public long mismatch(long from, long to, long value) {
    PlainArrays.checkRange(from, to, data.length);
    int[] elements = data;
    int i = (int) from;
    int end = (int) to;
    int wanted = (int) value;
    while (i < end && elements[i] == wanted) {
      i++;
    }
    return i;
  }

  @Override
  public void free() {
    PlainArrays.checkFirstFree(freed);
    freed = true;
    data = new int[0];
  }
}
