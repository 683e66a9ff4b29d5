package dev.broadsheet.api;

import static dev.broadsheet.api.PageLevel.PG_LEVEL_1G;
import static dev.broadsheet.api.PageLevel.PG_LEVEL_2M;
import static dev.broadsheet.api.PageLevel.PG_LEVEL_4K;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MemslotTest {
  // [256, 1536) touches the 2M blocks 0, 1 and 2; only block 1, [512, 1024), lies wholly inside.
  private final Memslot slot = Memslot.aligned(0, new GfnRange(256, 1536));

  @Test
  void blocks_countTheCutOnes() {
    assertThat(slot.blocks(PG_LEVEL_4K)).isEqualTo(1280);
    assertThat(slot.blocks(PG_LEVEL_2M)).isEqualTo(3);
    assertThat(slot.blocks(PG_LEVEL_1G)).isEqualTo(1);
  }

  @Test
  void blockIndex_countsFromTheSlotsFirstBlock() {
    assertThat(slot.blockIndex(256, PG_LEVEL_2M)).isZero();
    assertThat(slot.blockIndex(512, PG_LEVEL_2M)).isEqualTo(1);
    assertThat(slot.blockIndex(1535, PG_LEVEL_2M)).isEqualTo(2);
    assertThat(slot.blockIndex(300, PG_LEVEL_4K)).isEqualTo(44);
  }

  @Test
  void holdsBlock_onlyWhenTheWholeBlockIsInside() {
    assertThat(slot.holdsBlock(300, PG_LEVEL_2M)).isFalse();
    assertThat(slot.holdsBlock(700, PG_LEVEL_2M)).isTrue();
    assertThat(slot.holdsBlock(1024, PG_LEVEL_2M)).isTrue();
    assertThat(slot.holdsBlock(700, PG_LEVEL_1G)).isFalse();
    assertThat(slot.holdsBlock(256, PG_LEVEL_4K)).isTrue();
    assertThat(slot.holdsBlock(1536, PG_LEVEL_4K)).isFalse();
  }
}
