package dev.broadsheet.core.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.broadsheet.api.memory.KernelLock;
import org.junit.jupiter.api.Test;

class PlainLockTest {
  private final KernelLock lock = new PlainMemory().lock("slots_lock");

  @Test
  void lock_takenAndReleased_knowsItsOwner() {
    assertThat(lock.isHeldByCurrentThread()).isFalse();
    lock.lock();
    assertThat(lock.isHeldByCurrentThread()).isTrue();
    lock.unlock();
    assertThat(lock.tryLock()).isTrue();
    lock.unlock();
    assertThat(lock.isHeldByCurrentThread()).isFalse();
  }

  @Test
  void lock_takenTwice_isRefusedByName() {
    lock.lock();
    assertThatThrownBy(lock::lock)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("slots_lock");
    assertThatThrownBy(lock::tryLock).isInstanceOf(IllegalStateException.class);
    lock.unlock();
    assertThat(lock.isHeldByCurrentThread()).isFalse();
  }

  @Test
  void lock_releasedWithoutHolding_isRefusedByName() {
    assertThatThrownBy(lock::unlock)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("slots_lock");
  }
}
