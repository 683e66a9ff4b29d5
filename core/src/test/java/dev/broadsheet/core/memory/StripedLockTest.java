package dev.broadsheet.core.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StripedLockTest {
  private static final int READERS = 3;
  private static final int ROUNDS = 20_000;

  private final StripedLock lock = new StripedLock("mmu_lock");
  private final ExecutorService pool = Executors.newFixedThreadPool(READERS + 1);

  /** Guarded by the lock: a reader that finds them different came while a writer was inside. */
  private long first;

  private long second;

  @AfterEach
  void endThreads() {
    pool.shutdownNow();
  }

  @Test
  void readersAndWriters_ofManyThreads_neverMeet() throws Exception {
    List<Callable<Integer>> work = new ArrayList<>();
    for (int i = 0; i < READERS; i++) {
      work.add(this::read);
    }
    work.add(this::write);
    work.add(this::write);
    for (Future<Integer> done : pool.invokeAll(work)) {
      assertThat(done.get()).as("readers that saw half a change").isZero();
    }
    assertThat(first).isEqualTo(2L * ROUNDS / 10);
    assertThat(lock.isHeld()).isFalse();
  }

  private int read() {
    int torn = 0;
    for (int i = 0; i < ROUNDS; i++) {
      lock.lockRead();
      torn += first == second ? 0 : 1;
      lock.unlockRead();
    }
    return torn;
  }

  private int write() {
    for (int i = 0; i < ROUNDS / 10; i++) {
      lock.lockWrite();
      first++;
      Thread.onSpinWait();
      second++;
      lock.unlockWrite();
    }
    return 0;
  }

  @Test
  void writer_whileSomebodyReads_waitsUntilAnotherThreadReleases() throws Exception {
    lock.lockRead();
    CountDownLatch started = new CountDownLatch(1);
    Future<Boolean> writer =
        pool.submit(
            () -> {
              started.countDown();
              lock.lockWrite();
              boolean held = lock.isHeldForWrite();
              lock.unlockWrite();
              return held;
            });
    started.await();
    while (!lock.isContended()) {
      Thread.onSpinWait();
    }
    assertThat(writer.isDone()).isFalse();
    Future<?> release = pool.submit(lock::unlockRead);
    release.get();
    assertThat(writer.get()).isTrue();
    assertThat(lock.isContended()).isFalse();
  }

  @Test
  void reader_whileSomebodyWrites_queuesAndIsSeen() throws Exception {
    lock.lockWrite();
    Future<Boolean> reader =
        pool.submit(
            () -> {
              lock.lockRead();
              boolean held = lock.isHeld();
              lock.unlockRead();
              return held;
            });
    while (!lock.isContended()) {
      Thread.onSpinWait();
    }
    assertThat(reader.isDone()).isFalse();
    lock.unlockWrite();
    assertThat(reader.get()).isTrue();
  }

  @Test
  void writer_thatTakesItAgain_isRefusedByName() {
    lock.lockWrite();
    assertThatThrownBy(lock::lockRead)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("mmu_lock taken for read");
    assertThatThrownBy(lock::lockWrite)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("mmu_lock taken for write");
    lock.unlockWrite();
    assertThat(lock.isHeld()).isFalse();
  }

  @Test
  void release_withoutHolding_isRefusedByName() {
    assertThatThrownBy(lock::unlockWrite)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("mmu_lock");
  }
}
