package dev.broadsheet.core.mmu.spte;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Literals come from logs of real KVM (NPT) and from the kernel's definitions (EPT). */
class SpteTest {
  private static final long FROZEN = 0x8000_0000_0000_05a0L;
  private static final long EMPTY = 0x8000_0000_0000_0000L;

  @Test
  void frozen_isNeitherPresentNorEmptyNorMmio() {
    assertThat(Spte.FROZEN).isEqualTo(FROZEN);
    assertThat(Spte.NONPRESENT).isEqualTo(EMPTY);
    assertThat(Spte.isPresent(FROZEN)).isFalse();
    for (SpteLayout layout : new SpteLayout[] {SpteLayout.EPT, SpteLayout.EPT_TD, SpteLayout.NPT}) {
      assertThat(layout.isMmio(FROZEN, 0)).isFalse();
      assertThat(layout.isMmio(EMPTY, 0)).isFalse();
      assertThat(layout.isReadable(FROZEN)).isFalse();
    }
  }

  @Test
  void frozen_withReservedBit_isStillFrozen() {
    long keep = Spte.reservable(0) | Spte.reservable(1);

    assertThat(keep).isEqualTo(1L << 62 | 1L << 59);
    assertThat(Spte.isFrozen(FROZEN | 1L << 62, keep)).isTrue();
    assertThat(Spte.isFrozen(FROZEN | 1L << 62, 0)).isFalse();
  }

  @Test
  void makeTable_npt_isWhatRealKvmWrote() {
    assertThat(SpteLayout.NPT.makeTable(0x121b32)).isEqualTo(0x121b32827L);
  }

  @Test
  void makeLeaf_npt_isWhatRealKvmWrote() {
    assertThat(SpteLayout.NPT.makeLeaf(0x121b28, 1, EMPTY, false, true, true))
        .isEqualTo(0x121b28e67L);
    assertThat(SpteLayout.NPT.makeLeaf(0x102e00, 2, EMPTY, false, true, true))
        .isEqualTo(0x102e00ee7L);
  }

  @Test
  void makeLeaf_prefetchOverAWritableLeaf_hasNeitherAccessedNorDirty() {
    long old = SpteLayout.EPT.makeLeaf(5, 1, EMPTY, false, true, true);

    long spte = SpteLayout.EPT.makeLeaf(5, 1, old, true, true, true);

    assertThat(SpteLayout.EPT.isAccessed(spte)).isFalse();
    assertThat(SpteLayout.EPT.isDirty(spte)).isFalse();
    assertThat(SpteLayout.EPT.isWritable(spte)).isTrue();
  }

  @Test
  void makeLeaf_ept_hasTheKernelsBits() {
    long spte = SpteLayout.EPT.makeLeaf(0x1a00, 2, EMPTY, false, true, true);

    // R W X, write-back, huge, A, D, MMU-present, host- and MMU-writable, suppress #VE
    long bits = 0b111 | 6 << 3 | 1 << 7 | 1 << 8 | 1 << 9 | 1 << 11;
    assertThat(spte).isEqualTo(bits | 0x1a00L << 12 | 1L << 57 | 1L << 58 | 1L << 63);
  }

  @Test
  void makeSplit_everyChild_continuesTheFrames() {
    long leaf = SpteLayout.NPT.makeLeaf(0x40000, 3, EMPTY, false, true, true);

    long child = SpteLayout.NPT.makeSplit(leaf, 3, 7, false);
    long grandchild = SpteLayout.NPT.makeSplit(child, 2, 9, false);

    assertThat(Spte.pfn(child)).isEqualTo(0x40000 + 7 * 512);
    assertThat(Spte.isLeaf(child, 2)).isTrue();
    assertThat(Spte.pfn(grandchild)).isEqualTo(0x40000 + 7 * 512 + 9);
    assertThat(grandchild & Spte.HUGE).isZero();
    assertThat(SpteLayout.NPT.makeHuge(grandchild, 2)).isEqualTo(child);
  }

  @ParameterizedTest
  @CsvSource({"0", "1", "255", "256", "524287"})
  void mmio_generation_isReadBack(long generation) {
    for (SpteLayout layout : new SpteLayout[] {SpteLayout.EPT, SpteLayout.EPT_TD, SpteLayout.NPT}) {
      long spte = layout.makeMmio(0xfee00, generation, 0);

      assertThat(layout.isMmio(spte, 0)).isTrue();
      assertThat(Spte.isPresent(spte)).isFalse();
      assertThat(layout.isMmioCurrent(spte, generation, 0)).isTrue();
      assertThat(layout.isMmioCurrent(spte, generation + 1, 0)).isFalse();
    }
  }

  @Test
  void mmio_oneReservedBit_halvesTheGenerations() {
    assertThat(SpteLayout.mmioGenerationBits(0)).isEqualTo(19);
    assertThat(SpteLayout.mmioGenerationBits(1L << 62)).isEqualTo(18);
  }

  @Test
  void checkWritable_writableButNotForTheHost_isRefused() {
    long spte = SpteLayout.EPT.makeLeaf(5, 1, EMPTY, false, false, true);

    assertThatThrownBy(() -> SpteLayout.EPT.checkWritable(spte | SpteLayout.WRITABLE))
        .isInstanceOf(IllegalStateException.class);
    SpteLayout.EPT.checkWritable(spte);
  }

  @Test
  void format_leafAndTable_areWords() {
    long leaf = SpteLayout.NPT.makeLeaf(0x1a00, 2, EMPTY, false, true, true);

    assertThat(SpteFormatter.format(SpteLayout.NPT, leaf, 2, 0))
        .isEqualTo("leaf.w 2M pfn=0x1a00 rwxu A D");
    assertThat(SpteFormatter.format(SpteLayout.NPT, SpteLayout.NPT.makeTable(8), 3, 0))
        .isEqualTo("tbl 1G table=0x8");
    assertThat(SpteFormatter.state(SpteLayout.NPT, FROZEN, 1, 0)).isEqualTo("frozen");
    assertThat(SpteFormatter.state(SpteLayout.NPT, EMPTY, 1, 0)).isEqualTo("-");
  }
}
