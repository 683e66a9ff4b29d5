package dev.broadsheet.core.memslot;

import static dev.broadsheet.api.PageLevel.PG_LEVEL_1G;
import static dev.broadsheet.api.PageLevel.PG_LEVEL_2M;
import static dev.broadsheet.api.PageLevel.PG_LEVEL_4K;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.core.memory.PlainMemory;
import org.junit.jupiter.api.Test;

class SlotLpageInfoTest {
  private static SlotLpageInfo words(long start, long end, long userGfn) {
    return new SlotLpageInfo(new PlainMemory(), new Memslot(3, new GfnRange(start, end), userGfn));
  }

  private static String text(SlotLpageInfo info, PageLevel level) {
    StringBuilder text = new StringBuilder();
    for (long i = 0; i < info.length(level); i++) {
      text.append(Long.toHexString(info.wordAt(level, i))).append(' ');
    }
    return text.toString().strip();
  }

  @Test
  void alignedSlot_isAllowedEverywhere() {
    SlotLpageInfo info = words(0, 0x40000, 0);
    assertThat(info.length(PG_LEVEL_2M)).isEqualTo(512);
    assertThat(text(info, PG_LEVEL_1G)).isEqualTo("0");
    assertThat(info.isAllowed(0x3ffff, PG_LEVEL_2M)).isTrue();
  }

  @Test
  void cutBlocks_countOnceAtHeadAndTail() {
    SlotLpageInfo info = words(0x1ff, 0x601, 0x1ff);
    assertThat(text(info, PG_LEVEL_2M)).isEqualTo("1 0 0 1");
    assertThat(text(info, PG_LEVEL_1G)).isEqualTo("1");
  }

  @Test
  void slotInsideOneBlock_countsOneNotTwo() {
    assertThat(text(words(0x10, 0x20, 0x10), PG_LEVEL_2M)).isEqualTo("1");
  }

  @Test
  void maxLevel_isTheLargestWithAZeroWordBelowTheCeiling() {
    SlotLpageInfo info = words(0, 0x80000, 0);
    info.setMixed(0x200, PG_LEVEL_2M);
    info.setMixed(0, PG_LEVEL_1G);
    assertThat(info.maxLevel(0x40000, PG_LEVEL_1G)).isEqualTo(PG_LEVEL_1G);
    assertThat(info.maxLevel(0x40000, PG_LEVEL_2M)).isEqualTo(PG_LEVEL_2M);
    assertThat(info.maxLevel(0x40000, PG_LEVEL_4K)).isEqualTo(PG_LEVEL_4K);
    assertThat(info.maxLevel(0x1ff, PG_LEVEL_1G)).isEqualTo(PG_LEVEL_2M);
    assertThat(info.maxLevel(0x200, PG_LEVEL_1G)).isEqualTo(PG_LEVEL_4K);
  }

  @Test
  void userAddressNotCongruent_countsInEveryWordOfTheLevel() {
    SlotLpageInfo byPage = words(0x1ff, 0x601, 0);
    assertThat(text(byPage, PG_LEVEL_2M)).isEqualTo("1 1 1 1");
    SlotLpageInfo by2m = words(0, 0x80000, 0x200);
    assertThat(by2m.isAllowed(0, PG_LEVEL_2M)).isTrue();
    assertThat(text(by2m, PG_LEVEL_1G)).isEqualTo("1 1");
  }

  @Test
  void trackingAndMixedFlag_liveInOneWord() {
    SlotLpageInfo info = words(0, 0x40000, 0);
    info.track(0x200);
    info.setMixed(0x200, PG_LEVEL_2M);
    info.setMixed(0x200, PG_LEVEL_2M);
    assertThat(info.word(0x3ff, PG_LEVEL_2M)).isEqualTo(0x80000001L);
    assertThat(info.word(0, PG_LEVEL_1G)).isEqualTo(1);
    info.untrack(0x201);
    assertThat(info.isAllowed(0x200, PG_LEVEL_2M)).isFalse();
    info.clearMixed(0x200, PG_LEVEL_2M);
    assertThat(info.isAllowed(0x200, PG_LEVEL_2M)).isTrue();
    assertThatThrownBy(() -> info.untrack(0x200)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void inhibitedBlock_staysInhibited() {
    SlotLpageInfo info = words(0, 0x40000, 0);
    info.inhibit(0x200, PG_LEVEL_2M);
    info.setMixed(0x200, PG_LEVEL_2M);
    info.clearMixed(0x200, PG_LEVEL_2M);
    assertThat(info.word(0x200, PG_LEVEL_2M)).isEqualTo(0x40000000L);
    assertThat(info.isInhibited(0x3ff, PG_LEVEL_2M)).isTrue();
    assertThat(info.isInhibited(0x400, PG_LEVEL_2M)).isFalse();
  }
}
