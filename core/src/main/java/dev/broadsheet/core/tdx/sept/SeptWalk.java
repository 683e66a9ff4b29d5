package dev.broadsheet.core.tdx.sept;

import dev.broadsheet.core.memory.OwnLines;

/**
 * A walk through a Secure EPT and where it stopped. Reusable; one thread at a time.
 *
 * <p>The walk goes down while the entry is a table with permissions. It succeeds at the requested
 * level whatever the entry holds there; a free entry, a page or a blocked table above stops it. So
 * nothing below a blocked table can be reached, by nobody.
 *
 * <p>Source: TDX module 1.5.05, sept_manager.c: secure_ept_walk().
 */
public final class SeptWalk extends OwnLines {
  /** Handle of the table with the entry. */
  public long table;

  /** Position in the table. */
  public int index;

  /** Level of the entry. */
  public int level;

  /** The entry as read, or as locked. */
  public long entry;

  /** Creates a walk that went nowhere. */
  public SeptWalk() {}

  /**
   * Walks from the root to the entry for {@code gpa} at {@code requested}.
   *
   * @param root handle of the root table
   * @param rootLevel level of the root's entries: 3, or 4 in a five-level tree
   * @return whether the requested level was reached
   */
  public boolean walk(SeptTables tables, long root, int rootLevel, long gpa, int requested) {
    long at = root;
    int here = rootLevel;
    while (here > requested) {
      int position = SeptLevel.index(gpa, here);
      long found = tables.directoryEntry(at, position);
      if (!SeptEntry.isWalkable(found)) {
        stop(at, position, here, found);
        return false;
      }
      at = tables.link(at, position);
      here--;
    }
    int position = SeptLevel.index(gpa, here);
    stop(at, position, here, tables.entry(at, position, here));
    return true;
  }

  private void stop(long inTable, int position, int atLevel, long found) {
    table = inTable;
    index = position;
    level = atLevel;
    entry = found;
  }

  /** Returns the state of the entry. */
  public SeptState state() {
    return SeptEntry.state(entry);
  }

  /** Returns the address of the page or table that the entry names. */
  public long hpa() {
    return SeptEntry.hpa(entry, level);
  }
}
