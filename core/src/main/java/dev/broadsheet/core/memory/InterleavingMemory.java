package dev.broadsheet.core.memory;

import dev.broadsheet.api.memory.ElementWidth;
import dev.broadsheet.api.memory.KernelArray;
import dev.broadsheet.api.memory.KernelLock;
import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.api.memory.ObjectCache;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Kernel memory of an {@link Interleaving}: before each ordered access, free or lock operation the
 * scheduler decides which thread goes on. Made by {@link Interleaving}, which explores schedules.
 *
 * <p>Plain accesses are no steps unless asked for: code that is right touches such words under a
 * lock or alone. The order of accesses is sequentially consistent; weaker orders are not explored.
 */
public final class InterleavingMemory implements KernelMemory {
  /** Of a longer array only the beginning is noted as changed when it is freed. */
  private static final long MOST_TOUCHED = 4096;

  private final KernelMemory inner;
  private final Scheduler scheduler;
  private final boolean plainSteps;
  private final AtomicInteger regions = new AtomicInteger();

  InterleavingMemory(KernelMemory inner, Scheduler scheduler, boolean plainSteps) {
    this.inner = inner;
    this.scheduler = scheduler;
    this.plainSteps = plainSteps;
  }

  /** Returns how threads over this memory wait for each other, apart from its own locks. */
  public Turns turns() {
    return scheduler;
  }

  @Override
  public KernelArray array(String label, ElementWidth width, long length) {
    return new SteppedArray(inner.array(label, width, length), nextRegion());
  }

  @Override
  public ObjectCache cache(String label, int objectBytes) {
    return new SteppedCache(inner.cache(label, objectBytes), nextRegion());
  }

  @Override
  public KernelLock lock(String label) {
    PlainMemory.checkLabel(label);
    return new SteppedLock(label);
  }

  private long nextRegion() {
    return (long) regions.getAndIncrement() << 48;
  }

  private void ordered(long word, boolean writes) {
    scheduler.step(word, writes);
  }

  private void plain(long word, boolean writes) {
    if (plainSteps) {
      scheduler.step(word, writes);
    } else {
      scheduler.touch(word, writes);
    }
  }

  private final class SteppedArray implements KernelArray {
    private final KernelArray inner;
    private final long region;

    SteppedArray(KernelArray inner, long region) {
      this.inner = inner;
      this.region = region;
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
      ordered(region + index, false);
      return inner.get(index);
    }

    @Override
    public void set(long index, long value) {
      ordered(region + index, true);
      inner.set(index, value);
    }

    @Override
    public long getPlain(long index) {
      plain(region + index, false);
      return inner.getPlain(index);
    }

    @Override
    public void setPlain(long index, long value) {
      plain(region + index, true);
      inner.setPlain(index, value);
    }

    @Override
    public boolean compareAndSet(long index, long expected, long value) {
      ordered(region + index, true);
      return inner.compareAndSet(index, expected, value);
    }

    @Override
    public long getAndAdd(long index, long delta) {
      ordered(region + index, true);
      return inner.getAndAdd(index, delta);
    }

    @Override
    public void fill(long from, long to, long value) {
      for (long i = from; i < to; i++) {
        plain(region + i, true);
      }
      inner.fill(from, to, value);
    }

    @Override
    public long mismatch(long from, long to, long value) {
      for (long i = from; i < to; i++) {
        plain(region + i, false);
      }
      return inner.mismatch(from, to, value);
    }

    @Override
    public void free() {
      for (long i = 0; i < Math.min(inner.length(), MOST_TOUCHED); i++) {
        scheduler.touch(region + i, true);
      }
      scheduler.step();
      inner.free();
    }
  }

  private final class SteppedCache implements ObjectCache {
    private final ObjectCache inner;
    private final long region;

    SteppedCache(ObjectCache inner, long region) {
      this.inner = inner;
      this.region = region;
    }

    @Override
    public int objectBytes() {
      return inner.objectBytes();
    }

    @Override
    public long allocate() {
      return inner.allocate();
    }

    @Override
    public long get(long handle, int word) {
      ordered(region + handle + word, false);
      return inner.get(handle, word);
    }

    @Override
    public void set(long handle, int word, long value) {
      ordered(region + handle + word, true);
      inner.set(handle, word, value);
    }

    @Override
    public long getPlain(long handle, int word) {
      plain(region + handle + word, false);
      return inner.getPlain(handle, word);
    }

    @Override
    public void setPlain(long handle, int word, long value) {
      plain(region + handle + word, true);
      inner.setPlain(handle, word, value);
    }

    @Override
    public boolean compareAndSet(long handle, int word, long expected, long value) {
      ordered(region + handle + word, true);
      return inner.compareAndSet(handle, word, expected, value);
    }

    @Override
    public long getAndAdd(long handle, int word, long delta) {
      ordered(region + handle + word, true);
      return inner.getAndAdd(handle, word, delta);
    }

    @Override
    public void fill(long handle, int from, int to, long value) {
      for (int word = from; word < to; word++) {
        plain(region + handle + word, true);
      }
      inner.fill(handle, from, to, value);
    }

    @Override
    public int mismatch(long handle, int from, int to, long value) {
      for (int word = from; word < to; word++) {
        plain(region + handle + word, false);
      }
      return inner.mismatch(handle, from, to, value);
    }

    @Override
    public void free(long handle) {
      touchAll(handle);
      scheduler.step();
      inner.free(handle);
    }

    @Override
    public void freeAfterGrace(long handle) {
      touchAll(handle);
      inner.freeAfterGrace(handle); // asks the scheduler by itself, in Rcu.call
    }

    @Override
    public long live() {
      return inner.live();
    }

    @Override
    public long awaiting() {
      return inner.awaiting();
    }

    /** To give an object back changes all its words for whoever still reads them. */
    private void touchAll(long handle) {
      for (int word = 0; word < objectBytes() / Long.BYTES; word++) {
        scheduler.touch(region + handle + word, true);
      }
    }
  }

  /** A lock whose waiting the scheduler knows about. */
  private final class SteppedLock implements KernelLock {
    private final String label;
    private @Nullable Thread owner;

    SteppedLock(String label) {
      this.label = label;
    }

    @Override
    public String label() {
      return label;
    }

    @Override
    public void lock() {
      requireHeld(false, "taken twice by one thread");
      scheduler.await(this::describe, () -> owner == null);
      owner = Thread.currentThread();
    }

    private String describe() {
      Thread holder = owner;
      return "lock '" + label + "'" + (holder == null ? "" : " held by " + holder.getName());
    }

    @Override
    public boolean tryLock() {
      requireHeld(false, "taken twice by one thread");
      scheduler.step();
      if (owner != null) {
        return false;
      }
      owner = Thread.currentThread();
      return true;
    }

    @Override
    public void unlock() {
      requireHeld(true, "released by a thread that does not hold it");
      scheduler.step();
      owner = null;
    }

    @Override
    public boolean isHeldByCurrentThread() {
      return owner == Thread.currentThread();
    }

    private void requireHeld(boolean held, String otherwise) {
      if (isHeldByCurrentThread() != held) {
        throw new IllegalStateException("lock '" + label + "' " + otherwise);
      }
    }
  }
}
