package dev.broadsheet.core.mmu.tdp;

import dev.broadsheet.api.memory.ObjectCache;
import dev.broadsheet.core.mmu.spte.Spte;

/** Writes entries that hardware walks: a compare-and-set is all. */
final class DirectSpteWriter implements SpteWriter {
  private final ObjectCache tables;

  DirectSpteWriter(ObjectCache tables) {
    this.tables = tables;
  }

  @Override
  public int tryWrite(long table, int index, long gfn, int level, long old, long now) {
    return tables.compareAndSet(table, index, old, now) ? WRITTEN : LOST;
  }

  @Override
  public long write(long table, int index, long gfn, int level, long old, long now) {
    if (!Spte.isLeaf(old, level)) {
      tables.set(table, index, now);
      return old;
    }
    // Hardware sets A and D, and the fast path W, without the lock: exchange, do not store.
    long found = old;
    while (!tables.compareAndSet(table, index, found, now)) {
      found = tables.get(table, index);
    }
    return found;
  }

  @Override
  public void leafRemoved(long gfn, int level, long old) {}

  @Override
  public void tableRemoved(long gfn, int level, long external) {}
}
