package dev.broadsheet.core.mmu.sync;

import dev.broadsheet.core.memory.StripedLock;
import dev.broadsheet.core.memory.Turns;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code mmu_lock}: read by faults, write by whoever zaps.
 *
 * <p>A sequential machine needs no waiting, only the check that the rules are kept: then the lock
 * is a number, and taking it twice is an error at once. A machine with real threads has a real
 * lock; one whose threads take turns asks for its turn.
 */
public final class MmuLock {
  /** Told what is held, for books about work done under each lock. */
  public interface Observer {
    /** The lock was taken. */
    void acquired(boolean write);

    /** The lock was released. */
    void released(boolean write);
  }

  private final @Nullable StripedLock real;
  private final @Nullable TurnLock turnLock;
  private @Nullable Observer observer;

  /** Sequential: -1 held for write, else the number of readers. */
  private int state;

  /**
   * Creates the lock, released.
   *
   * @param threads whether several threads will use it
   * @param turns how those threads wait, if a scheduler decides who goes on
   */
  public MmuLock(boolean threads, @Nullable Turns turns) {
    this.real = threads && turns == null ? new StripedLock("mmu_lock") : null;
    this.turnLock = threads && turns != null ? new TurnLock(turns) : null;
  }

  /** Sets who is told; null for nobody. */
  public void observe(@Nullable Observer observer) {
    this.observer = observer;
  }

  /** Takes the lock for read. */
  public void lockRead() {
    if (real != null) {
      real.lockRead();
    } else if (turnLock != null) {
      turnLock.lockRead();
    } else {
      if (state < 0) {
        throw new IllegalStateException("mmu_lock taken for read while held for write: a deadlock");
      }
      state++;
    }
    if (observer != null) {
      observer.acquired(false);
    }
  }

  /** Releases the lock after {@link #lockRead}. */
  public void unlockRead() {
    if (observer != null) {
      observer.released(false);
    }
    if (real != null) {
      real.unlockRead();
    } else if (turnLock != null) {
      turnLock.unlockRead();
    } else {
      if (state <= 0) {
        throw new IllegalStateException("mmu_lock released for read, but not held");
      }
      state--;
    }
  }

  /** Takes the lock for write. */
  public void lockWrite() {
    if (real != null) {
      real.lockWrite();
    } else if (turnLock != null) {
      turnLock.lockWrite();
    } else {
      if (state != 0) {
        throw new IllegalStateException("mmu_lock taken for write while held: a deadlock");
      }
      state = -1;
    }
    if (observer != null) {
      observer.acquired(true);
    }
  }

  /** Releases the lock after {@link #lockWrite}. */
  public void unlockWrite() {
    if (observer != null) {
      observer.released(true);
    }
    if (real != null) {
      real.unlockWrite();
    } else if (turnLock != null) {
      turnLock.unlockWrite();
    } else {
      if (state != -1) {
        throw new IllegalStateException("mmu_lock released for write, but not held");
      }
      state = 0;
    }
  }

  /** Returns whether the calling thread holds the lock for write. */
  public boolean isHeldForWrite() {
    if (real != null) {
      return real.isHeldForWrite();
    }
    return turnLock != null ? turnLock.isHeldForWrite() : state < 0;
  }

  /**
   * Checks that the calling thread holds the lock for write.
   *
   * @throws IllegalStateException if it does not
   */
  public void requireWrite() {
    if (!isHeldForWrite()) {
      throw new IllegalStateException("mmu_lock must be held for write here");
    }
  }

  /** Returns whether anybody holds the lock in either way. */
  public boolean isHeld() {
    if (real != null) {
      return real.isHeld();
    }
    return turnLock != null ? turnLock.isHeld() : state != 0;
  }

  /** Returns whether somebody waits ({@code rwlock_needbreak()}). */
  public boolean isContended() {
    return real != null ? real.isContended() : turnLock != null && turnLock.waiting > 0;
  }

  /** What could not be done now will be tried again: lets those go on that are in the way. */
  public void pause() {
    if (turnLock != null) {
      turnLock.turns.spin();
    } else {
      Thread.onSpinWait();
    }
  }

  /**
   * The lock among threads that take turns: only one of them runs at a time, so its fields need no
   * other protection.
   */
  private static final class TurnLock {
    private final Turns turns;
    private final List<Thread> readers = new ArrayList<>();
    private @Nullable Thread writer;
    private int waiting;

    TurnLock(Turns turns) {
      this.turns = turns;
    }

    void lockRead() {
      waiting++;
      turns.await(() -> "mmu_lock for read", () -> writer == null);
      waiting--;
      readers.add(Thread.currentThread());
    }

    void unlockRead() {
      if (!readers.remove(Thread.currentThread())) {
        throw new IllegalStateException("mmu_lock released for read, but not held");
      }
    }

    void lockWrite() {
      if (isHeldForWrite() || readers.contains(Thread.currentThread())) {
        throw new IllegalStateException("mmu_lock taken for write while held: a deadlock");
      }
      waiting++;
      turns.await(() -> "mmu_lock for write", () -> writer == null && readers.isEmpty());
      waiting--;
      writer = Thread.currentThread();
    }

    void unlockWrite() {
      if (!isHeldForWrite()) {
        throw new IllegalStateException("mmu_lock released for write, but not held");
      }
      writer = null;
    }

    boolean isHeldForWrite() {
      return writer == Thread.currentThread();
    }

    boolean isHeld() {
      return writer != null || !readers.isEmpty();
    }
  }
}
