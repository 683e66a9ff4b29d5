package dev.broadsheet.benchmarks.peers;

import com.google.common.collect.Range;
import com.google.common.collect.TreeRangeMap;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.PageLevel;
import java.util.Map;
import java.util.Objects;

/** Guava's {@link TreeRangeMap} from ranges of pages to attributes, equal neighbours merged. */
final class TreeRangeMapPeer implements Contender {
  private final TreeRangeMap<Long, Integer> runs = TreeRangeMap.create();

  TreeRangeMapPeer(int pages) {
    runs.put(Range.closedOpen(0L, (long) pages), 0);
  }

  @Override
  public int attributes(long gfn) {
    return entry(gfn).getValue();
  }

  @Override
  public int level(long gfn) {
    Range<Long> run = entry(gfn).getKey();
    long start = run.lowerEndpoint();
    long end = run.upperEndpoint();
    if (TreeMapPeer.holds(start, end, gfn, PageLevel.PG_LEVEL_1G)) {
      return 3;
    }
    return TreeMapPeer.holds(start, end, gfn, PageLevel.PG_LEVEL_2M) ? 2 : 1;
  }

  private Map.Entry<Range<Long>, Integer> entry(long gfn) {
    return Objects.requireNonNull(runs.getEntry(gfn), "the map covers the guest");
  }

  @Override
  public void convert(GfnRange range, int attributes) {
    runs.putCoalescing(Range.closedOpen(range.start(), range.end()), attributes);
  }
}
