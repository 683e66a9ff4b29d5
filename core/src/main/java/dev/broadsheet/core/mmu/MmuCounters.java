package dev.broadsheet.core.mmu;

import dev.broadsheet.core.memory.StripedCounts;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * The MMU's counters: events, and the leaves and tables that stand now and at most.
 *
 * <p>Exact from one thread, and from many if it was created for many. What stood at most is noted
 * when something goes and when somebody asks: exact for leaves of the mirror, which come under
 * {@code mmu_lock} held for read and go with it held for write. What comes and goes at the same
 * moment, as tables of the direct tree may, leaves a peak that is near.
 */
public final class MmuCounters {
  /** Leaves are counted at 4K, 2M and 1G; tables by the level of their entries, 1 to 5. */
  private static final int LEVELS = 6;

  private static final int EVENTS = MmuCounter.values().length;

  /** Indexed by (mirror ? LEVELS : 0) + level, from here on. */
  private static final int LEAVES = EVENTS;

  private static final int TABLES = LEAVES + 2 * LEVELS;
  private static final int CELLS = TABLES + 2 * LEVELS;

  /** Where many threads count; null for one. */
  private final @Nullable StripedCounts stripes;

  /** Where one thread counts. */
  private final long[] cells = new long[CELLS];

  /** Of leaves and tables; other cells are not used. */
  private final AtomicLongArray peaks = new AtomicLongArray(CELLS);

  /** Creates counters, all zero; {@code threads} says whether several threads will count. */
  public MmuCounters(boolean threads) {
    stripes = threads ? new StripedCounts(CELLS) : null;
  }

  /** Adds one. */
  public void add(MmuCounter counter) {
    add(cell(counter), 1);
  }

  /** Adds {@code count}. */
  public void add(MmuCounter counter, long count) {
    add(cell(counter), count);
  }

  /** Returns how often it happened. */
  public long get(MmuCounter counter) {
    return now(cell(counter));
  }

  /** Books that leaves came (or went, if negative). */
  public void addLeaves(boolean mirror, int level, long count) {
    addStanding(LEAVES + index(mirror, level), count);
  }

  /** Books that tables came (or went, if negative). */
  public void addTables(boolean mirror, int level, long count) {
    addStanding(TABLES + index(mirror, level), count);
  }

  /** Returns the leaves of a tree that stand at a level. */
  public long leaves(boolean mirror, int level) {
    return now(LEAVES + index(mirror, level));
  }

  /** Returns the most leaves that ever stood at once. */
  public long peakLeaves(boolean mirror, int level) {
    return peak(LEAVES + index(mirror, level));
  }

  /** Returns the tables of a tree by the level of their entries. */
  public long tables(boolean mirror, int level) {
    return now(TABLES + index(mirror, level));
  }

  /** Returns the most tables that ever stood at once. */
  public long peakTables(boolean mirror, int level) {
    return peak(TABLES + index(mirror, level));
  }

  /** Returns all events by id. */
  public Map<String, Long> events() {
    Map<String, Long> byId = new TreeMap<>();
    for (MmuCounter counter : MmuCounter.values()) {
      byId.put(counter.id(), get(counter));
    }
    return byId;
  }

  @SuppressWarnings("EnumOrdinal") // a position in memory only, never stored or compared
  private static int cell(MmuCounter counter) {
    return counter.ordinal();
  }

  private static int index(boolean mirror, int level) {
    return (mirror ? LEVELS : 0) + level;
  }

  private void add(int cell, long count) {
    if (stripes == null) {
      cells[cell] += count;
    } else {
      stripes.add(cell, count);
    }
  }

  private long now(int cell) {
    return stripes == null ? cells[cell] : stripes.sum(cell);
  }

  private void addStanding(int cell, long count) {
    if (count < 0) {
      notePeak(cell);
    }
    add(cell, count);
  }

  private void notePeak(int cell) {
    long now = now(cell);
    long peak = peaks.get(cell);
    while (now > peak && !peaks.compareAndSet(cell, peak, now)) {
      peak = peaks.get(cell);
    }
  }

  private long peak(int cell) {
    notePeak(cell);
    return peaks.get(cell);
  }
}
