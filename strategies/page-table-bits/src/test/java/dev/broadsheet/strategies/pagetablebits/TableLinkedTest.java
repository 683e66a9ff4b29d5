package dev.broadsheet.strategies.pagetablebits;

import static org.assertj.core.api.Assertions.assertThat;

import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.PageTables;
import dev.broadsheet.api.PageTables.Tree;
import dev.broadsheet.core.memory.PlainMemory;
import dev.broadsheet.core.strategy.StandalonePageTables;
import org.junit.jupiter.api.Test;

/** An MMU may link a table without bits: its entries get what the entry above says. */
class TableLinkedTest {
  private static final PageLevel ROOT = PageLevel.PG_LEVEL_512G;
  private static final int ENTRIES = 512;

  private final StandalonePageTables tables =
      new StandalonePageTables(new PlainMemory(), ROOT, /* twoTrees= */ true, /* freeBits= */ 1);
  private final int bit = 1 << tables.reserveBit("SHARED");
  private final TreeState state = new TreeState(tables, Tree.MIRROR, new NoMarks(), bit);

  /** Nothing is mixed here. */
  private static final class NoMarks implements MixedMarks {
    @Override
    public boolean isMixed(long table, int index) {
      return false;
    }

    @Override
    public boolean isMixed(PageTables.Walk walk, long gfn, PageLevel level) {
      return false;
    }

    @Override
    public void mark(long table, int index) {
      throw new AssertionError("entry %d turns mixed".formatted(index));
    }

    @Override
    public void unmark(long table, int index, int clear, int set) {
      throw new AssertionError("entry %d was mixed".formatted(index));
    }
  }

  private void assertAll(long table, int expected) {
    for (int i = 0; i < ENTRIES; i++) {
      assertThat(tables.bits(table, i)).as("entry %d", i).isEqualTo(expected);
    }
  }

  @Test
  void tableWithoutBits_belowASharedEntry_getsThem() {
    state.convert(ROOT.pages(), 2 * ROOT.pages(), true, TreeState.SILENT);
    long table = tables.require(Tree.MIRROR, ROOT.pages(), PageLevel.PG_LEVEL_1G);
    for (int i = 0; i < ENTRIES; i++) {
      tables.updateBits(table, i, bit, 0);
    }

    state.tableLinked(table, ROOT.pages(), PageLevel.PG_LEVEL_1G);

    assertAll(table, bit);
    state.audit();
  }

  @Test
  void tableWithBits_belowAnEntryWithout_losesThem() {
    state.convert(ROOT.pages(), 2 * ROOT.pages(), true, TreeState.SILENT);
    long table = tables.require(Tree.MIRROR, 0, PageLevel.PG_LEVEL_1G);
    for (int i = 0; i < ENTRIES; i++) {
      tables.updateBits(table, i, 0, bit);
    }

    state.tableLinked(table, 0, PageLevel.PG_LEVEL_1G);

    assertAll(table, 0);
    state.audit();
  }

  @Test
  void tableThatSaysTheSame_isLeftAlone() {
    long table = tables.require(Tree.MIRROR, 0, PageLevel.PG_LEVEL_1G);
    tables.updateBits(table, 7, 0, bit);

    state.tableLinked(table, 0, PageLevel.PG_LEVEL_1G);

    assertThat(tables.bits(table, 7)).as("only the first entry is compared").isEqualTo(bit);
  }
}
