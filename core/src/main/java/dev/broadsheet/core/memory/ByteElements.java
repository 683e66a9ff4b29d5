package dev.broadsheet.core.memory;

import dev.broadsheet.api.memory.ElementWidth;
import dev.broadsheet.api.memory.KernelArray;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** A kernel array of u8 over one {@code byte[]}. */
final class ByteElements implements KernelArray {
  private static final VarHandle ELEMENT = MethodHandles.arrayElementVarHandle(byte[].class);

  /** Eight elements at once, for scans; plain loads only. */
  private static final VarHandle EIGHT =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

  /** Empty once freed, so that every later access is out of bounds. */
  private byte[] data;

  private final boolean threads;
  private boolean freed;

  ByteElements(int length, boolean threads) {
    this.data = new byte[length];
    this.threads = threads;
  }

  @Override
  public long length() {
    return data.length;
  }

  @Override
  public ElementWidth width() {
    return ElementWidth.U8;
  }

  @Override
  public long get(long index) {
    int at = PlainArrays.at(index);
    return (threads ? (byte) ELEMENT.getAcquire(data, at) : data[at]) & 0xff;
  }

  @Override
  public void set(long index, long value) {
    ELEMENT.setRelease(data, PlainArrays.at(index), (byte) value);
  }

  @Override
  public long getPlain(long index) {
    return data[PlainArrays.at(index)] & 0xff;
  }

  @Override
  public void setPlain(long index, long value) {
    data[PlainArrays.at(index)] = (byte) value;
  }

  @Override
  public boolean compareAndSet(long index, long expected, long value) {
    if (threads) {
      return ELEMENT.compareAndSet(data, PlainArrays.at(index), (byte) expected, (byte) value);
    }
    if (data[PlainArrays.at(index)] != (byte) expected) {
      return false;
    }
    data[PlainArrays.at(index)] = (byte) value;
    return true;
  }

  @Override
  public long getAndAdd(long index, long delta) {
    if (threads) {
      return (byte) ELEMENT.getAndAdd(data, PlainArrays.at(index), (byte) delta) & 0xff;
    }
    long before = data[PlainArrays.at(index)] & 0xff;
    data[PlainArrays.at(index)] = (byte) (before + delta);
    return before;
  }

  @Override
  public void fill(long from, long to, long value) {
    PlainArrays.checkRange(from, to, data.length);
    Arrays.fill(data, (int) from, (int) to, (byte) value);
  }

  @Override
  public long mismatch(long from, long to, long value) {
    PlainArrays.checkRange(from, to, data.length);
    byte[] elements = data;
    int i = (int) from;
    int end = (int) to;
    byte wanted = (byte) value;
    long eight = (value & 0xff) * 0x0101_0101_0101_0101L;
    while (i + Long.BYTES <= end && (long) EIGHT.get(elements, i) == eight) {
      i += Long.BYTES;
    }
    while (i < end && elements[i] == wanted) {
      i++;
    }
    return i;
  }

  @Override
  public void free() {
    PlainArrays.checkFirstFree(freed);
    freed = true;
    data = new byte[0];
  }
}
