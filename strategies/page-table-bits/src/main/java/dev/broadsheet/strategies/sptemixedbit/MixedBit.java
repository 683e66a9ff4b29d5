package dev.broadsheet.strategies.sptemixedbit;

import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.PageTables;
import dev.broadsheet.strategies.pagetablebits.MixedMarks;

/** The mark is a bit of the entry itself. */
final class MixedBit implements MixedMarks {
  private final PageTables tables;
  private final int mixed;

  MixedBit(PageTables tables, int mixed) {
    this.tables = tables;
    this.mixed = mixed;
  }

  @Override
  public boolean isMixed(long table, int index) {
    return (tables.bits(table, index) & mixed) != 0;
  }

  @Override
  public boolean isMixed(PageTables.Walk walk, long gfn, PageLevel level) {
    return (walk.bits(level) & mixed) != 0;
  }

  @Override
  public void mark(long table, int index) {
    tables.updateBits(table, index, 0, mixed);
  }

  @Override
  public void unmark(long table, int index, int clear, int set) {
    tables.updateBits(table, index, clear | mixed, set);
  }
}
