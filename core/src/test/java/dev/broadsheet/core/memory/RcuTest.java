package dev.broadsheet.core.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class RcuTest {
  private final Rcu rcu = new Rcu();
  private final List<String> ran = new ArrayList<>();

  @Test
  void callback_withoutReaders_runsInThePollAndNotBefore() {
    rcu.call(() -> ran.add("a"));
    rcu.call(() -> ran.add("b"));
    assertThat(ran).isEmpty();
    assertThat(rcu.pending()).isEqualTo(2);
    assertThat(rcu.poll()).isEqualTo(2);
    assertThat(ran).containsExactly("a", "b");
    assertThat(rcu.pending()).isZero();
  }

  @Test
  void callback_underAnOpenSection_waitsForTheOutermostUnlock() {
    rcu.readLock();
    rcu.readLock();
    rcu.call(() -> ran.add("a"));
    assertThat(rcu.poll()).isZero();
    rcu.readUnlock();
    assertThat(rcu.isReading()).isTrue();
    assertThat(rcu.poll()).isZero();
    rcu.readUnlock();
    assertThat(rcu.isReading()).isFalse();
    assertThat(rcu.poll()).isEqualTo(1);
  }

  @Test
  void callback_queuedBeforeALaterSection_doesNotWaitForIt() {
    rcu.call(() -> ran.add("before"));
    rcu.readLock();
    rcu.call(() -> ran.add("inside"));
    assertThat(rcu.poll()).isEqualTo(1);
    assertThat(ran).containsExactly("before");
    rcu.readUnlock();
    assertThat(rcu.poll()).isEqualTo(1);
  }

  @Test
  void callbacks_thatThrow_areReportedAfterAllOthersRan() {
    rcu.call(
        () -> {
          throw new IllegalStateException("first");
        });
    rcu.call(() -> ran.add("second"));
    rcu.call(
        () -> {
          throw new IllegalArgumentException("third");
        });
    assertThatThrownBy(rcu::poll)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("first")
        .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
    assertThat(ran).containsExactly("second");
    assertThat(rcu.pending()).isZero();
  }

  @Test
  void callback_thatQueuesItself_runsOncePerPoll() {
    Runnable[] self = new Runnable[1];
    self[0] =
        () -> {
          ran.add("again");
          if (ran.size() < 3) {
            rcu.call(self[0]);
          }
        };
    rcu.call(self[0]);
    assertThat(rcu.poll()).isEqualTo(1);
    assertThat(ran).hasSize(1);
    assertThat(rcu.quiescent()).isEqualTo(2);
    assertThat(ran).hasSize(3);
  }

  @Test
  void quiescent_insideASection_isRefused() {
    rcu.call(() -> ran.add("a"));
    rcu.readLock();
    assertThatThrownBy(rcu::quiescent).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(rcu::synchronize).isInstanceOf(IllegalStateException.class);
    rcu.readUnlock();
    assertThat(rcu.quiescent()).isEqualTo(1);
  }

  @Test
  void unlock_withoutLock_isRefused() {
    assertThatThrownBy(rcu::readUnlock).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void manyCallbacks_keepTheirOrderAcrossGrowth() {
    List<Long> order = new ArrayList<>();
    for (long i = 0; i < 40; i++) {
      rcu.call(order::add, i);
    }
    assertThat(rcu.poll()).isEqualTo(40);
    for (long i = 40; i < 1000; i++) {
      rcu.call(order::add, i);
    }
    assertThat(rcu.poll()).isEqualTo(960);
    for (int i = 0; i < 1000; i++) {
      assertThat(order.get(i)).isEqualTo(i);
    }
  }

  @Test
  void synchronize_waitsForTheReaderOfAnotherThread() throws InterruptedException {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch leave = new CountDownLatch(1);
    AtomicBoolean left = new AtomicBoolean();
    Thread reader =
        new Thread(
            () -> {
              rcu.readLock();
              inside.countDown();
              awaitUninterruptibly(leave);
              left.set(true);
              rcu.readUnlock();
            });
    reader.start();
    inside.await();
    rcu.call(() -> ran.add("a"));
    assertThat(rcu.poll()).isZero();
    leave.countDown();
    rcu.barrier();
    assertThat(left).isTrue();
    assertThat(ran).containsExactly("a");
    reader.join();
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
