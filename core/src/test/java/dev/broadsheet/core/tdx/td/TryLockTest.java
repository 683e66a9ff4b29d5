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
import org.jspecify.annotations.Nullable;
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

  @Test
  void release_ofWhatNobodyHolds_isFoundAtOnceByOneThread() {
    TryLock lock = new TryLock(false);
    assertThatThrownBy(lock::unlockExclusive).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(lock::unlockShared)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("more often than taken");
  }

  @Test
  void release_ofWhatNobodyHolds_isFoundByWhoeverSums() {
    TryLock lock = new TryLock(true);
    assertThatThrownBy(lock::unlockExclusive).isInstanceOf(IllegalStateException.class);
    lock.unlockShared();
    assertThatThrownBy(lock::isFree)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("not held shared");
  }

  @Test
  void holders_ofManyThreads_neverShareWithOneThatIsAlone() throws Exception {
    TryLock lock = new TryLock(true);
    Holders holders = new Holders(lock);
    List<Callable<Void>> work = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      boolean upgrades = i == 0;
      work.add(() -> holders.tryManyTimes(upgrades));
    }
    ExecutorService pool = Executors.newFixedThreadPool(work.size());
    try {
      for (Future<Void> done : pool.invokeAll(work)) {
        done.get();
      }
    } finally {
      pool.shutdownNow();
    }
    assertThat(lock.isFree()).isTrue();
    assertThat(holders.shared.get()).as("shared holds").isPositive();
    assertThat(holders.exclusive.get()).as("exclusive holds").isPositive();
    assertThat(holders.upgraded.get()).as("upgraded holds").isPositive();
  }

  /** Threads that try one lock, and what they find while they hold it. */
  private static final class Holders {
    private final TryLock lock;
    private final AtomicInteger sharing = new AtomicInteger();
    private final AtomicInteger alone = new AtomicInteger();
    final AtomicInteger shared = new AtomicInteger();
    final AtomicInteger exclusive = new AtomicInteger();
    final AtomicInteger upgraded = new AtomicInteger();

    Holders(TryLock lock) {
      this.lock = lock;
    }

    @Nullable Void tryManyTimes(boolean upgrades) {
      for (int i = 0; i < 20_000; i++) {
        if (i % 8 == 7 && !upgrades) {
          tryAlone();
        } else if (lock.tryShared()) {
          share(upgrades);
        }
      }
      return null;
    }

    private void tryAlone() {
      if (lock.tryExclusive()) {
        exclusive.incrementAndGet();
        beAlone();
        lock.unlockExclusive();
      }
    }

    private void share(boolean upgrades) {
      assertThat(alone.get()).isZero();
      if (upgrades && lock.tryUpgrade()) {
        upgraded.incrementAndGet();
        beAlone();
        lock.unlockExclusive();
        return;
      }
      shared.incrementAndGet();
      sharing.incrementAndGet();
      assertThat(alone.get()).isZero();
      sharing.decrementAndGet();
      lock.unlockShared();
    }

    private void beAlone() {
      assertThat(alone.incrementAndGet()).isEqualTo(1);
      assertThat(sharing.get()).isZero();
      alone.decrementAndGet();
    }
  }
}
