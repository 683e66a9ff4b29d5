package dev.broadsheet.api.support;

import dev.broadsheet.api.memory.ElementWidth;
import dev.broadsheet.api.memory.KernelArray;
import dev.broadsheet.api.memory.KernelLock;
import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import dev.broadsheet.api.memory.ObjectCache;
import java.util.ArrayList;
import java.util.List;

/** Kernel memory on the heap for one thread: arrays of u64, counted, and refused when asked to. */
final class HeapMemory implements KernelMemory {
  final List<Words> live = new ArrayList<>();
  final List<Runnable> deferred = new ArrayList<>();
  boolean isDry;

  /** Runs at each load, so that a test may write between two loads of a reader. */
  Runnable onLoad = () -> {};

  void graceEnds() {
    deferred.forEach(Runnable::run);
    deferred.clear();
  }

  @Override
  public KernelArray array(String label, ElementWidth width, long length) {
    if (isDry) {
      throw new KernelOutOfMemoryException(label, length * width.bytes());
    }
    Words words = new Words((int) length);
    live.add(words);
    return words;
  }

  @Override
  public ObjectCache cache(String label, int objectBytes) {
    throw new UnsupportedOperationException(label);
  }

  @Override
  public KernelLock lock(String label) {
    return new Lock(label);
  }

  final class Words implements KernelArray {
    private final long[] words;

    Words(int length) {
      words = new long[length];
    }

    @Override
    public long length() {
      return words.length;
    }

    @Override
    public ElementWidth width() {
      return ElementWidth.U64;
    }

    @Override
    public long get(long index) {
      onLoad.run();
      return getPlain(index);
    }

    @Override
    public void set(long index, long value) {
      setPlain(index, value);
    }

    @Override
    public long getPlain(long index) {
      return words[(int) index];
    }

    @Override
    public void setPlain(long index, long value) {
      words[(int) index] = value;
    }

    @Override
    public boolean compareAndSet(long index, long expected, long value) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long getAndAdd(long index, long delta) {
      long before = words[(int) index];
      words[(int) index] += delta;
      return before;
    }

    @Override
    public void fill(long from, long to, long value) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long mismatch(long from, long to, long value) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void free() {
      if (!live.remove(this)) {
        throw new IllegalStateException("freed twice");
      }
    }
  }

  private static final class Lock implements KernelLock {
    private final String label;
    private boolean held;

    Lock(String label) {
      this.label = label;
    }

    @Override
    public String label() {
      return label;
    }

    @Override
    public void lock() {
      if (!tryLock()) {
        throw new IllegalStateException("waits for itself");
      }
    }

    @Override
    public boolean tryLock() {
      boolean taken = !held;
      held = true;
      return taken;
    }

    @Override
    public void unlock() {
      if (!held) {
        throw new IllegalStateException("not held");
      }
      held = false;
    }

    @Override
    public boolean isHeldByCurrentThread() {
      return held;
    }
  }
}
