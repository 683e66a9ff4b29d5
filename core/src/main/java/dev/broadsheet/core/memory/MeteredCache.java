package dev.broadsheet.core.memory;

import dev.broadsheet.api.memory.ObjectCache;
import java.util.Arrays;
import java.util.function.LongConsumer;

/** A cache whose objects lie at modelled addresses and in slabs that are held while one is used. */
final class MeteredCache implements ObjectCache {
  private final ObjectCache inner;
  private final Rcu rcu;
  private final MemoryMeter meter;
  private final MemoryMeter.LabelBook book;
  private final long base;

  /** As {@link MemoryMeter#apartIndex} says. */
  private final int account;

  private final SlabLayout layout;
  private final LongConsumer reclaim = this::reclaim;

  // Guarded by the meter's monitor.
  private short[] usedInSlab = new short[16];
  private long live;
  private long awaiting;

  MeteredCache(
      ObjectCache inner,
      Rcu rcu,
      MemoryMeter meter,
      MemoryMeter.LabelBook book,
      int account,
      long base) {
    this.inner = inner;
    this.rcu = rcu;
    this.meter = meter;
    this.book = book;
    this.account = account;
    this.base = base;
    this.layout = SlabLayout.of(inner.objectBytes());
  }

  @Override
  public int objectBytes() {
    return inner.objectBytes();
  }

  @Override
  public long allocate() {
    long handle = inner.allocate();
    synchronized (meter) {
      meter.countAllocation(account, objectBytes());
      live++;
      int slab = slab(handle);
      if (slab >= usedInSlab.length) {
        usedInSlab = Arrays.copyOf(usedInSlab, Math.max(slab + 1, 2 * usedInSlab.length));
      }
      long rounded = usedInSlab[slab]++ == 0 ? layout.slabBytes() : 0;
      book.allocated(objectBytes(), rounded);
    }
    return handle;
  }

  @Override
  public long get(long handle, int word) {
    meter.load(account, address(handle, word));
    return inner.get(handle, word);
  }

  @Override
  public void set(long handle, int word, long value) {
    meter.store(account, address(handle, word));
    inner.set(handle, word, value);
  }

  @Override
  public long getPlain(long handle, int word) {
    meter.load(account, address(handle, word));
    return inner.getPlain(handle, word);
  }

  @Override
  public void setPlain(long handle, int word, long value) {
    meter.store(account, address(handle, word));
    inner.setPlain(handle, word, value);
  }

  @Override
  public boolean compareAndSet(long handle, int word, long expected, long value) {
    meter.atomic(account, address(handle, word));
    return inner.compareAndSet(handle, word, expected, value);
  }

  @Override
  public long getAndAdd(long handle, int word, long delta) {
    meter.atomic(account, address(handle, word));
    return inner.getAndAdd(handle, word, delta);
  }

  @Override
  public void fill(long handle, int from, int to, long value) {
    inner.fill(handle, from, to, value);
    meter.storeRange(account, address(handle, from), address(handle, to));
  }

  @Override
  public int mismatch(long handle, int from, int to, long value) {
    int at = inner.mismatch(handle, from, to, value);
    meter.loadRange(account, address(handle, from), address(handle, Math.min(at + 1, to)));
    return at;
  }

  @Override
  public void free(long handle) {
    synchronized (meter) {
      live--;
      book.freed(objectBytes(), leaveSlab(handle));
    }
    inner.free(handle);
  }

  @Override
  public void freeAfterGrace(long handle) {
    synchronized (meter) {
      live--;
      awaiting++;
      book.deferred(objectBytes());
    }
    rcu.call(reclaim, handle);
  }

  @Override
  public long live() {
    synchronized (meter) {
      return live;
    }
  }

  @Override
  public long awaiting() {
    synchronized (meter) {
      return awaiting;
    }
  }

  private void reclaim(long handle) {
    synchronized (meter) {
      awaiting--;
      book.reclaimed(objectBytes(), leaveSlab(handle));
    }
    inner.free(handle);
  }

  private long address(long handle, int word) {
    return base + ((handle + word) << 3);
  }

  private int slab(long handle) {
    return (int) (handle << 3 >>> layout.slabShift());
  }

  /** Takes an object out of its slab; returns the bytes that become free with the last one. */
  private long leaveSlab(long handle) {
    int slab = slab(handle);
    return --usedInSlab[slab] == 0 ? layout.slabBytes() : 0;
  }
}
