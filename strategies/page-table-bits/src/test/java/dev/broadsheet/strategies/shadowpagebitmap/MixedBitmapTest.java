package dev.broadsheet.strategies.shadowpagebitmap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.PageTables.HeaderSpace;
import dev.broadsheet.api.PageTables.Tree;
import dev.broadsheet.core.memory.PlainMemory;
import dev.broadsheet.core.strategy.StandalonePageTables;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class MixedBitmapTest {
  private final StandalonePageTables tables =
      new StandalonePageTables(
          new PlainMemory(), PageLevel.PG_LEVEL_512G, /* twoTrees= */ false, /* freeBits= */ 2);
  private final int bit = 1 << tables.reserveBit("SHARED");

  @ParameterizedTest
  @CsvSource({"0, 0, 0", "1, 0, 1", "63, 0, 63", "64, 1, 0", "130, 2, 2", "511, 7, 63"})
  void mark_setsOneBitOfTheHeader(int index, int word, int position) {
    int first = tables.reserveHeaderWords("mixed", MixedBitmap.WORDS, HeaderSpace.OWN);
    MixedBitmap bitmap = new MixedBitmap(tables, first);
    long table = tables.require(Tree.DIRECT, 0, PageLevel.PG_LEVEL_512G);

    bitmap.mark(table, index);

    for (int i = 0; i < MixedBitmap.WORDS; i++) {
      assertThat(tables.headerWord(table, first + i)).isEqualTo(i == word ? 1L << position : 0);
    }
    assertThat(bitmap.isMixed(table, index)).isTrue();
    assertThat(bitmap.isMixed(table, index ^ 1)).isFalse();
  }

  @ParameterizedTest
  @EnumSource(HeaderSpace.class)
  void unmark_clearsThatBitAloneAndGivesTheEntryItsBit(HeaderSpace space) {
    MixedBitmap bitmap =
        new MixedBitmap(tables, tables.reserveHeaderWords("mixed", MixedBitmap.WORDS, space));
    long table = tables.require(Tree.DIRECT, 0, PageLevel.PG_LEVEL_512G);
    bitmap.mark(table, 66);
    bitmap.mark(table, 67);

    bitmap.unmark(table, 66, 0, bit);
    assertThat(bitmap.isMixed(table, 66)).isFalse();
    assertThat(bitmap.isMixed(table, 67)).isTrue();
    assertThat(tables.bits(table, 66)).isEqualTo(bit);
    assertThat(tables.bits(table, 67)).isZero();

    bitmap.unmark(table, 66, bit, 0);
    assertThat(tables.bits(table, 66)).isZero();
  }

  @Test
  void isMixed_onAWalk_asksTheTableOfTheLevel() {
    MixedBitmap bitmap =
        new MixedBitmap(
            tables, tables.reserveHeaderWords("mixed", MixedBitmap.WORDS, HeaderSpace.OWN));
    long gfn = 5 * PageLevel.PG_LEVEL_1G.pages();
    long table = tables.require(Tree.DIRECT, gfn, PageLevel.PG_LEVEL_1G);
    bitmap.mark(table, 5);

    assertThat(bitmap.isMixed(tables.walk(Tree.DIRECT, gfn), gfn, PageLevel.PG_LEVEL_1G)).isTrue();
    assertThat(bitmap.isMixed(tables.walk(Tree.DIRECT, gfn), gfn, PageLevel.PG_LEVEL_512G))
        .isFalse();
    assertThat(bitmap.isMixed(tables.walk(Tree.DIRECT, 0), 0, PageLevel.PG_LEVEL_1G)).isFalse();
  }
}
