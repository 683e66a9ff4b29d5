package dev.broadsheet.strategies.pagetablebits;

import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.PageTables;

/** How an entry whose pages differ is marked: all that options B and C differ in. */
public interface MixedMarks {
  /** Returns whether an entry is marked. */
  boolean isMixed(long table, int index);

  /**
   * Returns whether the entry of {@code level} that a walk to {@code gfn} read is marked; the walk
   * has a table of that level.
   */
  boolean isMixed(PageTables.Walk walk, long gfn, PageLevel level);

  /** Marks an entry. The table below is complete. */
  void mark(long table, int index);

  /**
   * Gives an entry its bit and takes the mark away; to readers both happen at once, or in an order
   * that gives no wrong answer.
   *
   * @param clear bits of the entry to clear
   * @param set bits of the entry to set
   */
  void unmark(long table, int index, int clear, int set);
}
