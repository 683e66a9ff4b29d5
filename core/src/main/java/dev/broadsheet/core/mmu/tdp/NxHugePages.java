package dev.broadsheet.core.mmu.tdp;

/**
 * Tables that exist only because huge pages are not executable: {@code possible_nx_huge_pages}. A
 * worker zaps the oldest of them now and then, so that huge pages come back.
 *
 * <p>A doubly linked list through two header words; guarded by its monitor, which plays the part of
 * {@code tdp_mmu_pages_lock}.
 */
public final class NxHugePages {
  private final TdpTree tree;
  private long first;
  private long last;
  private int size;

  NxHugePages(TdpTree tree) {
    this.tree = tree;
  }

  /** Returns how many tables are listed. */
  public synchronized int size() {
    return size;
  }

  /** Returns whether an executing fault made the table, so that no huge page may take its place. */
  public boolean disallows(long table) {
    return tree.hasFlag(table, TableHeader.NX_DISALLOWED);
  }

  /** Notes that an executing fault made the table. */
  public void disallow(long table) {
    tree.setFlag(table, TableHeader.NX_DISALLOWED, true);
  }

  /**
   * Puts a table on the list: a huge page would be possible in its place. Another thread may have
   * taken the table down since it was linked; then it stays off.
   */
  public synchronized void add(long table) {
    if (!disallows(table)) {
      return;
    }
    tree.setFlag(table, TableHeader.NX_LISTED, true);
    long header = tree.header(table);
    tree.headers().set(header, TableHeader.NX_PREVIOUS, last);
    tree.headers().set(header, TableHeader.NX_NEXT, 0);
    if (last == 0) {
      first = table;
    } else {
      tree.headers().set(tree.header(last), TableHeader.NX_NEXT, table);
    }
    last = table;
    size++;
  }

  /** A table goes: it leaves the list, and never comes onto it again. */
  synchronized void remove(TdpTree of, long table) {
    if (of != tree) {
      return;
    }
    if (tree.hasFlag(table, TableHeader.NX_LISTED)) {
      unlist(table);
    }
    if (disallows(table)) {
      tree.setFlag(table, TableHeader.NX_LISTED | TableHeader.NX_DISALLOWED, false);
    }
  }

  private void unlist(long table) {
    long header = tree.header(table);
    long previous = tree.headers().get(header, TableHeader.NX_PREVIOUS);
    long next = tree.headers().get(header, TableHeader.NX_NEXT);
    if (previous == 0) {
      first = next;
    } else {
      tree.headers().set(tree.header(previous), TableHeader.NX_NEXT, next);
    }
    if (next == 0) {
      last = previous;
    } else {
      tree.headers().set(tree.header(next), TableHeader.NX_PREVIOUS, previous);
    }
    size--;
  }

  /** Returns the table that is listed longest, or 0. */
  synchronized long oldest() {
    return first;
  }
}
