package dev.broadsheet.core.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Read-copy-update: read sections that never wait, and callbacks that run once every section that
 * was open when they were queued has been left.
 *
 * <p>Each thread has a {@link Reader}; sections nest. Callbacks never run by themselves: they wait
 * for somebody to call {@link #poll()}, {@link #quiescent()} or {@link #barrier()}, so that a
 * sequential run is the same each time. A machine with real threads polls now and then; a
 * sequential one declares a quiet point after each event.
 *
 * <p>Safe for use from many threads. Queueing and polling allocate nothing in steady state.
 */
public final class Rcu {
  private static final VarHandle SINCE;

  static {
    try {
      SINCE = MethodHandles.lookup().findVarHandle(Reader.class, "since", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /**
   * What a scheduler that decides about every step wants to be asked; see {@link
   * InterleavingMemory}.
   */
  interface Steps extends Turns {
    /** A step is about to be taken. */
    void step();
  }

  private final @Nullable Steps steps;
  private final CopyOnWriteArrayList<Reader> readers = new CopyOnWriteArrayList<>();

  /**
   * Weak, for a thread outlives machines: a reader knows its instance, and an entry of a thread
   * that held it would keep instance and entry alive for each other. {@link #readers} holds it.
   */
  private final ThreadLocal<WeakReference<Reader>> readerOfThread =
      ThreadLocal.withInitial(() -> new WeakReference<>(register()));

  /**
   * Counts grace periods asked for. A reader notes it on entry; a callback that was queued at stamp
   * s may run when no open section began at or before s. Written under {@link #queue}.
   */
  private volatile long epoch = 1;

  private final Queue queue = new Queue();

  /** Creates an instance without readers or callbacks. */
  public Rcu() {
    this(null);
  }

  Rcu(@Nullable Steps steps) {
    this.steps = steps;
  }

  /** Enters a read section ({@code rcu_read_lock()}); sections nest. */
  public void readLock() {
    reader().lock();
  }

  /**
   * Leaves the innermost read section ({@code rcu_read_unlock()}).
   *
   * @throws IllegalStateException if the calling thread is in none
   */
  public void readUnlock() {
    reader().unlock();
  }

  /** Returns whether the calling thread is in a read section. */
  public boolean isReading() {
    return reader().nesting > 0;
  }

  /** Returns the calling thread's reader; whoever keeps it saves a look-up per section. */
  public Reader reader() {
    return Objects.requireNonNull(readerOfThread.get().get(), "the list of readers holds it");
  }

  /** Queues a callback ({@code call_rcu()}); it runs in a later poll, in the order of queueing. */
  public void call(Runnable callback) {
    call(ignored -> callback.run(), 0);
  }

  /**
   * Queues a callback with an argument. With a callback that is kept, queueing allocates nothing.
   */
  public void call(LongConsumer callback, long argument) {
    step();
    synchronized (queue) {
      long stamp = epoch;
      epoch = stamp + 1;
      queue.add(callback, argument, stamp);
    }
  }

  /**
   * Runs the callbacks whose grace period is over.
   *
   * @return how many ran
   * @throws RuntimeException what the first failing callback threw; all others have run then, and
   *     what they threw is suppressed in it
   */
  public int poll() {
    if (queue.size == 0) {
      return 0;
    }
    step();
    long limit = Math.min(epoch, oldestSection());
    int ran = 0;
    Throwable failure = null;
    while (true) {
      LongConsumer callback;
      long argument;
      synchronized (queue) {
        if (queue.size == 0 || queue.firstStamp() >= limit) {
          break;
        }
        callback = queue.firstCallback();
        argument = queue.firstArgument();
        queue.removeFirst();
      }
      ran++;
      try {
        callback.accept(argument);
      } catch (RuntimeException | Error e) {
        if (failure == null) {
          failure = e;
        } else if (failure != e) {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure instanceof RuntimeException exception) {
      throw exception;
    }
    return ran;
  }

  /**
   * Declares that nobody reads, and runs all callbacks, also those that callbacks queue.
   *
   * @return how many ran
   * @throws IllegalStateException if some thread is in a read section
   */
  public int quiescent() {
    if (queue.size == 0) {
      return 0;
    }
    if (oldestSection() != Long.MAX_VALUE) {
      throw new IllegalStateException(
          "a quiet point was declared while a thread is in an RCU read section");
    }
    int ran = 0;
    while (queue.size > 0) {
      ran += poll();
    }
    return ran;
  }

  /**
   * Waits until all read sections that are open now have been left ({@code synchronize_rcu()}).
   * Runs no callbacks.
   *
   * @throws IllegalStateException if the calling thread is in one, for it would wait for itself
   */
  public void synchronize() {
    if (isReading()) {
      throw new IllegalStateException("synchronize() inside an RCU read section waits for itself");
    }
    step();
    long stamp;
    synchronized (queue) {
      stamp = epoch;
      epoch = stamp + 1;
    }
    if (steps != null) {
      steps.await(() -> "an RCU grace period", () -> oldestSection() > stamp);
      return;
    }
    for (int spins = 0; oldestSection() <= stamp; spins++) {
      if (spins < 1000) {
        Thread.onSpinWait();
      } else {
        LockSupport.parkNanos(10_000);
      }
    }
  }

  /** Waits for a grace period and runs all that was queued before ({@code rcu_barrier()}). */
  public void barrier() {
    synchronize();
    poll();
  }

  /** Returns the number of callbacks that have not run yet. */
  public int pending() {
    return queue.size;
  }

  private Reader register() {
    Reader reader = new Reader(this, Thread.currentThread());
    List<Reader> gone = new ArrayList<>();
    for (Reader other : readers) {
      if (!other.thread.isAlive() && other.since == 0) {
        gone.add(other);
      }
    }
    readers.removeAll(gone);
    readers.add(reader);
    return reader;
  }

  /**
   * Returns the epoch at which the oldest open section began, or {@link Long#MAX_VALUE}. Relies on:
   * what the caller unlinked is ordered before this scan by the fence, and a reader's note before
   * its loads; so a reader that is missed here sees the unlinking.
   */
  private long oldestSection() {
    VarHandle.fullFence();
    long oldest = Long.MAX_VALUE;
    for (Reader reader : readers) {
      long since = reader.since;
      if (since != 0 && since < oldest) {
        oldest = since;
      }
    }
    return oldest;
  }

  private void step() {
    if (steps != null) {
      steps.step();
    }
  }

  /** The read sections of one thread. Only that thread may use it. */
  public static final class Reader extends OwnLines {
    private final Rcu rcu;
    private final Thread thread;
    private int nesting;

    /** Epoch at which the outermost section began; 0 outside. Written by the owner only. */
    private volatile long since;

    private Reader(Rcu rcu, Thread thread) {
      this.rcu = rcu;
      this.thread = thread;
    }

    /** Enters a read section. */
    public void lock() {
      if (nesting++ == 0) {
        rcu.step();
        since = rcu.epoch;
      }
    }

    /**
     * Leaves the innermost section.
     *
     * @throws IllegalStateException if there is none
     */
    public void unlock() {
      if (nesting == 0) {
        throw new IllegalStateException("RCU read section left that was never entered");
      }
      if (--nesting == 0) {
        rcu.step();
        SINCE.setRelease(this, 0L);
      }
    }
  }

  /** A ring of callbacks in three parallel arrays. Guarded by its own monitor. */
  private static final class Queue {
    private LongConsumer[] callbacks = new LongConsumer[64];
    private long[] arguments = new long[64];
    private long[] stamps = new long[64];
    private int head;
    private int count;

    /** The count, for a look without the monitor. */
    private volatile int size;

    void add(LongConsumer callback, long argument, long stamp) {
      if (count == stamps.length) {
        grow();
      }
      int at = (head + count) & (stamps.length - 1);
      callbacks[at] = callback;
      arguments[at] = argument;
      stamps[at] = stamp;
      size = ++count;
    }

    long firstStamp() {
      return stamps[head];
    }

    LongConsumer firstCallback() {
      return callbacks[head];
    }

    long firstArgument() {
      return arguments[head];
    }

    void removeFirst() {
      callbacks[head] = null;
      head = (head + 1) & (stamps.length - 1);
      size = --count;
    }

    private void grow() {
      int length = stamps.length;
      LongConsumer[] newCallbacks = new LongConsumer[2 * length];
      long[] newArguments = new long[2 * length];
      long[] newStamps = new long[2 * length];
      for (int i = 0; i < length; i++) {
        int from = (head + i) & (length - 1);
        newCallbacks[i] = callbacks[from];
        newArguments[i] = arguments[from];
        newStamps[i] = stamps[from];
      }
      callbacks = newCallbacks;
      arguments = newArguments;
      stamps = newStamps;
      head = 0;
    }
  }
}
