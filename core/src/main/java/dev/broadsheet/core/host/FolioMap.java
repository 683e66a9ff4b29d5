package dev.broadsheet.core.host;

import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Which frames stand behind consecutive pages: per region of 512 pages either nothing, a large
 * block, or a table of single frames.
 *
 * <pre>
 *   large[region]          0, or the block's entry: frame of the region's first page, order 9 or 18
 *   small[region][page]    0, or frame + 1
 * </pre>
 *
 * <p>Look-ups are lock-free and allocate nothing. Changes are serialized by the owner, but for
 * {@link #addSmall}: several threads may add frames while nobody changes anything else. A region
 * goes from large to small by filling the table before the large entry is cleared, so that a
 * look-up in between finds the same frame.
 */
final class FolioMap {
  static final int REGION_PAGES = 512;
  private static final int REGION_SHIFT = 9;
  private static final int REGION_MASK = REGION_PAGES - 1;

  private final boolean threads;
  private final AtomicLongArray large;
  private final AtomicReferenceArray<@Nullable AtomicIntegerArray> small;

  /** Empty tables that are used again; only where no thread can still look into one. */
  private final @Nullable ArrayDeque<AtomicIntegerArray> spare;

  /**
   * Creates a map of nothing.
   *
   * @param threads whether several threads look up; then a table that is dropped is left to them
   */
  FolioMap(long regions, boolean threads) {
    this.threads = threads;
    spare = threads ? null : new ArrayDeque<>();
    large = new AtomicLongArray(Math.toIntExact(regions));
    small = new AtomicReferenceArray<>(large.length());
  }

  int regions() {
    return large.length();
  }

  /** Returns the entry of the large block of a region, or 0. */
  long largeEntry(int region) {
    return large.getAcquire(region);
  }

  /** Returns whether single frames stand in a region. */
  boolean hasTable(int region) {
    return small.getAcquire(region) != null;
  }

  /** Returns the frame of a page as a {@link HostPage} with its order, or 0 if there is none. */
  long find(long page, boolean writable) {
    int region = (int) (page >>> REGION_SHIFT);
    long entry = large.getAcquire(region);
    if (entry != 0) {
      return HostPage.of(entryPfn(entry) + (page & REGION_MASK), entryOrder(entry), writable);
    }
    AtomicIntegerArray table = small.getAcquire(region);
    int frame = table == null ? 0 : table.getAcquire((int) page & REGION_MASK);
    if (frame == 0) {
      // A split may have come between: then the table is there by now.
      return table == null && small.getAcquire(region) != null ? find(page, writable) : 0;
    }
    return HostPage.of(Integer.toUnsignedLong(frame) - 1, 0, writable);
  }

  static long entryPfn(long entry) {
    return HostPage.pfn(entry);
  }

  static int entryOrder(long entry) {
    return HostPage.order(entry);
  }

  void setLarge(int region, long pfn, int order) {
    large.setRelease(region, HostPage.of(pfn, order, true));
  }

  void clearLarge(int region) {
    large.setRelease(region, 0);
  }

  void setSmall(long page, long pfn) {
    table((int) (page >>> REGION_SHIFT)).setRelease((int) page & REGION_MASK, (int) (pfn + 1));
  }

  /** Gives a page a frame; returns whether it did, for another thread may have been first. */
  boolean addSmall(long page, long pfn) {
    if (!threads) {
      setSmall(page, pfn);
      return true;
    }
    AtomicIntegerArray table = table((int) (page >>> REGION_SHIFT));
    return table.compareAndSet((int) page & REGION_MASK, 0, (int) (pfn + 1));
  }

  private AtomicIntegerArray table(int region) {
    AtomicIntegerArray table = small.get(region);
    if (table != null) {
      return table;
    }
    AtomicIntegerArray added = emptyTable();
    AtomicIntegerArray other = small.compareAndExchange(region, null, added);
    return other == null ? added : other;
  }

  private AtomicIntegerArray emptyTable() {
    AtomicIntegerArray used = spare == null ? null : spare.pollLast();
    return used != null ? used : new AtomicIntegerArray(REGION_PAGES);
  }

  /** Makes the page empty; returns its frame, or {@link HostMemory#NONE}. */
  long clearSmall(long page) {
    AtomicIntegerArray table = small.get((int) (page >>> REGION_SHIFT));
    int frame = table == null ? 0 : table.getPlain((int) page & REGION_MASK);
    if (frame != 0) {
      table.setRelease((int) page & REGION_MASK, 0);
    }
    return Integer.toUnsignedLong(frame) - 1;
  }

  /** Drops the table of a region whose pages are all empty. */
  void dropEmptyTable(int region) {
    AtomicIntegerArray table = small.get(region);
    if (table == null) {
      return;
    }
    for (int i = 0; i < REGION_PAGES; i++) {
      if (table.getPlain(i) != 0) {
        return;
      }
    }
    small.setRelease(region, null);
    if (spare != null) {
      spare.addLast(table);
    }
  }

  /** Replaces a region's large entry by single frames, or by an entry of order 9 if it has 18. */
  void splitToSmall(int region) {
    long entry = large.get(region);
    AtomicIntegerArray table = new AtomicIntegerArray(REGION_PAGES);
    for (int i = 0; i < REGION_PAGES; i++) {
      table.setPlain(i, (int) (entryPfn(entry) + i + 1));
    }
    small.setRelease(region, table);
    large.setRelease(region, 0);
  }
}
