package dev.broadsheet.benchmarks.peers;

import java.util.Arrays;

/**
 * The floor of a fault: a radix tree of {@code long[512]} in four levels, as page tables are, with
 * nothing around it: no locks, no ordering, no checks.
 *
 * <p>Tables are Java arrays in one directory; an entry of an upper table is the number of the table
 * below, and 0 is none.
 */
public final class BareRadix {
  private static final int ENTRIES = 512;
  private static final int MASK = ENTRIES - 1;
  private static final int TOP_SHIFT = 27;

  private long[][] tables = new long[1024][];
  private int used;

  /** Creates an empty tree. */
  public BareRadix() {
    clear();
  }

  /** Forgets all entries and tables. */
  public void clear() {
    Arrays.fill(tables, 0, used, null);
    used = 0;
    addTable();
  }

  /** Stores an entry for a gfn; makes the tables on the way. */
  public void put(long gfn, long entry) {
    long[] table = tables[0];
    for (int shift = TOP_SHIFT; shift > 0; shift -= 9) {
      int index = (int) (gfn >>> shift) & MASK;
      int below = (int) table[index];
      if (below == 0) {
        below = addTable();
        table[index] = below;
      }
      table = tables[below];
    }
    table[(int) gfn & MASK] = entry;
  }

  private int addTable() {
    if (used == tables.length) {
      tables = Arrays.copyOf(tables, 2 * used);
    }
    tables[used] = new long[ENTRIES];
    return used++;
  }
}
