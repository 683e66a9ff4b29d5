package dev.broadsheet.core.tdx.sept;

import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.api.memory.ObjectCache;

/**
 * The words of all Secure EPT tables of the module, and the lock of each entry.
 *
 * <p>A table is named by the handle of its object: 512 entries, and in tables above level 0 another
 * 512 words, {@code link[index]}, with the handle of the table that the entry names. Hardware finds
 * the next table by its address; the links stand in for that and are no part of the real size,
 * which is 4096 bytes a table ({@link #TABLE_BYTES}).
 *
 * <p>Entries change by single 64-bit operations. Whoever changes one holds its lock (bit 11), so
 * concurrent calls meet as {@code TDX_OPERAND_BUSY}, never as a torn entry.
 *
 * <p>Relies on: a table is freed only when nobody can be below it: the tree is locked exclusively,
 * or its entry was blocked and tracked, so that no vCPU inside the TD can have walked past it.
 */
public final class SeptTables {
  /** Real size of a table in bytes. */
  public static final int TABLE_BYTES = 4096;

  /** Entries of a table. */
  public static final int ENTRIES = 512;

  /** The guest holds the entry lock. */
  public static final int GUEST_LOCKED = 0;

  /** Another holds the entry lock. */
  public static final int GUEST_BUSY = 1;

  /** A host wants the entry lock. */
  public static final int GUEST_HOST_FIRST = 2;

  private final ObjectCache pageTables;
  private final ObjectCache directories;

  /** Creates the storage; takes nothing yet. */
  public SeptTables(KernelMemory memory) {
    pageTables = memory.cache("sept.page-table", TABLE_BYTES);
    directories = memory.cache("sept.directory", 2 * TABLE_BYTES);
  }

  /** Returns a new table whose entries have the given level, all FREE. */
  public long allocate(int level) {
    ObjectCache cache = cache(level);
    long table = cache.allocate();
    cache.fill(table, 0, ENTRIES, SeptEntry.FREE);
    return table;
  }

  /** Gives one table back. */
  public void free(long table, int level) {
    cache(level).free(table);
  }

  /** Gives a table and all below it back; returns how many there were. */
  public long freeTree(long table, int level) {
    long freed = 1;
    if (level > 0) {
      for (int index = 0; index < ENTRIES; index++) {
        if (SeptEntry.state(entry(table, index, level)).isTable()) {
          freed += freeTree(link(table, index), level - 1);
        }
      }
    }
    free(table, level);
    return freed;
  }

  /** Loads an entry. */
  public long entry(long table, int index, int level) {
    return cache(level).get(table, index);
  }

  /** Loads an entry of a level above 0. */
  long directoryEntry(long table, int index) {
    return directories.get(table, index);
  }

  /** Stores an entry that nobody else can change: its lock is held or its table is not linked. */
  public void setEntry(long table, int index, int level, long entry) {
    cache(level).set(table, index, entry);
  }

  /** Returns the handle of the table below an entry above level 0. */
  public long link(long table, int index) {
    return directories.getPlain(table, ENTRIES + index);
  }

  /** Names the table below an entry; before the entry is published. */
  public void setLink(long table, int index, long below) {
    directories.setPlain(table, ENTRIES + index, below);
  }

  /** Returns whether all 512 entries are FREE (a REMOVED entry counts as used). */
  public boolean isEmpty(long table, int level) {
    return cache(level).mismatch(table, 0, ENTRIES, SeptEntry.FREE) == ENTRIES;
  }

  /**
   * Tries once to take the lock of an entry for the host. A failure leaves the flag that makes
   * guests stand back, a success clears it.
   *
   * @return whether the lock is held now; {@code walk.entry} is the entry as read before the
   *     attempt, without lock bits on success
   */
  public boolean lockHost(SeptWalk walk) {
    ObjectCache cache = cache(walk.level);
    while (true) {
      long entry = cache.get(walk.table, walk.index);
      walk.entry = entry & ~(SeptEntry.LOCK | SeptEntry.HOST_PRIORITY);
      if (SeptEntry.isLocked(entry)) {
        if (markHostPriority(cache, walk.table, walk.index, entry)) {
          return false;
        }
      } else if (cache.compareAndSet(walk.table, walk.index, entry, walk.entry | SeptEntry.LOCK)) {
        return true;
      }
    }
  }

  /** Tries once to take the lock of an entry of a table for the host, without a walk. */
  public boolean lockHost(long table, int index, int level) {
    ObjectCache cache = cache(level);
    while (true) {
      long entry = cache.get(table, index);
      if (SeptEntry.isLocked(entry)) {
        if (markHostPriority(cache, table, index, entry)) {
          return false;
        }
      } else if (cache.compareAndSet(
          table, index, entry, (entry | SeptEntry.LOCK) & ~SeptEntry.HOST_PRIORITY)) {
        return true;
      }
    }
  }

  private static boolean markHostPriority(ObjectCache cache, long table, int index, long entry) {
    return (entry & SeptEntry.HOST_PRIORITY) != 0
        || cache.compareAndSet(table, index, entry, entry | SeptEntry.HOST_PRIORITY);
  }

  /**
   * Tries once to take the lock of an entry for the guest; fails also while a host waits for it.
   *
   * @return 0 when held, 1 when somebody holds it, 2 when a host goes first
   */
  public int lockGuest(SeptWalk walk) {
    ObjectCache cache = cache(walk.level);
    while (true) {
      long entry = cache.get(walk.table, walk.index);
      if ((entry & SeptEntry.HOST_PRIORITY) != 0) {
        return GUEST_HOST_FIRST;
      }
      if (SeptEntry.isLocked(entry)) {
        return GUEST_BUSY;
      }
      if (cache.compareAndSet(walk.table, walk.index, entry, entry | SeptEntry.LOCK)) {
        walk.entry = entry;
        return GUEST_LOCKED;
      }
    }
  }

  /** Stores an entry and releases its lock in one step; a host's flag set meanwhile stays. */
  public void unlock(long table, int index, int level, long entry) {
    ObjectCache cache = cache(level);
    while (true) {
      long held = cache.get(table, index);
      long released = (entry & ~SeptEntry.LOCK) | (held & SeptEntry.HOST_PRIORITY);
      if (cache.compareAndSet(table, index, held, released)) {
        return;
      }
    }
  }

  /** Stores an entry whose lock stays held; a host's flag set meanwhile stays. */
  public void setLocked(long table, int index, int level, long entry) {
    ObjectCache cache = cache(level);
    while (true) {
      long held = cache.get(table, index);
      long next = entry | SeptEntry.LOCK | (held & SeptEntry.HOST_PRIORITY);
      if (cache.compareAndSet(table, index, held, next)) {
        return;
      }
    }
  }

  /** Returns how many tables there are, roots included. */
  public long live() {
    return pageTables.live() + directories.live();
  }

  private ObjectCache cache(int level) {
    return level == 0 ? pageTables : directories;
  }
}
