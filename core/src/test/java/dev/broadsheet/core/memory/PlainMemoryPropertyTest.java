package dev.broadsheet.core.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.broadsheet.api.memory.ElementWidth;
import dev.broadsheet.api.memory.KernelArray;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import dev.broadsheet.api.memory.ObjectCache;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Plain memory obeys the laws of kernel memory, compared with a naive model. */
class PlainMemoryPropertyTest {
  @ParameterizedTest
  @EnumSource
  void array_underRandomOperations_agreesWithModel(ElementWidth width) {
    for (long seed = 0; seed < 20; seed++) {
      KernelMemoryLaws.checkArray(new PlainMemory(), width, seed);
      KernelMemoryLaws.checkArray(oneThread(), width, seed);
    }
  }

  @Test
  void cache_underRandomOperations_agreesWithModel() {
    for (int bytes : new int[] {8, 184, 576, 4096, 40008}) {
      for (long seed = 0; seed < 5; seed++) {
        PlainMemory memory = new PlainMemory();
        KernelMemoryLaws.checkCache(memory, memory.rcu(), bytes, seed);
        PlainMemory sequential = oneThread();
        KernelMemoryLaws.checkCache(sequential, sequential.rcu(), bytes, seed);
      }
    }
  }

  private static PlainMemory oneThread() {
    return new PlainMemory(new Rcu(), /* threads= */ false);
  }

  @Test
  void cacheOfOneThread_objects_lieInLinesAsThoseOfManyThreads() {
    // Two objects share a line in the one exactly if they do in the other: 184 bytes, 22 in 4 KiB.
    ObjectCache many = new PlainMemory().cache("many", 184);
    ObjectCache one = oneThread().cache("one", 184);
    for (int i = 0; i < 100; i++) {
      assertThat(one.allocate() % 8).isEqualTo(many.allocate() % 8);
    }
    assertThat(oneThread().cache("page", 4096).allocate()).isEqualTo(512);
  }

  @Test
  void cacheOfOneThread_growing_keepsWhatObjectsHold() {
    ObjectCache cache = oneThread().cache("c", 4096);
    long first = cache.allocate();
    cache.set(first, 511, 42);
    for (int i = 0; i < 5000; i++) {
      long next = cache.allocate();
      assertThat(cache.mismatch(next, 0, 512, 0)).isEqualTo(512);
      cache.fill(next, 0, 512, -1);
    }
    assertThat(cache.get(first, 511)).isEqualTo(42);
    assertThat(cache.mismatch(first, 0, 512, 0)).isEqualTo(511);
  }

  @ParameterizedTest
  @EnumSource
  void array_outsideItsBounds_isRefused(ElementWidth width) {
    KernelArray array = new PlainMemory().array("a", width, 10);
    for (long index : new long[] {-1, 10, 1L << 32, (1L << 32) + 3, Long.MIN_VALUE}) {
      assertThatThrownBy(() -> array.get(index)).isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> array.set(index, 1)).isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> array.getPlain(index)).isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> array.setPlain(index, 1))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> array.compareAndSet(index, 0, 1))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> array.getAndAdd(index, 1))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
    assertThatThrownBy(() -> array.fill(0, 11, 0)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> array.fill(-1, 1, 0)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> array.mismatch(5, 4, 0)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThat(array.mismatch(0, 10, 0)).isEqualTo(10);
  }

  @ParameterizedTest
  @EnumSource
  void array_afterFree_neverAnswers(ElementWidth width) {
    KernelArray array = new PlainMemory().array("a", width, 10);
    array.free();
    assertThatThrownBy(() -> array.get(0)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> array.set(0, 1)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(array::free).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void array_tooLongForJava_isAFailedAllocation() {
    assertThatThrownBy(() -> new PlainMemory().array("huge", ElementWidth.U64, 1L << 61))
        .isInstanceOf(KernelOutOfMemoryException.class)
        .hasMessageContaining("huge");
  }

  @Test
  void callersMistakes_areNamed() {
    PlainMemory memory = new PlainMemory();
    assertThatThrownBy(() -> memory.array("a", ElementWidth.U8, -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("-1");
    assertThatThrownBy(() -> memory.array(" ", ElementWidth.U8, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> memory.cache("two words", 8))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("two words");
    assertThatThrownBy(() -> memory.cache("c", 12)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> memory.lock("")).isInstanceOf(IllegalArgumentException.class);
  }
}
