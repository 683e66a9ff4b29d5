package dev.broadsheet.strategies.pagetablebits;

import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.PageTables;
import dev.broadsheet.api.PageTables.Tree;
import dev.broadsheet.api.PageTables.Walk;

/**
 * The state that one tree of page tables carries: which pages differ from the default.
 *
 * <p>Reads are safe at any time inside an RCU read section. All else belongs to one thread at a
 * time.
 */
final class TreeState {
  /** Told when an entry of 2M or 1G turns. */
  interface Turned {
    void mixed(long gfn, PageLevel level);

    void uniform(long gfn, PageLevel level);
  }

  static final Turned SILENT =
      new Turned() {
        @Override
        public void mixed(long gfn, PageLevel level) {}

        @Override
        public void uniform(long gfn, PageLevel level) {}
      };

  private static final int ENTRIES = 512;

  private final PageTables tables;
  private final Tree tree;
  private final MixedMarks marks;
  private final int differs;

  /** Pinned as long as this state lives, for its entries carry state too. */
  private final long root;

  /** Position of gfn 0 in the root: above 0 where the shared bit is part of the address. */
  private final int rootIndex;

  /**
   * Creates the state of a tree in which no bit is set.
   *
   * @param differs mask of the bit that says that a page differs from the default
   * @throws dev.broadsheet.api.memory.KernelOutOfMemoryException if there is no root yet, and no
   *     memory for one
   */
  TreeState(PageTables tables, Tree tree, MixedMarks marks, int differs) {
    this.tables = tables;
    this.tree = tree;
    this.marks = marks;
    this.differs = differs;
    this.root = tables.require(tree, 0, tables.rootLevel());
    this.rootIndex = tables.rootIndex(tree, 0);
    tables.pin(root);
  }

  /** Returns whether a page differs from the default. */
  boolean differs(long gfn) {
    if (!tables.reaches(gfn)) {
      return false;
    }
    Walk walk = tables.walk(tree, gfn);
    return (walk.bits(walk.lowest()) & differs) != 0;
  }

  /** Returns the largest level up to {@code ceiling} whose entry is not marked. */
  PageLevel uniformLevel(long gfn, PageLevel ceiling) {
    if (!tables.reaches(gfn)) {
      return ceiling;
    }
    Walk walk = tables.walk(tree, gfn);
    PageLevel level = ceiling;
    while (level != PageLevel.PG_LEVEL_4K
        && walk.table(level) != 0
        && marks.isMixed(walk, gfn, level)) {
      level = level.below();
    }
    return level;
  }

  /** Returns the first gfn of {@code [gfn, end)} whose state is not {@code wanted}, or the end. */
  long firstOther(long gfn, long end, boolean wanted) {
    long next = gfn;
    while (next < end) {
      if (!tables.reaches(next)) {
        return wanted ? next : end;
      }
      PageLevel level = uniformLevel(next, tables.rootLevel());
      if (level != PageLevel.PG_LEVEL_4K) {
        if (differs(next) != wanted) {
          return next;
        }
        next = level.roundDown(next) + level.pages();
        continue;
      }
      long table = tables.find(tree, next, PageLevel.PG_LEVEL_4K);
      long stop = Math.min(end, PageLevel.PG_LEVEL_2M.roundDown(next) + ENTRIES);
      while (next < stop && (bits(table, PageLevel.PG_LEVEL_4K.index(next)) != 0) == wanted) {
        next++;
      }
      if (next < stop) {
        return next;
      }
    }
    return end;
  }

  /**
   * Makes sure that there is a table in which {@code edge} is the border of an entry, if what a
   * conversion does on {@code gfn}'s side of it needs one.
   *
   * @param edge first or last border of the range
   * @param gfn the page of the range beside it
   * @return a pinned table, or 0 if none is needed
   * @throws dev.broadsheet.api.memory.KernelOutOfMemoryException if memory runs dry
   */
  long open(long edge, long gfn, boolean wanted) {
    PageLevel level = borderLevel(edge);
    PageLevel uniform = uniformLevel(gfn, tables.rootLevel());
    boolean nothingToDo = uniform.number() > level.number() && differs(gfn) == wanted;
    if (nothingToDo) {
      return 0;
    }
    long table = tables.require(tree, gfn, level);
    tables.pin(table);
    return table;
  }

  /** Takes back {@link #open}: what nobody needs is folded. */
  void close(long table, long edge, long gfn) {
    if (table != 0) {
      tables.unpin(table);
    }
    fold(borderLevel(edge), gfn);
  }

  private void fold(PageLevel from, long gfn) {
    for (PageLevel level = from; level != tables.rootLevel(); level = level.above()) {
      long table = tables.find(tree, gfn, level);
      if (table != 0 && !tables.tryFold(table)) {
        return;
      }
    }
  }

  /** Returns the largest level of which {@code edge} is a border, at most the root's. */
  PageLevel borderLevel(long edge) {
    PageLevel level = PageLevel.PG_LEVEL_4K;
    while (level != tables.rootLevel() && level.above().isAligned(edge)) {
      level = level.above();
    }
    return level;
  }

  /** Gives all pages of a range a state; its edges were opened for it. */
  void convert(long from, long to, boolean wanted, Turned told) {
    convertIn(root, tables.rootLevel(), 0, from, to, wanted, told);
  }

  private void convertIn(
      long table, PageLevel level, long base, long from, long to, boolean wanted, Turned told) {
    int index = (int) ((from - base) >>> level.shift()) + first(level);
    for (long start = level.roundDown(from); start < to; start += level.pages()) {
      long end = start + level.pages();
      if (level == PageLevel.PG_LEVEL_4K) {
        setBit(table, index, wanted);
      } else {
        boolean mixed = marks.isMixed(table, index);
        if (mixed || (bits(table, index) != 0) != wanted) {
          if (from <= start && end <= to) {
            convertWhole(table, index, level, start, mixed, wanted, told);
          } else {
            convertPart(
                table,
                index,
                level,
                start,
                mixed,
                Math.max(from, start),
                Math.min(to, end),
                wanted,
                told);
          }
        }
      }
      index++;
    }
  }

  private void convertWhole(
      long table,
      int index,
      PageLevel level,
      long start,
      boolean mixed,
      boolean wanted,
      Turned told) {
    long child = tables.child(table, index);
    if (child != 0) {
      convertIn(child, level.below(), start, start, start + level.pages(), wanted, told);
    }
    becomeUniform(table, index, level, start, mixed, child, wanted, told);
  }

  private void convertPart(
      long table,
      int index,
      PageLevel level,
      long start,
      boolean mixed,
      long from,
      long to,
      boolean wanted,
      Turned told) {
    long child = tables.child(table, index);
    if (child == 0) {
      throw new IllegalStateException(
          "no table below the %s entry at 0x%x; open the range first"
              .formatted(level.label(), start));
    }
    if (!mixed) {
      tables.pin(child);
      marks.mark(table, index);
      if (level.isMappable()) {
        told.mixed(start, level);
      }
    }
    convertIn(child, level.below(), start, from, to, wanted, told);
    if (mixed && isUniform(child, level.below(), wanted)) {
      becomeUniform(table, index, level, start, /* mixed= */ true, child, wanted, told);
    }
  }

  private void becomeUniform(
      long table,
      int index,
      PageLevel level,
      long start,
      boolean mixed,
      long child,
      boolean wanted,
      Turned told) {
    if (!mixed) {
      setBit(table, index, wanted);
      return;
    }
    marks.unmark(table, index, wanted ? 0 : differs, wanted ? differs : 0);
    tables.unpin(child);
    tables.tryFold(child);
    if (level.isMappable()) {
      told.uniform(start, level);
    }
  }

  private boolean isUniform(long table, PageLevel level, boolean wanted) {
    for (int i = 0; i < ENTRIES; i++) {
      boolean same = (bits(table, i) != 0) == wanted;
      if (!same || (level != PageLevel.PG_LEVEL_4K && marks.isMixed(table, i))) {
        return false;
      }
    }
    return true;
  }

  /** Takes all bits, marks and pins out of the tree. */
  void clear() {
    long end = tables.rootLevel().pages() * (ENTRIES - rootIndex);
    convert(0, end, /* wanted= */ false, SILENT);
    tables.unpin(root);
  }

  /** Gives the entries of a table that the MMU linked the bit of the entry above, if need be. */
  void tableLinked(long table, long gfn, PageLevel level) {
    long above = tables.find(tree, gfn, level.above());
    int index = level.above().index(gfn) + first(level.above());
    boolean wanted = bits(above, index) != 0;
    if ((bits(table, 0) != 0) != wanted) {
      for (int i = 0; i < ENTRIES; i++) {
        setBit(table, i, wanted);
      }
    }
  }

  /**
   * Recomputes all marks from the bits.
   *
   * @throws IllegalStateException if one is wrong
   */
  void audit() {
    auditTable(root, tables.rootLevel(), 0);
  }

  /** Returns 0 or 1 if all pages below a table agree, 2 if they do not. */
  private int auditTable(long table, PageLevel level, long base) {
    int all = -1;
    int first = first(level);
    for (int i = first; i < ENTRIES; i++) {
      long start = base + (i - first) * level.pages();
      int own = bits(table, i) != 0 ? 1 : 0;
      int found = own;
      if (level != PageLevel.PG_LEVEL_4K) {
        long child = tables.child(table, i);
        found = child == 0 ? own : auditTable(child, level.below(), start);
        boolean marked = marks.isMixed(table, i);
        if (marked != (found == 2) || (!marked && found != own)) {
          throw new IllegalStateException(
              "%s tree, %s entry at 0x%x: bit %d, %s, the pages below say %s"
                  .formatted(
                      tree,
                      level.label(),
                      start,
                      own,
                      marked ? "marked mixed" : "not marked",
                      found == 2 ? "mixed" : "" + found));
        }
      }
      all = all == -1 || all == found ? found : 2;
    }
    return all;
  }

  /** Returns the position, in a table of {@code level}, of the table's first gfn. */
  private int first(PageLevel level) {
    return level == tables.rootLevel() ? rootIndex : 0;
  }

  private int bits(long table, int index) {
    return tables.bits(table, index) & differs;
  }

  private void setBit(long table, int index, boolean wanted) {
    tables.updateBits(table, index, wanted ? 0 : differs, wanted ? differs : 0);
  }
}
