package dev.broadsheet.core.vm;

import dev.broadsheet.api.PageLevel;
import dev.broadsheet.core.mmu.MmuCounters;
import dev.broadsheet.core.mmu.tdp.TdpTree;
import java.util.Map;
import java.util.TreeMap;

/** All counters of a machine under their ids. */
final class VmBooks {
  private final VmParts parts;

  VmBooks(VmParts parts) {
    this.parts = parts;
  }

  // Books and ends

  /** Returns all counters by id, in the order of the ids. */
  Map<String, Long> all(long filledPages) {
    Map<String, Long> books = new TreeMap<>(parts.mmu.counters().events());
    MmuCounters counters = parts.mmu.counters();
    for (int level = 1; level <= 3; level++) {
      String label = PageLevel.of(level).label();
      books.put("leaves.direct." + label, counters.leaves(false, level));
      books.put("leaves.direct." + label + ".peak", counters.peakLeaves(false, level));
      books.put("leaves.mirror." + label, counters.leaves(true, level));
      books.put("leaves.mirror." + label + ".peak", counters.peakLeaves(true, level));
    }
    bookTables(books, "direct", false);
    bookTables(books, "mirror", true);
    books.put("startup.pages", filledPages);
    books.put("parts.host.frames", parts.host.allocated());
    TdSide td = parts.td;
    if (td != null) {
      td.book(books);
    }
    return books;
  }

  private void bookTables(Map<String, Long> books, String name, boolean mirror) {
    MmuCounters counters = parts.mmu.counters();
    long now = 0;
    long peak = 0;
    long external = 0;
    for (int level = 1; level <= parts.geometry.rootLevel().number(); level++) {
      now += counters.tables(mirror, level);
      peak += counters.peakTables(mirror, level);
      // The root of the Secure EPT lives in the TDCS: no page beside the mirror's root.
      external += level < parts.geometry.rootLevel().number() ? counters.tables(mirror, level) : 0;
    }
    books.put("tables." + name, now);
    books.put("tables." + name + ".peak", peak);
    books.put("tables." + name + ".bytes", now * 4096);
    TdpTree tree = parts.mmu.tree(mirror);
    books.put("tables." + name + ".header-bytes", now * tree.headerBytes());
    if (mirror) {
      books.put("tables.sept.bytes", external * 4096);
    }
  }
}
