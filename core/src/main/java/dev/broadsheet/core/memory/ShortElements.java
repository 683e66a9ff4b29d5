package dev.broadsheet.core.memory;

import dev.broadsheet.api.memory.ElementWidth;
import dev.broadsheet.api.memory.KernelArray;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/** A kernel array of u16 over one {@code short[]}. */
final class ShortElements implements KernelArray {
  private static final VarHandle ELEMENT = MethodHandles.arrayElementVarHandle(short[].class);

  /** Empty once freed, so that every later access is out of bounds. */
  private short[] data;

  private final boolean threads;
  private boolean freed;

  ShortElements(int length, boolean threads) {
    this.data = new short[length];
    this.threads = threads;
  }

  @Override
  public long length() {
    return data.length;
  }

  @Override
  public ElementWidth width() {
    return ElementWidth.U16;
  }

  @Override
  public long get(long index) {
    int at = PlainArrays.at(index);
    return (threads ? (short) ELEMENT.getAcquire(data, at) : data[at]) & 0xffff;
  }

  @Override
  public void set(long index, long value) {
    ELEMENT.setRelease(data, PlainArrays.at(index), (short) value);
  }

  @Override
  public long getPlain(long index) {
    return data[PlainArrays.at(index)] & 0xffff;
  }

  @Override
  public void setPlain(long index, long value) {
    data[PlainArrays.at(index)] = (short) value;
  }

  @Override
  public boolean compareAndSet(long index, long expected, long value) {
    if (threads) {
      return ELEMENT.compareAndSet(data, PlainArrays.at(index), (short) expected, (short) value);
    }
    if (data[PlainArrays.at(index)] != (short) expected) {
      return false;
    }
    data[PlainArrays.at(index)] = (short) value;
    return true;
  }

  @Override
  public long getAndAdd(long index, long delta) {
    if (threads) {
      return (short) ELEMENT.getAndAdd(data, PlainArrays.at(index), (short) delta) & 0xffff;
    }
    long before = data[PlainArrays.at(index)] & 0xffff;
    data[PlainArrays.at(index)] = (short) (before + delta);
    return before;
  }

  @Override
  public void fill(long from, long to, long value) {
    PlainArrays.checkRange(from, to, data.length);
    Arrays.fill(data, (int) from, (int) to, (short) value);
  }

  @Override
  public long mismatch(long from, long to, long value) {
    PlainArrays.checkRange(from, to, data.length);
    short[] elements = data;
    int i = (int) from;
    int end = (int) to;
    short wanted = (short) value;
    while (i < end && elements[i] == wanted) {
      i++;
    }
    return i;
  }

  @Override
  public void free() {
    PlainArrays.checkFirstFree(freed);
    freed = true;
    data = new short[0];
  }
}
