package dev.broadsheet.conformance.trial;

import dev.broadsheet.api.GfnRange;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** What every gfn should be: a sorted map from the first gfn of each run to its attributes. */
public final class NaiveTruth {
  private final NavigableMap<Long, Integer> runs = new TreeMap<>();

  /** Creates a truth that says {@code initial} everywhere. */
  public NaiveTruth(int initial) {
    runs.put(0L, initial);
  }

  /** Returns the attributes of a gfn. */
  public int get(long gfn) {
    return runs.floorEntry(gfn).getValue();
  }

  /** Gives a range attributes; equal neighbours stay apart or not, answers do not tell. */
  public void set(GfnRange range, int attributes) {
    int behind = range.end() < GfnRange.GFN_LIMIT ? get(range.end()) : attributes;
    runs.subMap(range.start(), range.end()).clear();
    runs.put(range.start(), attributes);
    if (range.end() < GfnRange.GFN_LIMIT) {
      runs.put(range.end(), behind);
    }
  }

  /** Returns the first gfn of {@code [gfn, end)} with other attributes, or {@code end}. */
  public long firstDifference(long gfn, long end, int attributes) {
    long next = gfn;
    while (next < end && get(next) == attributes) {
      Map.Entry<Long, Integer> after = runs.higherEntry(next);
      next = after == null ? end : after.getKey();
    }
    return Math.min(next, end);
  }

  /** Returns whether all gfns of {@code [start, end)} have the same attributes. */
  public boolean isUniform(long start, long end) {
    return firstDifference(start, end, get(start)) == end;
  }
}
