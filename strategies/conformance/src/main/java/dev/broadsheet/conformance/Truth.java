package dev.broadsheet.conformance;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.PageType;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;

/** What every gfn should answer: runs of equal attributes, each entered at its first gfn. */
final class Truth {
  private final TreeMap<Long, Integer> runs = new TreeMap<>();

  Truth(int attributes) {
    runs.put(0L, attributes);
  }

  Truth(Truth other) {
    runs.putAll(other.runs);
  }

  void set(GfnRange range, int attributes) {
    int behind = get(range.end());
    runs.subMap(range.start(), range.end()).clear();
    runs.put(range.start(), attributes);
    runs.put(range.end(), behind);
    join(range.end());
    join(range.start());
  }

  int get(long gfn) {
    return entry(gfn).getValue();
  }

  /** Returns the first gfn from {@code gfn} on with other attributes, or {@code end}. */
  long runEnd(long gfn, long end) {
    Long next = runs.higherKey(gfn);
    return next == null ? end : Math.min(next, end);
  }

  boolean isUniform(GfnRange range) {
    return runEnd(range.start(), range.end()) == range.end();
  }

  boolean isAll(GfnRange range, int attributes) {
    return get(range.start()) == attributes && isUniform(range);
  }

  /** Returns the first gfn in {@code [gfn, end)} whose attributes differ from the given ones. */
  long firstDifference(long gfn, long end, int attributes) {
    return gfn < end && get(gfn) == attributes ? runEnd(gfn, end) : gfn;
  }

  /** Returns what the block of a level around a gfn is, given the slot that holds the gfn. */
  PageType type(Memslot slot, long gfn, PageLevel level) {
    if (!slot.holdsBlock(gfn, level)) {
      return PageType.INVALID;
    }
    GfnRange block = level.block(gfn);
    return isUniform(block) ? PageAttributes.type(get(gfn)) : PageType.MIXED;
  }

  /** Returns the gfns at which runs begin, 0 included. */
  SortedSet<Long> starts() {
    return runs.navigableKeySet();
  }

  private void join(long start) {
    Map.Entry<Long, Integer> before = runs.lowerEntry(start);
    if (before != null && before.getValue().equals(runs.get(start))) {
      runs.remove(start);
    }
  }

  private Map.Entry<Long, Integer> entry(long gfn) {
    Map.Entry<Long, Integer> entry = runs.floorEntry(gfn);
    if (entry == null) {
      throw new IllegalArgumentException("no gfn is " + gfn);
    }
    return entry;
  }

  @Override
  public String toString() {
    return runs.toString();
  }
}
