package dev.broadsheet.core.memory;

import dev.broadsheet.api.memory.ElementWidth;
import dev.broadsheet.api.memory.KernelArray;
import dev.broadsheet.api.memory.KernelLock;
import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.api.memory.ObjectCache;

/**
 * Kernel memory whose every access, allocation and lock is counted into a {@link MemoryMeter}.
 *
 * <p><b>Addresses.</b> Arrays and objects lie at modelled kernel addresses, so that lines are real:
 * arrays aligned as {@code kmalloc()} aligns their size class, pages at page boundaries; objects as
 * SLUB packs them, so that a 576-byte node may begin in the middle of a line. The address of an
 * object is its cache's base plus eight times its handle, as {@link PlainMemory} gives handles out.
 *
 * <p><b>Counting.</b> A compare-and-set or an addition is one store, whether it succeeds or not. A
 * fill stores, and a scan loads, one word per 8 bytes. Zeroing by an allocation is not counted as
 * stores, the allocation itself is.
 */
public final class MeteredMemory implements KernelMemory {
  /** Arrays lie above all caches. */
  private static final long FIRST_ARRAY = 1L << 48;

  /** Each cache has 64 GiB of addresses. */
  private static final int CACHE_SPAN_SHIFT = 36;

  /** Shifts caches against each other, so that their first objects do not share a cache set. */
  private static final long CACHE_COLOUR = 37 * (32L << 10);

  private final KernelMemory inner;
  private final Rcu rcu;
  private final MemoryMeter meter;
  private long nextArray = FIRST_ARRAY;
  private long nextCache = 1;

  /**
   * Wraps memory.
   *
   * @param inner where the words are
   * @param rcu whose grace periods objects wait for, the same as that of {@code inner}
   * @param meter the books
   */
  public MeteredMemory(KernelMemory inner, Rcu rcu, MemoryMeter meter) {
    this.inner = inner;
    this.rcu = rcu;
    this.meter = meter;
  }

  /** Wraps plain memory. */
  public MeteredMemory(PlainMemory inner, MemoryMeter meter) {
    this(inner, inner.rcu(), meter);
  }

  /** Returns the books. */
  public MemoryMeter meter() {
    return meter;
  }

  @Override
  public KernelArray array(String label, ElementWidth width, long length) {
    KernelArray array = inner.array(label, width, length);
    long bytes = length << width.shift();
    long rounded = KmallocSizes.rounded(bytes);
    synchronized (meter) {
      int account = meter.apartIndex(label);
      meter.countAllocation(account, bytes);
      MemoryMeter.LabelBook book = meter.label(label);
      book.allocated(bytes, rounded);
      long alignment = KmallocSizes.alignment(rounded);
      long address = (nextArray + alignment - 1) & -alignment;
      nextArray = address + rounded;
      return new MeteredArray(array, meter, book, account, address);
    }
  }

  @Override
  public ObjectCache cache(String label, int objectBytes) {
    ObjectCache cache = inner.cache(label, objectBytes);
    synchronized (meter) {
      long base = (nextCache << CACHE_SPAN_SHIFT) + nextCache * CACHE_COLOUR;
      nextCache++;
      return new MeteredCache(cache, rcu, meter, meter.label(label), meter.apartIndex(label), base);
    }
  }

  @Override
  public KernelLock lock(String label) {
    return new MeteredLock(inner.lock(label), meter.lockBook(label).hold());
  }
}
