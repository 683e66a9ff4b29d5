package dev.broadsheet.strategies.shadowpagebitmap;

import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.PageTables;
import dev.broadsheet.strategies.pagetablebits.MixedMarks;

/** The mark is one of 512 bits in the header of the entry's table. */
final class MixedBitmap implements MixedMarks {
  /** Words of a header that the bitmap takes. */
  static final int WORDS = 512 / Long.SIZE;

  private final PageTables tables;
  private final int first;

  /**
   * Creates the marks.
   *
   * @param first number of the first reserved word of the headers
   */
  MixedBitmap(PageTables tables, int first) {
    this.tables = tables;
    this.first = first;
  }

  @Override
  public boolean isMixed(long table, int index) {
    return (tables.headerWord(table, word(index)) & bit(index)) != 0;
  }

  @Override
  public boolean isMixed(PageTables.Walk walk, long gfn, PageLevel level) {
    return isMixed(walk.table(level), walk.index(level));
  }

  @Override
  public void mark(long table, int index) {
    long bits = tables.headerWord(table, word(index));
    tables.setHeaderWord(table, word(index), bits | bit(index));
  }

  /** The entry first: as long as the mark stands, nobody maps the block large. */
  @Override
  public void unmark(long table, int index, int clear, int set) {
    tables.updateBits(table, index, clear, set);
    long bits = tables.headerWord(table, word(index));
    tables.setHeaderWord(table, word(index), bits & ~bit(index));
  }

  private int word(int index) {
    return first + index / Long.SIZE;
  }

  private static long bit(int index) {
    return 1L << (index % Long.SIZE);
  }
}
