package dev.broadsheet.core.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A word that several threads change: the kernel's {@code atomic64_t}. In a machine of one thread
 * it is a word that this thread changes; an uncontended atomic operation costs 20 times an
 * addition, and a private fault makes some sixty of them.
 */
public final class Atomic64 extends OwnLines {
  private static final VarHandle VALUE;

  static {
    try {
      VALUE = MethodHandles.lookup().findVarHandle(Atomic64.class, "value", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final boolean threads;
  private long value;

  /** Creates a word that holds 0; {@code threads} says whether several threads will use it. */
  public Atomic64(boolean threads) {
    this(threads, 0);
  }

  /** Creates a word. */
  public Atomic64(boolean threads, long initial) {
    this.threads = threads;
    this.value = initial;
  }

  /** Returns the value. */
  public long get() {
    return threads ? (long) VALUE.getVolatile(this) : value;
  }

  /** Stores a value. */
  public void set(long next) {
    if (threads) {
      VALUE.setVolatile(this, next);
    } else {
      value = next;
    }
  }

  /** Stores a value if another is there; returns whether it was. */
  public boolean compareAndSet(long expected, long next) {
    if (threads) {
      return VALUE.compareAndSet(this, expected, next);
    }
    if (value != expected) {
      return false;
    }
    value = next;
    return true;
  }

  /** Adds; returns what was there before. */
  public long getAndAdd(long delta) {
    if (threads) {
      return (long) VALUE.getAndAdd(this, delta);
    }
    long before = value;
    value = before + delta;
    return before;
  }

  /** Adds one; returns what was there before. */
  public long getAndIncrement() {
    return getAndAdd(1);
  }

  /** Subtracts one; returns what was there before. */
  public long getAndDecrement() {
    return getAndAdd(-1);
  }
}
