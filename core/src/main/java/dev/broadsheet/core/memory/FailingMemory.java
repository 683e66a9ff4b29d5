package dev.broadsheet.core.memory;

import dev.broadsheet.api.memory.ElementWidth;
import dev.broadsheet.api.memory.KernelArray;
import dev.broadsheet.api.memory.KernelLock;
import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import dev.broadsheet.api.memory.ObjectCache;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/**
 * Kernel memory that runs dry on purpose. Allocations of arrays and of objects are counted from 1;
 * the chosen one fails with {@link KernelOutOfMemoryException}, before anything is taken from the
 * memory below.
 *
 * <p>To fail each allocation of an operation in turn:
 *
 * <pre>{@code
 * for (long n = 1; ; n++) {
 *   memory.failAt(n);
 *   ... set up with the failure disarmed, then rearm, run the operation ...
 *   if (memory.lastFailure().isEmpty()) {
 *     break;                            // it needs fewer than n allocations
 *   }
 * }
 * }</pre>
 *
 * <p>Safe for use from many threads.
 */
public final class FailingMemory implements KernelMemory {
  private final KernelMemory inner;
  private final Predicate<String> labels;
  private final AtomicLong allocations = new AtomicLong();
  private volatile long failFrom = Long.MAX_VALUE;
  private volatile long failTo = Long.MAX_VALUE;
  private volatile Optional<String> lastFailure = Optional.empty();

  /** Wraps memory; allocations under any label count. */
  public FailingMemory(KernelMemory inner) {
    this(inner, label -> true);
  }

  /**
   * Wraps memory.
   *
   * @param labels allocations under these labels count and may fail; all others pass through
   */
  public FailingMemory(KernelMemory inner, Predicate<String> labels) {
    this.inner = inner;
    this.labels = labels;
  }

  /**
   * Starts counting anew and lets the n-th allocation from now fail; those after it succeed.
   *
   * @param n from 1
   */
  public void failAt(long n) {
    fail(n, n);
  }

  /**
   * Starts counting anew and lets the n-th allocation from now fail, and all after it, until {@link
   * #disarm()}: memory has run dry.
   *
   * @param n from 1
   */
  public void failFrom(long n) {
    fail(n, Long.MAX_VALUE - 1);
  }

  /** Lets all allocations succeed; goes on counting. */
  public void disarm() {
    failFrom = Long.MAX_VALUE;
    failTo = Long.MAX_VALUE;
  }

  /**
   * Returns the number of allocations since {@link #failAt} or {@link #failFrom}, the failed too.
   */
  public long allocations() {
    return allocations.get();
  }

  /** Returns the last failure since then in words, if there was one: "allocation 3 ('xa_node')". */
  public Optional<String> lastFailure() {
    return lastFailure;
  }

  @Override
  public KernelArray array(String label, ElementWidth width, long length) {
    PlainMemory.checkArray(label, length);
    mayFail(label, length << width.shift());
    return inner.array(label, width, length);
  }

  @Override
  public ObjectCache cache(String label, int objectBytes) {
    return new FailingCache(label, inner.cache(label, objectBytes));
  }

  @Override
  public KernelLock lock(String label) {
    return inner.lock(label);
  }

  private void fail(long from, long to) {
    if (from < 1) {
      throw new IllegalArgumentException("allocation " + from + "; they are counted from 1");
    }
    disarm();
    allocations.set(0);
    lastFailure = Optional.empty();
    failTo = to;
    failFrom = from;
  }

  private void mayFail(String label, long bytes) {
    if (!labels.test(label)) {
      return;
    }
    long n = allocations.incrementAndGet();
    if (n >= failFrom && n <= failTo) {
      lastFailure = Optional.of("allocation " + n + " ('" + label + "')");
      throw new KernelOutOfMemoryException(label, bytes);
    }
  }

  private final class FailingCache implements ObjectCache {
    private final String label;
    private final ObjectCache inner;

    FailingCache(String label, ObjectCache inner) {
      this.label = label;
      this.inner = inner;
    }

    @Override
    public int objectBytes() {
      return inner.objectBytes();
    }

    @Override
    public long allocate() {
      mayFail(label, objectBytes());
      return inner.allocate();
    }

    @Override
    public long get(long handle, int word) {
      return inner.get(handle, word);
    }

    @Override
    public void set(long handle, int word, long value) {
      inner.set(handle, word, value);
    }

    @Override
    public long getPlain(long handle, int word) {
      return inner.getPlain(handle, word);
    }

    @Override
    public void setPlain(long handle, int word, long value) {
      inner.setPlain(handle, word, value);
    }

    @Override
    public boolean compareAndSet(long handle, int word, long expected, long value) {
      return inner.compareAndSet(handle, word, expected, value);
    }

    @Override
    public long getAndAdd(long handle, int word, long delta) {
      return inner.getAndAdd(handle, word, delta);
    }

    @Override
    public void fill(long handle, int from, int to, long value) {
      inner.fill(handle, from, to, value);
    }

    @Override
    public int mismatch(long handle, int from, int to, long value) {
      return inner.mismatch(handle, from, to, value);
    }

    @Override
    public void free(long handle) {
      inner.free(handle);
    }

    @Override
    public void freeAfterGrace(long handle) {
      inner.freeAfterGrace(handle);
    }

    @Override
    public long live() {
      return inner.live();
    }

    @Override
    public long awaiting() {
      return inner.awaiting();
    }
  }
}
