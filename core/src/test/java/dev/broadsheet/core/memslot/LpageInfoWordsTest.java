package dev.broadsheet.core.memslot;

import static dev.broadsheet.api.PageLevel.PG_LEVEL_1G;
import static dev.broadsheet.api.PageLevel.PG_LEVEL_2M;
import static dev.broadsheet.api.PageLevel.PG_LEVEL_4K;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.broadsheet.api.Geometry;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.core.memory.PlainMemory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LpageInfoWordsTest {
  private final Memslots slots = new Memslots(Geometry.standard(), true);
  private final LpageInfoWords words = new LpageInfoWords(slots);

  private final KvmMemslot slot =
      new KvmMemslot(new PlainMemory(), Memslot.aligned(1, new GfnRange(0x100, 0x900)), 0);

  @BeforeEach
  void addSlot() {
    slots.insert(slot);
  }

  @Test
  void blockCutByTheSlot_isNotTheTrackersToChange() {
    assertThat(words.covers(0x200, PG_LEVEL_2M)).isTrue();
    assertThat(words.covers(0x1ff, PG_LEVEL_2M)).isFalse();
    assertThat(words.covers(0x200, PG_LEVEL_1G)).isFalse();
    assertThatThrownBy(() -> words.setMixed(0x100, PG_LEVEL_2M))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("R7")
        .hasMessageContaining("[0x0, 0x200)")
        .hasMessageContaining("memslot 1 [0x100, 0x900)");
    assertThatThrownBy(() -> words.clearMixed(0x8ff, PG_LEVEL_2M))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> words.addReason(0x900, PG_LEVEL_2M))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no memslot at 0x900");
  }

  @Test
  void reasonOfAnother_cannotBeTakenBack() {
    slot.lpageInfo().track(0x200);
    assertThatThrownBy(() -> words.removeReason(0x200, PG_LEVEL_2M))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("R7");
    words.addReason(0x200, PG_LEVEL_2M);
    words.removeReason(0x3ff, PG_LEVEL_2M);
    assertThat(slot.lpageInfo().word(0x200, PG_LEVEL_2M)).isEqualTo(1);
    assertThatThrownBy(() -> words.removeReason(0x200, PG_LEVEL_2M))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void outsideSlots_nothingIsMixedOrAllowed() {
    assertThat(words.isMixed(0x900, PG_LEVEL_2M)).isFalse();
    assertThat(words.isAllowed(0x900, PG_LEVEL_2M)).isFalse();
  }

  @Test
  void firstMixed_insideAndBeyondTheSlot_isTheFirstBlockWithTheFlag() {
    assertThat(words.firstMixed(0x200, 0x800, PG_LEVEL_2M)).isEqualTo(0x800);
    words.setMixed(0x600, PG_LEVEL_2M);
    words.addReason(0x400, PG_LEVEL_2M); // is no flag
    assertThat(words.firstMixed(0x200, 0x800, PG_LEVEL_2M)).isEqualTo(0x600);
    assertThat(words.firstMixed(0x200, 0x600, PG_LEVEL_2M)).isEqualTo(0x600);
    assertThat(words.firstMixed(0x600, 0x2000, PG_LEVEL_2M)).isEqualTo(0x600);
    assertThat(words.firstMixed(0x0, 0x2000, PG_LEVEL_2M)).isEqualTo(0x600);
    words.clearMixed(0x600, PG_LEVEL_2M);
    assertThat(words.firstMixed(0x0, 0x2000, PG_LEVEL_2M)).isEqualTo(0x2000);
  }

  @Test
  void smallPages_haveNoWords() {
    assertThatThrownBy(() -> words.isMixed(0x200, PG_LEVEL_4K))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
