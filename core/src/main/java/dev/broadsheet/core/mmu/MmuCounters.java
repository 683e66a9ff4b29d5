package dev.broadsheet.core.mmu;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Map;
import java.util.TreeMap;

/**
 * The MMU's counters: events, and the leaves and tables that stand now and at most.
 *
 * <p>Exact from one thread, and from many if it was created for many.
 */
public final class MmuCounters {
  private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);

  /** Leaves are counted at 4K, 2M and 1G; tables by the level of their entries, 1 to 5. */
  private static final int LEVELS = 6;

  private final boolean threads;
  private final long[] events = new long[MmuCounter.values().length];

  /** Indexed by (mirror ? LEVELS : 0) + level. */
  private final long[] leaves = new long[2 * LEVELS];

  private final long[] leafPeaks = new long[2 * LEVELS];
  private final long[] tables = new long[2 * LEVELS];
  private final long[] tablePeaks = new long[2 * LEVELS];

  /** Creates counters, all zero; {@code threads} says whether several threads will count. */
  public MmuCounters(boolean threads) {
    this.threads = threads;
  }

  /** Adds one. */
  public void add(MmuCounter counter) {
    add(counter, 1);
  }

  /** Adds {@code count}. */
  public void add(MmuCounter counter, long count) {
    add(events, cell(counter), count);
  }

  /** Returns how often it happened. */
  public long get(MmuCounter counter) {
    return events[cell(counter)];
  }

  /** Books that leaves came (or went, if negative). */
  public void addLeaves(boolean mirror, int level, long count) {
    addWithPeak(leaves, leafPeaks, index(mirror, level), count);
  }

  /** Books that tables came (or went, if negative). */
  public void addTables(boolean mirror, int level, long count) {
    addWithPeak(tables, tablePeaks, index(mirror, level), count);
  }

  /** Returns the leaves of a tree that stand at a level. */
  public long leaves(boolean mirror, int level) {
    return leaves[index(mirror, level)];
  }

  /** Returns the most leaves that ever stood at once. */
  public long peakLeaves(boolean mirror, int level) {
    return leafPeaks[index(mirror, level)];
  }

  /** Returns the tables of a tree by the level of their entries. */
  public long tables(boolean mirror, int level) {
    return tables[index(mirror, level)];
  }

  /** Returns the most tables that ever stood at once. */
  public long peakTables(boolean mirror, int level) {
    return tablePeaks[index(mirror, level)];
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

  private void add(long[] cells, int index, long count) {
    if (threads) {
      CELL.getAndAdd(cells, index, count);
    } else {
      cells[index] += count;
    }
  }

  private void addWithPeak(long[] cells, long[] peaks, int index, long count) {
    if (!threads) {
      long now = cells[index] + count;
      cells[index] = now;
      if (now > peaks[index]) {
        peaks[index] = now;
      }
      return;
    }
    long now = (long) CELL.getAndAdd(cells, index, count) + count;
    long peak = (long) CELL.getVolatile(peaks, index);
    while (now > peak && !CELL.compareAndSet(peaks, index, peak, now)) {
      peak = (long) CELL.getVolatile(peaks, index);
    }
  }
}
