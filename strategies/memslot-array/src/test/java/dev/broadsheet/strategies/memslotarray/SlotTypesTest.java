package dev.broadsheet.strategies.memslotarray;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.PageType;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import dev.broadsheet.core.memory.FailingMemory;
import dev.broadsheet.core.memory.MemoryMeter;
import dev.broadsheet.core.memory.MeteredMemory;
import dev.broadsheet.core.memory.PlainMemory;
import dev.broadsheet.core.strategy.StandaloneContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SlotTypesTest {
  /** A 2M block at 0x3fe00, the 1G block at 0x40000, and half a 2M block from 0x80000 on. */
  private static final Memslot SLOT = Memslot.aligned(0, new GfnRange(0x3fe00, 0x80100));

  private static final int INVALID = 0;
  private static final int SHARED = 1;
  private static final int PRIVATE = 2;

  private final SpoilableMemory memory = new SpoilableMemory(new PlainMemory());

  @Test
  void allocate_newSlot_wholeBlocksSayTheTypeAndCutOnesNothing() {
    SlotTypes types = SlotTypes.allocate(memory, Encoding.BYTE, SLOT, PageType.PRIVATE);

    types.audit();
    assertThat(types.type(0x3fe00, PageLevel.PG_LEVEL_2M)).isEqualTo(PageType.PRIVATE);
    assertThat(types.type(0x80000, PageLevel.PG_LEVEL_2M)).isEqualTo(PageType.INVALID);
    assertThat(types.type(0x3fe00, PageLevel.PG_LEVEL_1G)).isEqualTo(PageType.INVALID);
    assertThat(types.type(0x40000, PageLevel.PG_LEVEL_1G)).isEqualTo(PageType.PRIVATE);
    assertThat(types.type(0x80000, PageLevel.PG_LEVEL_1G)).isEqualTo(PageType.INVALID);
  }

  @Test
  void allocate_slotWithinABlock_holdsNoBlock() {
    Memslot inside = Memslot.aligned(0, new GfnRange(0x40010, 0x40020));
    SlotTypes types = SlotTypes.allocate(memory, Encoding.BYTE, inside, PageType.PRIVATE);

    types.audit();
    assertThat(types.type(0x40010, PageLevel.PG_LEVEL_2M)).isEqualTo(PageType.INVALID);
    assertThat(types.type(0x40010, PageLevel.PG_LEVEL_1G)).isEqualTo(PageType.INVALID);
  }

  @ParameterizedTest
  @CsvSource({
    "attr.2m, 0, SHARED, 2M block at 0x3fe00 says SHARED",
    "attr.2m, 3, MIXED, 2M block at 0x40400 says MIXED",
    "attr.2m, 513, PRIVATE, 2M block at 0x80000 says PRIVATE",
    "attr.1g, 0, PRIVATE, 1G block at 0x0 says PRIVATE",
    "attr.1g, 1, INVALID, 1G block at 0x40000 says INVALID",
    "attr.1g, 2, MIXED, 1G block at 0x80000 says MIXED",
    "attr.4k, 0, SHARED, 2M block at 0x3fe00 says PRIVATE",
    "attr.4k, 262655, SHARED, 2M block at 0x7fe00 says PRIVATE",
  })
  void audit_spoiledElement_isFound(String label, long index, PageType spoiled, String message) {
    SlotTypes types = SlotTypes.allocate(memory, Encoding.BYTE, SLOT, PageType.PRIVATE);

    memory.array(label).set(index, code(spoiled));

    assertThatThrownBy(types::audit)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(message);
  }

  private static int code(PageType type) {
    return switch (type) {
      case INVALID -> INVALID;
      case SHARED -> SHARED;
      case PRIVATE -> PRIVATE;
      case MIXED -> 3;
    };
  }

  @Test
  void convert_whole1GBlock_reachesEveryLevelBelow() {
    SlotTypes types = SlotTypes.allocate(memory, Encoding.BYTE, SLOT, PageType.PRIVATE);
    types.convert(0x40207, 0x40208, PageAttributes.SHARED, StandaloneContext.NO_TRANSITIONS);

    types.convert(0x40000, 0x80000, PageAttributes.SHARED, StandaloneContext.NO_TRANSITIONS);

    types.audit();
    assertThat(types.type(0x40200, PageLevel.PG_LEVEL_2M)).isEqualTo(PageType.SHARED);
    assertThat(types.type(0x7fe00, PageLevel.PG_LEVEL_2M)).isEqualTo(PageType.SHARED);
    assertThat(types.type(0x7ffff, PageLevel.PG_LEVEL_4K)).isEqualTo(PageType.SHARED);
    assertThat(types.type(0x80000, PageLevel.PG_LEVEL_4K)).isEqualTo(PageType.PRIVATE);
    assertThat(types.type(0x3ffff, PageLevel.PG_LEVEL_4K)).isEqualTo(PageType.PRIVATE);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void allocate_withoutMemory_leavesNothing(long nth) {
    MemoryMeter meter = new MemoryMeter();
    FailingMemory failing = new FailingMemory(new MeteredMemory(new PlainMemory(), meter));
    failing.failAt(nth);

    assertThatThrownBy(() -> SlotTypes.allocate(failing, Encoding.ENUM, SLOT, PageType.SHARED))
        .isInstanceOf(KernelOutOfMemoryException.class);

    assertThat(meter.totalFootprint().live()).isZero();
  }
}
