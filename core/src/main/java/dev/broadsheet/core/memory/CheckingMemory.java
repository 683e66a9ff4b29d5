package dev.broadsheet.core.memory;

import dev.broadsheet.api.memory.ElementWidth;
import dev.broadsheet.api.memory.KernelArray;
import dev.broadsheet.api.memory.KernelLock;
import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.api.memory.ObjectCache;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/**
 * Kernel memory that catches its user's mistakes, as KASAN and lockdep do: touching what was freed
 * or never allocated, freeing twice, words outside an object, and locks taken twice or released by
 * a stranger. Each is an {@link IllegalStateException} (an {@link IndexOutOfBoundsException} for a
 * word or element outside) that names the label.
 *
 * <p>An object given back by {@link ObjectCache#freeAfterGrace} may be read until its grace period
 * is over. Freed objects are filled with a pattern, so that a stale word is seen for what it is.
 *
 * <p>Safe for use from many threads.
 */
public final class CheckingMemory implements KernelMemory {
  /** What freed objects hold: the kernel's {@code POISON_FREE}. */
  private static final long POISON = 0x6b6b_6b6b_6b6b_6b6bL;

  private final KernelMemory inner;
  private final Rcu rcu;
  private final ConcurrentHashMap<String, AtomicLong> liveByLabel = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<String, AtomicLong> heldByLabel = new ConcurrentHashMap<>();

  /**
   * Wraps memory.
   *
   * @param inner where the words are
   * @param rcu whose grace periods objects wait for, the same as that of {@code inner}
   */
  public CheckingMemory(KernelMemory inner, Rcu rcu) {
    this.inner = inner;
    this.rcu = rcu;
  }

  /** Returns how many arrays and objects of each label are live, labels with none left out. */
  public SortedMap<String, Long> live() {
    return positive(liveByLabel);
  }

  /** Returns how many locks of each label are held, labels with none left out. */
  public SortedMap<String, Long> held() {
    return positive(heldByLabel);
  }

  /**
   * Throws if a lock is held: at the end of an operation none should be.
   *
   * @throws IllegalStateException naming the locks
   */
  public void requireNoLockHeld() {
    if (!held().isEmpty()) {
      throw new IllegalStateException("locks still held: " + held());
    }
  }

  @Override
  public KernelArray array(String label, ElementWidth width, long length) {
    KernelArray array = inner.array(label, width, length);
    counter(liveByLabel, label).incrementAndGet();
    return new CheckedArray(label, array);
  }

  @Override
  public ObjectCache cache(String label, int objectBytes) {
    return new CheckedCache(label, inner.cache(label, objectBytes));
  }

  @Override
  public KernelLock lock(String label) {
    return new CheckedLock(inner.lock(label));
  }

  private static AtomicLong counter(ConcurrentHashMap<String, AtomicLong> counters, String label) {
    return counters.computeIfAbsent(label, l -> new AtomicLong());
  }

  private static SortedMap<String, Long> positive(Map<String, AtomicLong> counters) {
    SortedMap<String, Long> sorted = new TreeMap<>();
    counters.forEach(
        (label, count) -> {
          if (count.get() != 0) {
            sorted.put(label, count.get());
          }
        });
    return Collections.unmodifiableSortedMap(sorted);
  }

  private final class CheckedArray implements KernelArray {
    private final String label;
    private final KernelArray inner;
    private boolean freed;

    CheckedArray(String label, KernelArray inner) {
      this.label = label;
      this.inner = inner;
    }

    @Override
    public long length() {
      return live().length();
    }

    @Override
    public ElementWidth width() {
      return live().width();
    }

    @Override
    public long get(long index) {
      return at(index).get(index);
    }

    @Override
    public void set(long index, long value) {
      at(index).set(index, value);
    }

    @Override
    public long getPlain(long index) {
      return at(index).getPlain(index);
    }

    @Override
    public void setPlain(long index, long value) {
      at(index).setPlain(index, value);
    }

    @Override
    public boolean compareAndSet(long index, long expected, long value) {
      return at(index).compareAndSet(index, expected, value);
    }

    @Override
    public long getAndAdd(long index, long delta) {
      return at(index).getAndAdd(index, delta);
    }

    @Override
    public void fill(long from, long to, long value) {
      live().fill(from, to, value);
    }

    @Override
    public long mismatch(long from, long to, long value) {
      return live().mismatch(from, to, value);
    }

    @Override
    public synchronized void free() {
      live();
      freed = true;
      counter(liveByLabel, label).decrementAndGet();
      inner.free();
    }

    private KernelArray at(long index) {
      KernelArray array = live();
      if (index < 0 || index >= array.length()) {
        throw new IndexOutOfBoundsException(
            "index " + index + " of array '" + label + "' with " + array.length() + " elements");
      }
      return array;
    }

    private KernelArray live() {
      if (freed) {
        throw new IllegalStateException("array '" + label + "' used after it was freed");
      }
      return inner;
    }
  }

  private enum ObjectState {
    LIVE,
    AWAITING,
    FREE
  }

  private final class CheckedCache implements ObjectCache {
    private final String label;
    private final ObjectCache inner;
    private final int words;
    private final ConcurrentHashMap<Long, ObjectState> states = new ConcurrentHashMap<>();
    private final AtomicLong live = new AtomicLong();
    private final AtomicLong awaiting = new AtomicLong();
    private final LongConsumer reclaim = this::reclaim;

    CheckedCache(String label, ObjectCache inner) {
      this.label = label;
      this.inner = inner;
      this.words = inner.objectBytes() / Long.BYTES;
    }

    @Override
    public int objectBytes() {
      return inner.objectBytes();
    }

    @Override
    public long allocate() {
      long handle = inner.allocate();
      states.put(handle, ObjectState.LIVE);
      live.incrementAndGet();
      counter(liveByLabel, label).incrementAndGet();
      return handle;
    }

    @Override
    public long get(long handle, int word) {
      check(handle, word);
      return inner.get(handle, word);
    }

    @Override
    public void set(long handle, int word, long value) {
      check(handle, word);
      inner.set(handle, word, value);
    }

    @Override
    public long getPlain(long handle, int word) {
      check(handle, word);
      return inner.getPlain(handle, word);
    }

    @Override
    public void setPlain(long handle, int word, long value) {
      check(handle, word);
      inner.setPlain(handle, word, value);
    }

    @Override
    public boolean compareAndSet(long handle, int word, long expected, long value) {
      check(handle, word);
      return inner.compareAndSet(handle, word, expected, value);
    }

    @Override
    public long getAndAdd(long handle, int word, long delta) {
      check(handle, word);
      return inner.getAndAdd(handle, word, delta);
    }

    @Override
    public void fill(long handle, int from, int to, long value) {
      checkRange(handle, from, to);
      inner.fill(handle, from, to, value);
    }

    @Override
    public int mismatch(long handle, int from, int to, long value) {
      checkRange(handle, from, to);
      return inner.mismatch(handle, from, to, value);
    }

    @Override
    public void free(long handle) {
      giveBack(handle, ObjectState.FREE);
      inner.fill(handle, 0, words, POISON);
      inner.free(handle);
    }

    @Override
    public void freeAfterGrace(long handle) {
      giveBack(handle, ObjectState.AWAITING);
      awaiting.incrementAndGet();
      rcu.call(reclaim, handle);
    }

    @Override
    public long live() {
      return live.get();
    }

    @Override
    public long awaiting() {
      return awaiting.get();
    }

    private void giveBack(long handle, ObjectState next) {
      ObjectState state = states.get(handle);
      if (state != ObjectState.LIVE || !states.replace(handle, state, next)) {
        throw new IllegalStateException(
            state == null
                ? "object " + name(handle) + " freed that was never allocated"
                : "object " + name(handle) + " freed twice");
      }
      live.decrementAndGet();
      counter(liveByLabel, label).decrementAndGet();
    }

    private void reclaim(long handle) {
      states.put(handle, ObjectState.FREE);
      awaiting.decrementAndGet();
      inner.fill(handle, 0, words, POISON);
      inner.free(handle);
    }

    private void check(long handle, int word) {
      checkState(handle);
      if (word < 0 || word >= words) {
        throw new IndexOutOfBoundsException(
            "word " + word + " of object " + name(handle) + " with " + words + " words");
      }
    }

    private void checkRange(long handle, int from, int to) {
      checkState(handle);
      if (from < 0 || from > to || to > words) {
        throw new IndexOutOfBoundsException(
            "words ["
                + from
                + ", "
                + to
                + ") of object "
                + name(handle)
                + " with "
                + words
                + " words");
      }
    }

    private void checkState(long handle) {
      ObjectState state = states.get(handle);
      if (state == null) {
        throw new IllegalStateException("object " + name(handle) + " was never allocated");
      }
      if (state == ObjectState.FREE) {
        throw new IllegalStateException("object " + name(handle) + " used after it was freed");
      }
    }

    private String name(long handle) {
      return "0x" + Long.toHexString(handle) + " of '" + label + "'";
    }
  }

  private final class CheckedLock implements KernelLock {
    private final KernelLock inner;

    CheckedLock(KernelLock inner) {
      this.inner = inner;
    }

    @Override
    public String label() {
      return inner.label();
    }

    @Override
    public void lock() {
      requireHeld(false, "taken twice by one thread");
      inner.lock();
      counter(heldByLabel, label()).incrementAndGet();
    }

    @Override
    public boolean tryLock() {
      requireHeld(false, "taken twice by one thread");
      boolean taken = inner.tryLock();
      if (taken) {
        counter(heldByLabel, label()).incrementAndGet();
      }
      return taken;
    }

    @Override
    public void unlock() {
      requireHeld(true, "released by a thread that does not hold it");
      counter(heldByLabel, label()).decrementAndGet();
      inner.unlock();
    }

    @Override
    public boolean isHeldByCurrentThread() {
      return inner.isHeldByCurrentThread();
    }

    private void requireHeld(boolean held, String otherwise) {
      if (inner.isHeldByCurrentThread() != held) {
        throw new IllegalStateException("lock '" + label() + "' " + otherwise);
      }
    }
  }
}
