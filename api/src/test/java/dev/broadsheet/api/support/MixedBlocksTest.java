package dev.broadsheet.api.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Told is exactly what turned, found by asking every block before and after. */
class MixedBlocksTest {
  private static final PageLevel[] LARGE = {PageLevel.PG_LEVEL_2M, PageLevel.PG_LEVEL_1G};
  private static final long GIB = PageLevel.PG_LEVEL_1G.pages();
  private static final long MIB2 = PageLevel.PG_LEVEL_2M.pages();
  private static final long END = 3 * GIB;

  private final HeapMemory memory = new HeapMemory();
  private final HeapMemory truthMemory = new HeapMemory();
  private final AttributeRuns truth =
      new AttributeRuns(truthMemory, "truth", 0, truthMemory.deferred::add);
  private final SlotMap<Memslot> slots = new SlotMap<>();
  private final List<String> told = new ArrayList<>();
  private long asked;

  private final MixedBlocks blocks =
      new MixedBlocks(
          memory,
          slots,
          new MixedBlocks.Probe() {
            @Override
            public boolean isMixed(long gfn, PageLevel level) {
              asked++;
              return isMixedNow(gfn, level);
            }

            @Override
            public int attributes(long gfn) {
              return truth.get(gfn);
            }
          },
          (gfn, level, mixed, now) ->
              told.add(name(gfn, level) + (mixed ? " mixed" : " uniform " + now)));

  private boolean isMixedNow(long gfn, PageLevel level) {
    return !truth.isUniform(gfn, gfn + level.pages());
  }

  private static String name(long gfn, PageLevel level) {
    return level.label() + " 0x" + Long.toHexString(gfn);
  }

  private void slot(int id, long start, long end) {
    Memslot slot = Memslot.aligned(id, new GfnRange(start, end));
    slots.add(slot, slot);
  }

  private Set<String> mixed() {
    Set<String> mixed = new TreeSet<>();
    for (int i = 0; i < slots.size(); i++) {
      GfnRange slot = slots.slot(i).range();
      for (PageLevel level : LARGE) {
        for (long gfn = 0; gfn < END; gfn += level.pages()) {
          if (slot.contains(new GfnRange(gfn, gfn + level.pages())) && isMixedNow(gfn, level)) {
            mixed.add(name(gfn, level));
          }
        }
      }
    }
    return mixed;
  }

  private void convert(long start, long end, int attributes) {
    Set<String> before = mixed();
    told.clear();
    blocks.before(new GfnRange(start, end));
    truth.reserve(1);
    truth.assign(start, end, attributes);
    blocks.after(new GfnRange(start, end), attributes);
    Set<String> after = mixed();
    List<String> expected = new ArrayList<>();
    for (String block : before) {
      if (!after.contains(block)) {
        expected.add(block + " uniform " + attributes);
      }
    }
    for (String block : after) {
      if (!before.contains(block)) {
        expected.add(block + " mixed");
      }
    }
    assertThat(told)
        .as("[0x%x, 0x%x) to %d", start, end, attributes)
        .containsExactlyInAnyOrderElementsOf(expected);
    assertThat(memory.live).as("the bitmap lives as long as the conversion").isEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void changes_randomConversions_areToldOnceEach(long seed) {
    slot(0, 5, GIB + 3 * MIB2);
    slot(1, GIB + 3 * MIB2, 2 * GIB + 100);
    slot(2, 2 * GIB + 200, END - 7);
    Random random = new Random(seed);
    for (int step = 0; step < 60; step++) {
      long size =
          switch (random.nextInt(4)) {
            case 0 -> 1 + random.nextInt(3);
            case 1 -> MIB2;
            case 2 -> 1 + random.nextLong(40 * MIB2);
            default -> 1 + random.nextLong(2 * GIB);
          };
      long start = random.nextLong(END - 1);
      if (random.nextBoolean()) {
        start = PageLevel.PG_LEVEL_2M.roundDown(start);
      }
      convert(start, Math.min(END, start + size), random.nextInt(2) * 8);
    }
  }

  @Test
  void before_upTo64Blocks_takesNoMemory() {
    slot(0, 0, END);
    memory.isDry = true;
    convert(MIB2 / 2, 62 * MIB2 + 1, 8); // 63 blocks of 2M and one of 1G
    GfnRange more = new GfnRange(MIB2 / 2, 63 * MIB2 + 1);
    assertThatThrownBy(() -> blocks.before(more)).isInstanceOf(KernelOutOfMemoryException.class);
    memory.isDry = false;
    blocks.before(more);
    assertThat(memory.live).extracting(HeapMemory.Words::length).containsExactly(2L);
    blocks.release();
    blocks.release();
    assertThat(memory.live).isEmpty();
  }

  /** A uniform 1G block that the range covers answers for its 512 children. */
  @Test
  void before_uniform1GInTheRange_isAskedOnce() {
    slot(0, 0, END);
    convert(GIB + 9, GIB + 10, 8);
    asked = 0;
    blocks.before(new GfnRange(0, END));
    assertThat(asked).as("3 x 1G twice, and 512 x 2M of the mixed one").isEqualTo(6 + 512);
    blocks.release();
  }
}
