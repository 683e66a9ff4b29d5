package dev.broadsheet.core.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.broadsheet.api.memory.ElementWidth;
import dev.broadsheet.api.memory.KernelArray;
import dev.broadsheet.api.memory.KernelLock;
import dev.broadsheet.api.memory.ObjectCache;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class CheckingMemoryTest {
  private final Rcu rcu = new Rcu();
  private final CheckingMemory memory = new CheckingMemory(new PlainMemory(rcu), rcu);
  private final ObjectCache nodes = memory.cache("xa_node", 64);

  @Test
  void goodUse_answersAsPlainMemory() {
    for (ElementWidth width : ElementWidth.values()) {
      KernelMemoryLaws.checkArray(memory, width, 5);
    }
    KernelMemoryLaws.checkCache(memory, rcu, 64, 5);
  }

  @Test
  void object_afterFree_isRefusedByLabel() {
    long node = nodes.allocate();
    nodes.free(node);
    isRefused(() -> nodes.get(node, 0), "used after it was freed");
    isRefused(() -> nodes.set(node, 0, 1), "used after it was freed");
    isRefused(() -> nodes.getPlain(node, 0), "used after it was freed");
    isRefused(() -> nodes.setPlain(node, 0, 1), "used after it was freed");
    isRefused(() -> nodes.compareAndSet(node, 0, 0, 1), "used after it was freed");
    isRefused(() -> nodes.getAndAdd(node, 0, 1), "used after it was freed");
    isRefused(() -> nodes.fill(node, 0, 1, 1), "used after it was freed");
    isRefused(() -> nodes.mismatch(node, 0, 1, 1), "used after it was freed");
    isRefused(() -> nodes.free(node), "freed twice");
    isRefused(() -> nodes.freeAfterGrace(node), "freed twice");
  }

  @Test
  void object_awaitingItsGracePeriod_isReadableUntilItEnds() {
    long node = nodes.allocate();
    nodes.set(node, 3, 7);
    rcu.readLock();
    nodes.freeAfterGrace(node);
    rcu.poll();
    assertThat(nodes.get(node, 3)).isEqualTo(7);
    assertThat(nodes.awaiting()).isEqualTo(1);
    assertThat(nodes.live()).isZero();
    isRefused(() -> nodes.free(node), "freed twice");
    rcu.readUnlock();
    rcu.poll();
    isRefused(() -> nodes.get(node, 3), "used after it was freed");
    assertThat(nodes.awaiting()).isZero();
  }

  @Test
  void object_neverAllocated_isRefused() {
    isRefused(() -> nodes.get(0, 0), "never allocated");
    isRefused(() -> nodes.free(12345), "never allocated");
    long node = nodes.allocate();
    isRefused(() -> nodes.get(node + 1, 0), "never allocated");
  }

  @Test
  void word_outsideTheObject_isRefusedByLabel() {
    long node = nodes.allocate();
    for (int word : new int[] {-1, 8}) {
      assertThatThrownBy(() -> nodes.get(node, word))
          .isInstanceOf(IndexOutOfBoundsException.class)
          .hasMessageContaining("xa_node");
    }
    assertThatThrownBy(() -> nodes.fill(node, 0, 9, 0))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void array_afterFree_isRefusedByLabel() {
    KernelArray array = memory.array("attr.4k", ElementWidth.U8, 10);
    assertThatThrownBy(() -> array.get(10))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessageContaining("attr.4k");
    array.free();
    assertThatThrownBy(() -> array.get(0))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("attr.4k");
    assertThatThrownBy(array::length).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> array.fill(0, 0, 0)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(array::free).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void leaks_areListedByLabel() {
    long node = nodes.allocate();
    nodes.allocate();
    KernelArray array = memory.array("attr.4k", ElementWidth.U8, 10);
    assertThat(memory.live()).containsEntry("attr.4k", 1L).containsEntry("xa_node", 2L);
    array.free();
    nodes.free(node);
    assertThat(memory.live()).containsOnlyKeys("xa_node");
  }

  @Test
  void locks_misusedOrForgotten_areNamed() {
    KernelLock lock = memory.lock("slots_lock");
    assertThatThrownBy(lock::unlock)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("slots_lock");
    lock.lock();
    assertThatThrownBy(lock::lock).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(lock::tryLock).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(memory::requireNoLockHeld)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("slots_lock");
    lock.unlock();
    memory.requireNoLockHeld();
  }

  private static void isRefused(ThrowingCallable call, String why) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("xa_node")
        .hasMessageContaining(why);
  }
}
