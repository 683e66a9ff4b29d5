package dev.broadsheet.core.mmu.tdp;

import dev.broadsheet.api.PageLevel;
import dev.broadsheet.core.mmu.MmuCounters;
import dev.broadsheet.core.mmu.spte.Spte;
import java.util.Arrays;

/**
 * Walks all tables of all roots and compares what it finds with the counters, the headers and the
 * rules for entries.
 */
public final class TreeAudit {
  private final TdpMmu mmu;
  private final long[] leaves = new long[6];
  private final long[] tables = new long[6];

  /** Creates the audit of an MMU at a quiet point. */
  public TreeAudit(TdpMmu mmu) {
    this.mmu = mmu;
  }

  /**
   * Checks both trees.
   *
   * @throws IllegalStateException with what was expected and found
   */
  public void run() {
    check(mmu.direct());
    TdpTree mirror = mmu.mirror();
    if (mirror != null) {
      check(mirror);
    }
  }

  private void check(TdpTree tree) {
    Arrays.fill(leaves, 0);
    Arrays.fill(tables, 0);
    for (long root : mmu.roots().of(tree)) {
      checkTable(tree, root, tree.rootLevel(), 0, 0);
    }
    MmuCounters counters = mmu.counters();
    for (int level = 1; level <= tree.rootLevel(); level++) {
      String where = "%s tree, level %d".formatted(tree.isMirror() ? "mirror" : "direct", level);
      compare("leaves, " + where, counters.leaves(tree.isMirror(), level), leaves[level]);
      compare("tables, " + where, counters.tables(tree.isMirror(), level), tables[level]);
    }
  }

  private void checkTable(TdpTree tree, long table, int level, long gfn, long parentEntry) {
    tables[level]++;
    long header = tree.header(table);
    compare("level in a header", level, tree.level(table));
    compare("table in its header", table, tree.headers().get(header, TableHeader.TABLE));
    compare(
        "parent entry in a header", parentEntry, tree.headers().get(header, TableHeader.PARENT));
    compare(
        "mirror in a role", tree.isMirror() ? 1 : 0, PageRole.isMirror(tree.role(table)) ? 1 : 0);
    boolean needsExternal = tree.isMirror() && level < tree.rootLevel();
    compare(
        "external page beside a table", needsExternal ? 1 : 0, tree.external(table) != 0 ? 1 : 0);
    if (parentEntry != 0) {
      compare("gfn in a header", gfn, tree.baseGfn(table));
    }
    long step = PageLevel.of(level).pages();
    for (int i = 0; i < Spte.ENTRIES; i++) {
      long spte = tree.get(table, i);
      if ((spte & ~tree.keep()) != Spte.NONPRESENT) {
        // The shared bit is part of the index, not of the gfn.
        checkEntry(tree, table, i, level, (gfn + i * step) & ~tree.gfnBits(), spte);
      }
    }
  }

  private void checkEntry(TdpTree tree, long table, int index, int level, long gfn, long spte) {
    if (Spte.isFrozen(spte, tree.keep())) {
      throw new IllegalStateException(
          "entry of gfn 0x%x, level %d, is frozen at a quiet point".formatted(gfn, level));
    }
    if (!Spte.isPresent(spte)) {
      if (!tree.layout().isMmio(spte, tree.keep())) {
        throw new IllegalStateException(
            "entry of gfn 0x%x, level %d, is 0x%x: neither empty, nor MMIO, nor present"
                .formatted(gfn, level, spte));
      }
      return;
    }
    if (Spte.isLast(spte, level)) {
      leaves[level]++;
      tree.layout().checkWritable(spte);
      if ((Spte.pfn(spte) & (PageLevel.of(level).pages() - 1)) != 0) {
        throw new IllegalStateException(
            "leaf of gfn 0x%x, level %d, maps the unaligned pfn 0x%x"
                .formatted(gfn, level, Spte.pfn(spte)));
      }
      return;
    }
    long expected = tree.layout().makeTable(Spte.pfn(spte));
    if ((spte & ~tree.keep()) != expected) {
      throw new IllegalStateException(
          "entry of gfn 0x%x, level %d, points to a table as 0x%x, not 0x%x"
              .formatted(gfn, level, spte, expected));
    }
    checkTable(tree, Spte.pfn(spte), level - 1, gfn, table * Spte.ENTRIES + index);
  }

  /**
   * Checks that no table is lost: each that exists is linked below a root, or stocked.
   *
   * @param stocked tables of the tree in caches
   */
  public void checkLive(TdpTree tree, long stocked) {
    long linked = 0;
    for (int level = 1; level <= tree.rootLevel(); level++) {
      linked += mmu.counters().tables(tree.isMirror(), level);
    }
    compare(
        "tables that exist in the %s tree".formatted(tree.isMirror() ? "mirror" : "direct"),
        tree.liveTables(),
        linked + stocked);
  }

  private static void compare(String what, long expected, long found) {
    if (expected != found) {
      throw new IllegalStateException(
          "%s: the books say %d, the tables say %d".formatted(what, expected, found));
    }
  }
}
