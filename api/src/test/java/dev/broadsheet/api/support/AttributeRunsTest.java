package dev.broadsheet.api.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AttributeRunsTest {
  private static final int PAGES = 80;

  private final HeapMemory memory = new HeapMemory();

  private AttributeRuns runs(int initial) {
    return new AttributeRuns(memory, "runs", initial, memory.deferred::add);
  }

  private static void put(AttributeRuns runs, long start, long end, int attributes) {
    runs.reserve(1);
    runs.assign(start, end, attributes);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void runs_randomAssignments_answerAsAnArray(long seed) {
    Random random = new Random(seed);
    AttributeRuns runs = runs(0);
    int[] model = new int[PAGES];
    for (int step = 0; step < 150; step++) {
      int start = random.nextInt(PAGES);
      int end = start + 1 + random.nextInt(random.nextBoolean() ? PAGES - start : 1);
      int value = random.nextInt(3) * 4;
      put(runs, start, end, value);
      Arrays.fill(model, start, end, value);
      if (random.nextInt(3) == 0) {
        runs.trim();
      }
      memory.graceEnds();
      runs.audit();
      compare(runs, model);
    }
    assertThat(memory.live).hasSize(1);
    runs.free();
    assertThat(memory.live).isEmpty();
  }

  private static void compare(AttributeRuns runs, int[] model) {
    long expectedRuns = 1;
    for (int gfn = 0; gfn < PAGES; gfn++) {
      assertThat(runs.get(gfn)).as("gfn " + gfn).isEqualTo(model[gfn]);
      int end = gfn;
      while (end < PAGES && model[end] == model[gfn]) {
        end++;
      }
      if (end < PAGES) {
        assertThat(runs.runEnd(gfn)).isEqualTo(end);
        assertThat(runs.isUniform(gfn, end)).isTrue();
        assertThat(runs.isUniform(gfn, end + 1)).isFalse();
        assertThat(runs.firstDifference(gfn, PAGES, model[gfn])).isEqualTo(end);
        assertThat(runs.firstDifference(gfn, end, model[gfn])).isEqualTo(end);
        assertThat(runs.firstDifference(gfn, PAGES, model[gfn] + 1)).isEqualTo(gfn);
      }
      expectedRuns += gfn > 0 && model[gfn] != model[gfn - 1] ? 1 : 0;
    }
    expectedRuns += model[PAGES - 1] != 0 ? 1 : 0;
    assertThat(runs.runs()).isEqualTo(expectedRuns);
    assertThat(runs.get(GfnRange.GFN_LIMIT - 1)).isZero();
  }

  @Test
  void assign_toTheLastGfn_leavesNoRunBehind() {
    AttributeRuns runs = runs(8);
    put(runs, 100, GfnRange.GFN_LIMIT, 0);
    assertThat(runs.runs()).isEqualTo(2);
    assertThat(runs.runEnd(100)).isEqualTo(GfnRange.GFN_LIMIT);
    put(runs, 0, GfnRange.GFN_LIMIT, 8);
    assertThat(runs.runs()).isEqualTo(1);
    assertThat(runs.isUniform(0, GfnRange.GFN_LIMIT)).isTrue();
  }

  @Test
  void reserve_growth_isByDoublingAndFreesTheOldAfterAGracePeriod() {
    AttributeRuns runs = runs(0);
    put(runs, 2, 3, 8); // 2 + 3 words
    put(runs, 5, 6, 8); // 2 + 5 words
    assertThat(memory.live).extracting(HeapMemory.Words::length).containsExactly(8L);
    runs.reserve(1); // 2 + 5 + 2 words
    assertThat(memory.live).extracting(HeapMemory.Words::length).containsExactly(8L, 16L);
    memory.graceEnds();
    assertThat(memory.live).extracting(HeapMemory.Words::length).containsExactly(16L);
    assertThat(runs.get(5)).isEqualTo(8);

    runs.reserve(4); // 2 + 5 + 8 words: fits
    assertThat(memory.live).hasSize(1);
  }

  @Test
  void reserve_withoutMemory_changesNothing() {
    AttributeRuns runs = runs(0);
    memory.isDry = true;
    assertThatThrownBy(() -> runs.reserve(100)).isInstanceOf(KernelOutOfMemoryException.class);
    assertThat(runs.runs()).isEqualTo(1);
    assertThat(runs.get(7)).isZero();
  }

  @Test
  void trim_mostlyEmpty_shrinksAndKeepsTheRunsOrTheArray() {
    AttributeRuns runs = runs(0);
    for (long gfn = 0; gfn < 200; gfn += 2) {
      put(runs, gfn, gfn + 1, 8);
    }
    memory.graceEnds();
    runs.trim();
    assertThat(memory.deferred).as("a full array stays").isEmpty();
    put(runs, 0, 190, 8);
    memory.isDry = true;
    runs.trim();
    assertThat(memory.live).extracting(HeapMemory.Words::length).containsExactly(256L);
    memory.isDry = false;
    runs.trim();
    memory.graceEnds();
    assertThat(memory.live.get(0).length()).isBetween(16L, 64L);
    assertThat(runs.get(189)).isEqualTo(8);
    assertThat(runs.get(191)).isZero();
    assertThat(runs.get(198)).isEqualTo(8);

    put(runs, 0, 200, 0);
    runs.trim();
    memory.graceEnds();
    assertThat(memory.live).extracting(HeapMemory.Words::length).containsExactly(8L);
  }

  /** A writer that is in the way each time: the reader takes the lock and answers. */
  @Test
  void reads_thatAlwaysMeetAWriter_endUnderTheLock() {
    AttributeRuns runs = runs(0);
    put(runs, 10, 20, 8);
    memory.onLoad = () -> memory.live.get(0).getAndAdd(0, 2);
    assertThat(runs.get(15)).isEqualTo(8);
    assertThat(runs.isUniform(10, 20)).isTrue();
    assertThat(runs.isUniform(10, 21)).isFalse();
    memory.live.get(0).setPlain(0, 1); // odd: runs are being moved
    memory.onLoad = () -> {};
    assertThat(runs.get(15)).isEqualTo(8);
    assertThat(runs.isUniform(10, 20)).isTrue();
    put(runs, 30, 31, 8); // the lock is free again
  }

  @Test
  void audit_runsOutOfOrderOrAlike_isRefused() {
    AttributeRuns runs = runs(0);
    put(runs, 10, 20, 8);
    runs.audit();
    HeapMemory.Words words = memory.live.get(0);
    long second = words.getPlain(3);
    words.setPlain(3, second & ~0xffL); // equal to the run before
    assertThatThrownBy(runs::audit).hasMessageContaining("run 1 begins at 0xa");
    words.setPlain(3, 8); // begins where the first one does
    assertThatThrownBy(runs::audit).hasMessageContaining("run 1 begins at 0x0");
    words.setPlain(3, second);
    words.setPlain(2, 1L << 8); // the first one does not begin at 0
    assertThatThrownBy(runs::audit).hasMessageContaining("run 0 begins at 0x1");
  }
}
