package dev.broadsheet.core.tdx.td;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TryLockTest {
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shared_isHeldByManyAndExcludesOne(boolean threads) {
    TryLock lock = new TryLock(threads);
    assertThat(lock.tryShared()).isTrue();
    assertThat(lock.tryShared()).isTrue();
    assertThat(lock.tryExclusive()).isFalse();
    lock.unlockShared();
    assertThat(lock.tryExclusive()).isFalse();
    lock.unlockShared();
    assertThat(lock.isFree()).isTrue();
    assertThat(lock.tryExclusive()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void exclusive_excludesAll(boolean threads) {
    TryLock lock = new TryLock(threads);
    assertThat(lock.tryExclusive()).isTrue();
    assertThat(lock.tryExclusive()).isFalse();
    assertThat(lock.tryShared()).isFalse();
    assertThat(lock.isFree()).isFalse();
    lock.unlockExclusive();
    assertThat(lock.isFree()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void upgrade_succeedsForTheOnlySharer(boolean threads) {
    TryLock lock = new TryLock(threads);
    lock.tryShared();
    lock.tryShared();
    assertThat(lock.tryUpgrade()).isFalse();
    lock.unlockShared();
    assertThat(lock.tryUpgrade()).isTrue();
    assertThat(lock.tryShared()).isFalse();
    lock.unlockExclusive();
    assertThat(lock.isFree()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void release_ofWhatNobodyHolds_isFound(boolean threads) {
    TryLock lock = new TryLock(threads);
    assertThatThrownBy(lock::unlockExclusive).isInstanceOf(IllegalStateException.class);
    lock.unlockShared();
    assertThatThrownBy(lock::isFree)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("not held shared");
  }

  @Test
  void holders_ofManyThreads_neverShareWithOneThatIsAlone() throws Exception {
    TryLock lock = new TryLock(true);
    AtomicInteger sharing = new AtomicInteger();
    AtomicInteger alone = new AtomicInteger();
    List<Callable<Integer>> work = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      boolean upgrades = i == 0;
      work.add(() -> tryManyTimes(lock, sharing, alone, upgrades));
    }
    ExecutorService pool = Executors.newFixedThreadPool(work.size());
    try {
      int taken = 0;
      for (Future<Integer> done : pool.invokeAll(work)) {
        taken += done.get();
      }
      assertThat(taken).isGreaterThan(1000);
    } finally {
      pool.shutdownNow();
    }
    assertThat(lock.isFree()).isTrue();
  }

  /** Returns how often it got the lock. */
  private static int tryManyTimes(
      TryLock lock, AtomicInteger sharing, AtomicInteger alone, boolean upgrades) {
    int taken = 0;
    for (int i = 0; i < 20_000; i++) {
      if (i % 8 == 7 && !upgrades) {
        if (lock.tryExclusive()) {
          taken++;
          beAlone(sharing, alone);
          lock.unlockExclusive();
        }
      } else if (lock.tryShared()) {
        taken++;
        assertThat(alone.get()).isZero();
        if (upgrades && lock.tryUpgrade()) {
          beAlone(sharing, alone);
          lock.unlockExclusive();
          continue;
        }
        sharing.incrementAndGet();
        assertThat(alone.get()).isZero();
        sharing.decrementAndGet();
        lock.unlockShared();
      }
    }
    return taken;
  }

  private static void beAlone(AtomicInteger sharing, AtomicInteger alone) {
    assertThat(alone.incrementAndGet()).isEqualTo(1);
    assertThat(sharing.get()).isZero();
    alone.decrementAndGet();
  }
}
