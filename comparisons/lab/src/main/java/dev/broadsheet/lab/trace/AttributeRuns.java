package dev.broadsheet.lab.trace;

import dev.broadsheet.api.GfnRange;
import java.util.Map;
import java.util.TreeMap;

/**
 * The plain truth about attributes: maximal runs of equal attributes, sorted by gfn.
 *
 * <p>Ordinary Java, unmetered, sharing nothing with any strategy: it is what strategies are checked
 * against. Covers all gfns below 2^52. Not safe for use from several threads.
 */
public final class AttributeRuns {
  private final TreeMap<Long, Integer> starts = new TreeMap<>();

  /** Begins with one run of {@code initialAttributes}. */
  public AttributeRuns(int initialAttributes) {
    starts.put(0L, initialAttributes);
  }

  /** Returns the attributes of one page. */
  public int attributes(long gfn) {
    return starts.floorEntry(gfn).getValue();
  }

  /** Returns the first gfn behind {@code gfn} that has other attributes, or 2^52. */
  public long runEnd(long gfn) {
    Long next = starts.higherKey(gfn);
    return next == null ? GfnRange.GFN_LIMIT : next;
  }

  /** Returns whether all of {@code [start, end)} has one attribute. */
  public boolean isUniform(long start, long end) {
    return runEnd(start) >= end;
  }

  /** Returns the first gfn of {@code [gfn, end)} that differs from {@code attributes}, or end. */
  public long firstDifference(long gfn, long end, int attributes) {
    if (gfn >= end || attributes(gfn) != attributes) {
      return gfn;
    }
    return Math.min(end, runEnd(gfn));
  }

  /** Returns how many pages of {@code [start, end)} differ from {@code attributes}. */
  public long differing(long start, long end, int attributes) {
    long pages = 0;
    for (long gfn = start; gfn < end; ) {
      long runEnd = Math.min(end, runEnd(gfn));
      if (attributes(gfn) != attributes) {
        pages += runEnd - gfn;
      }
      gfn = runEnd;
    }
    return pages;
  }

  /** Gives every page of {@code [start, end)} the attributes. */
  public void convert(long start, long end, int attributes) {
    int behind = attributes(end - 1);
    if (end < GfnRange.GFN_LIMIT) {
      behind = attributes(end);
    }
    starts.subMap(start, true, end, false).clear();
    Map.Entry<Long, Integer> before = starts.lowerEntry(start);
    if (before == null || before.getValue() != attributes) {
      starts.put(start, attributes);
    }
    if (end < GfnRange.GFN_LIMIT) {
      if (behind == attributes) {
        starts.remove(end);
      } else {
        starts.put(end, behind);
      }
    }
  }

  /** Returns the number of runs. */
  public int runs() {
    return starts.size();
  }
}
