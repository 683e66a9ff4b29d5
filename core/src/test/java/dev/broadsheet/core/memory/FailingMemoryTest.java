package dev.broadsheet.core.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.broadsheet.api.memory.ElementWidth;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import dev.broadsheet.api.memory.ObjectCache;
import org.junit.jupiter.api.Test;

class FailingMemoryTest {
  private final PlainMemory plain = new PlainMemory();
  private final FailingMemory memory = new FailingMemory(plain);

  @Test
  void nthAllocation_failsByName_andTakesNothing() {
    ObjectCache nodes = memory.cache("xa_node", 576);
    memory.failAt(3);
    memory.array("attr.4k", ElementWidth.U8, 10);
    nodes.allocate();
    assertThatThrownBy(nodes::allocate)
        .isInstanceOfSatisfying(
            KernelOutOfMemoryException.class,
            e -> {
              assertThat(e.label()).isEqualTo("xa_node");
              assertThat(e.bytes()).isEqualTo(576);
            });
    assertThat(nodes.live()).isEqualTo(1);
    assertThat(memory.lastFailure()).contains("allocation 3 ('xa_node')");
    nodes.allocate();
    assertThat(memory.allocations()).isEqualTo(4);
  }

  @Test
  void arrays_failToo() {
    memory.failAt(1);
    assertThatThrownBy(() -> memory.array("attr.4k", ElementWidth.U32, 10))
        .isInstanceOf(KernelOutOfMemoryException.class)
        .hasMessageContaining("40 bytes")
        .hasMessageContaining("attr.4k");
    memory.array("attr.4k", ElementWidth.U32, 10);
  }

  @Test
  void dryMemory_failsUntilItIsDisarmed() {
    ObjectCache nodes = memory.cache("xa_node", 576);
    memory.failFrom(2);
    nodes.allocate();
    assertThatThrownBy(nodes::allocate).isInstanceOf(KernelOutOfMemoryException.class);
    assertThatThrownBy(nodes::allocate).isInstanceOf(KernelOutOfMemoryException.class);
    memory.disarm();
    nodes.allocate();
    assertThat(nodes.live()).isEqualTo(2);
  }

  @Test
  void otherLabels_passUncounted() {
    FailingMemory filtered = new FailingMemory(plain, "xa_node"::equals);
    filtered.failAt(1);
    filtered.array("attr.4k", ElementWidth.U8, 10);
    assertThat(filtered.allocations()).isZero();
    ObjectCache nodes = filtered.cache("xa_node", 576);
    assertThatThrownBy(nodes::allocate).isInstanceOf(KernelOutOfMemoryException.class);
  }

  @Test
  void loop_overEachAllocation_ends() {
    int runs = 0;
    for (long n = 1; ; n++) {
      ObjectCache nodes = memory.cache("xa_node", 64);
      memory.failAt(n);
      try {
        for (int i = 0; i < 4; i++) {
          nodes.allocate();
        }
      } catch (KernelOutOfMemoryException e) {
        runs++;
      }
      if (memory.lastFailure().isEmpty()) {
        break;
      }
    }
    assertThat(runs).isEqualTo(4);
  }

  @Test
  void zerothAllocation_isRefused() {
    assertThatThrownBy(() -> memory.failAt(0)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void disarmed_answersAsPlainMemory() {
    KernelMemoryLaws.checkArray(memory, ElementWidth.U32, 5);
    KernelMemoryLaws.checkCache(memory, plain.rcu(), 64, 5);
  }
}
