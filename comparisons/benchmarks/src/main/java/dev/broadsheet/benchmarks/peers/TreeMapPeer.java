package dev.broadsheet.benchmarks.peers;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.PageLevel;
import java.util.Map;
import java.util.TreeMap;

/**
 * {@link TreeMap} of runs: first page to attributes, equal neighbours merged. A block is uniform if
 * its run ends behind it.
 */
final class TreeMapPeer implements Contender {
  private final TreeMap<Long, Integer> runs = new TreeMap<>();

  TreeMapPeer(int pages) {
    runs.put(0L, 0);
    runs.put((long) pages, -1);
  }

  @Override
  public int attributes(long gfn) {
    return runs.floorEntry(gfn).getValue();
  }

  @Override
  public int level(long gfn) {
    long start = runs.floorKey(gfn);
    long end = runs.higherKey(gfn);
    if (holds(start, end, gfn, PageLevel.PG_LEVEL_1G)) {
      return 3;
    }
    return holds(start, end, gfn, PageLevel.PG_LEVEL_2M) ? 2 : 1;
  }

  static boolean holds(long start, long end, long gfn, PageLevel level) {
    long block = level.roundDown(gfn);
    return start <= block && block + level.pages() <= end;
  }

  @Override
  public void convert(GfnRange range, int attributes) {
    int behind = attributes(range.end());
    runs.subMap(range.start(), range.end()).clear();
    Map.Entry<Long, Integer> before = runs.lowerEntry(range.start());
    if (before == null || before.getValue() != attributes) {
      runs.put(range.start(), attributes);
    }
    if (behind == attributes) {
      runs.remove(range.end());
    } else {
      runs.put(range.end(), behind);
    }
  }
}
