package dev.broadsheet.core.memory;

import dev.broadsheet.api.memory.ElementWidth;
import dev.broadsheet.api.memory.KernelArray;

/** An array at a modelled address, whose accesses are counted. */
final class MeteredArray implements KernelArray {
  private final KernelArray inner;
  private final MemoryMeter meter;
  private final MemoryMeter.LabelBook book;
  private final long address;

  /** As {@link MemoryMeter#apartIndex} says. */
  private final int account;

  private final int shift;
  private final long bytes;

  MeteredArray(
      KernelArray inner, MemoryMeter meter, MemoryMeter.LabelBook book, int account, long address) {
    this.inner = inner;
    this.meter = meter;
    this.book = book;
    this.account = account;
    this.address = address;
    this.shift = inner.width().shift();
    this.bytes = inner.length() << shift;
  }

  @Override
  public long length() {
    return inner.length();
  }

  @Override
  public ElementWidth width() {
    return inner.width();
  }

  @Override
  public long get(long index) {
    meter.load(account, address + (index << shift));
    return inner.get(index);
  }

  @Override
  public void set(long index, long value) {
    meter.store(account, address + (index << shift));
    inner.set(index, value);
  }

  @Override
  public long getPlain(long index) {
    meter.load(account, address + (index << shift));
    return inner.getPlain(index);
  }

  @Override
  public void setPlain(long index, long value) {
    meter.store(account, address + (index << shift));
    inner.setPlain(index, value);
  }

  @Override
  public boolean compareAndSet(long index, long expected, long value) {
    meter.atomic(account, address + (index << shift));
    return inner.compareAndSet(index, expected, value);
  }

  @Override
  public long getAndAdd(long index, long delta) {
    meter.atomic(account, address + (index << shift));
    return inner.getAndAdd(index, delta);
  }

  @Override
  public void fill(long from, long to, long value) {
    inner.fill(from, to, value);
    meter.storeRange(account, address + (from << shift), address + (to << shift));
  }

  @Override
  public long mismatch(long from, long to, long value) {
    long at = inner.mismatch(from, to, value);
    long scanned = Math.min(at + 1, to);
    meter.loadRange(account, address + (from << shift), address + (scanned << shift));
    return at;
  }

  @Override
  public void free() {
    inner.free();
    synchronized (meter) {
      book.freed(bytes, KmallocSizes.rounded(bytes));
    }
  }
}
