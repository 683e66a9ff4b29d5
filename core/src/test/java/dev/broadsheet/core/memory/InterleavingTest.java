package dev.broadsheet.core.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.broadsheet.api.memory.ElementWidth;
import dev.broadsheet.api.memory.KernelArray;
import dev.broadsheet.api.memory.KernelLock;
import dev.broadsheet.api.memory.ObjectCache;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class InterleavingTest {
  @Test
  void racyCounter_isCaughtSystematically_withOnePreemption() {
    Interleaving.Outcome outcome = counting(InterleavingTest::racy, 2).systematic(1, 1000);
    assertThat(outcome.failure()).isPresent();
    assertThat(outcome.failure().orElseThrow().cause()).isInstanceOf(AssertionError.class);
  }

  @Test
  void racyCounter_isCaughtAtRandom_andItsLineRepeatsIt() {
    Interleaving race = counting(InterleavingTest::racy, 3);
    Interleaving.Failure failure = race.random(1, 1000).failure().orElseThrow();
    Interleaving.Outcome again = race.replay(failure.schedule());
    assertThat(again.failure().orElseThrow().cause()).hasMessage(failure.cause().getMessage());
    assertThat(again.failure().orElseThrow().schedule()).isEqualTo(failure.schedule());
    assertThat(race.random(1, 1000).failure().orElseThrow().schedule())
        .isEqualTo(failure.schedule());
  }

  @Test
  void systematicFailure_isRepeatedByItsLine() {
    Interleaving race = counting(InterleavingTest::racy, 2);
    Interleaving.Failure failure = race.systematic(2, 1000).failure().orElseThrow();
    assertThat(race.replay(failure.schedule()).failure()).isPresent();
  }

  @Test
  void atomicCounter_passesAllSchedules() {
    Interleaving.Outcome outcome = counting(InterleavingTest::atomic, 2).systematic(3, 100_000);
    assertThat(outcome.failure()).isEmpty();
    assertThat(outcome.complete()).isTrue();
    assertThat(counting(InterleavingTest::atomic, 3).random(7, 500).failure()).isEmpty();
  }

  @Test
  void plainCounter_isCaughtOnlyWithPlainSteps() {
    Consumer<KernelArray> plain = counter -> counter.setPlain(0, counter.getPlain(0) + 1);
    assertThat(counting(plain, 2).systematic(2, 1000).failure()).isEmpty();
    assertThat(counting(plain, 2).withPlainSteps().systematic(2, 1000).failure()).isPresent();
  }

  @Test
  void lockedCounter_passesAllSchedules() {
    Interleaving locked =
        Interleaving.of(
            stage -> {
              KernelArray counter = stage.memory().array("counter", ElementWidth.U32, 1);
              KernelLock lock = stage.memory().lock("lock");
              for (String name : List.of("a", "b")) {
                stage.thread(
                    name,
                    () -> {
                      lock.lock();
                      racy(counter);
                      lock.unlock();
                    });
              }
              stage.atEnd(() -> assertThat(counter.get(0)).isEqualTo(2));
            });
    Interleaving.Outcome outcome = locked.systematic(3, 100_000);
    assertThat(outcome.failure()).isEmpty();
    assertThat(outcome.complete()).isTrue();
  }

  @Test
  void locksTakenInOppositeOrder_areADeadlock() {
    Interleaving inverted =
        Interleaving.of(
            stage -> {
              KernelLock left = stage.memory().lock("left");
              KernelLock right = stage.memory().lock("right");
              stage.thread("a", () -> both(left, right));
              stage.thread("b", () -> both(right, left));
            });
    Interleaving.Failure failure = inverted.systematic(1, 1000).failure().orElseThrow();
    assertThat(failure.cause())
        .hasMessageContaining("deadlock")
        .hasMessageContaining("a waits for lock 'right' held by b")
        .hasMessageContaining("b waits for lock 'left' held by a");
    assertThat(inverted.replay(failure.schedule()).failure()).isPresent();
  }

  @Test
  void systematicSearch_reachesEveryOrderOfThreeSteps() {
    Set<String> orders = new TreeSet<>();
    Interleaving.of(
            stage -> {
              KernelArray word = stage.memory().array("word", ElementWidth.U8, 1);
              List<String> order = new ArrayList<>();
              for (String name : List.of("a", "b", "c")) {
                stage.thread(
                    name,
                    () -> {
                      word.set(0, 1);
                      order.add(name);
                    });
              }
              stage.atEnd(() -> orders.add(String.join("", order)));
            })
        .systematic(2, 100_000);
    assertThat(orders).containsExactly("abc", "acb", "bac", "bca", "cab", "cba");
  }

  @Test
  void freeUnderAReader_isCaught_andAfterAGracePeriodItIsNot() {
    assertThat(replacing(ObjectCache::free).systematic(2, 10_000).failure().orElseThrow().cause())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("used after it was freed");
    Interleaving.Outcome outcome = replacing(ObjectCache::freeAfterGrace).systematic(2, 10_000);
    assertThat(outcome.failure()).isEmpty();
    assertThat(outcome.complete()).isTrue();
  }

  @Test
  void synchronize_waitsForReaders_inEverySchedule() {
    Interleaving waiting =
        Interleaving.of(
            stage -> {
              KernelArray word = stage.memory().array("word", ElementWidth.U8, 2);
              stage.thread(
                  "reader",
                  () -> {
                    stage.rcu().readLock();
                    boolean old = word.get(0) == 0;
                    boolean gone = word.get(1) == 1;
                    stage.rcu().readUnlock();
                    assertThat(old && gone).isFalse();
                  });
              stage.thread(
                  "writer",
                  () -> {
                    word.set(0, 1);
                    stage.rcu().synchronize();
                    word.set(1, 1);
                  });
            });
    Interleaving.Outcome outcome = waiting.systematic(3, 100_000);
    assertThat(outcome.failure()).isEmpty();
    assertThat(outcome.complete()).isTrue();
  }

  @Test
  void endlessSpin_isAFailureAndNotAHang() {
    Interleaving.Failure failure =
        Interleaving.of(
                stage -> {
                  KernelArray word = stage.memory().array("word", ElementWidth.U8, 1);
                  Runnable spin =
                      () -> {
                        while (word.get(0) != 2) {
                          word.set(0, 1);
                        }
                      };
                  stage.thread("a", spin);
                  stage.thread("b", spin);
                })
            .random(1, 1)
            .failure()
            .orElseThrow();
    assertThat(failure.cause()).hasMessageContaining("spin");
  }

  @Test
  void spinningForAnother_endsInEverySchedule() {
    Interleaving.Outcome outcome =
        Interleaving.of(
                stage -> {
                  KernelArray word = stage.memory().array("word", ElementWidth.U8, 1);
                  stage.thread(
                      "waiter",
                      () -> {
                        while (word.get(0) == 0) {
                          stage.step();
                        }
                      });
                  stage.thread("setter", () -> word.set(0, 1));
                })
            .systematic(0, 100);
    assertThat(outcome.failure()).isEmpty();
  }

  @Test
  void scheduleLines_thatDoNotFit_areRefused() {
    Interleaving race = counting(InterleavingTest::atomic, 2);
    assertThatThrownBy(() -> race.replay("nobody*3"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("nobody")
        .hasMessageContaining("t0");
    assertThatThrownBy(() -> race.replay("t0*x")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> race.replay("t0*500,t1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("does not fit");
    assertThat(race.replay("t1*2,t0").failure()).isEmpty();
  }

  private static void racy(KernelArray counter) {
    counter.set(0, counter.get(0) + 1);
  }

  private static void atomic(KernelArray counter) {
    long seen = counter.get(0);
    while (!counter.compareAndSet(0, seen, seen + 1)) {
      seen = counter.get(0);
    }
  }

  private static Interleaving counting(Consumer<KernelArray> increment, int threads) {
    return Interleaving.of(
        stage -> {
          KernelArray counter = stage.memory().array("counter", ElementWidth.U64, 1);
          for (int i = 0; i < threads; i++) {
            stage.thread("t" + i, () -> increment.accept(counter));
          }
          stage.atEnd(() -> assertThat(counter.get(0)).isEqualTo(threads));
        });
  }

  private static void both(KernelLock first, KernelLock second) {
    first.lock();
    second.lock();
    second.unlock();
    first.unlock();
  }

  private interface GiveBack {
    void giveBack(ObjectCache cache, long handle);
  }

  /** A reader follows a pointer inside a section while a writer replaces the object. */
  private static Interleaving replacing(GiveBack giveBack) {
    return Interleaving.of(
        stage -> {
          ObjectCache nodes = stage.memory().cache("node", 16);
          KernelArray root = stage.memory().array("root", ElementWidth.U64, 1);
          root.set(0, nodes.allocate());
          stage.thread(
              "reader",
              () -> {
                stage.rcu().readLock();
                nodes.get(root.get(0), 1);
                stage.rcu().readUnlock();
              });
          stage.thread(
              "writer",
              () -> {
                long old = root.get(0);
                root.set(0, nodes.allocate());
                giveBack.giveBack(nodes, old);
                stage.rcu().poll();
              });
        });
  }
}
