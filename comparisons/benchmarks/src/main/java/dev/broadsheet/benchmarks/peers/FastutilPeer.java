package dev.broadsheet.benchmarks.peers;

import dev.broadsheet.api.GfnRange;
import it.unimi.dsi.fastutil.ints.Int2IntOpenHashMap;

/** fastutil's {@link Int2IntOpenHashMap} of the pages that are not shared, with counters. */
final class FastutilPeer implements Contender {
  private final Int2IntOpenHashMap attributes = new Int2IntOpenHashMap();
  private final BlockCounters counters;

  FastutilPeer(int pages) {
    counters = new BlockCounters(pages);
  }

  @Override
  public int attributes(long gfn) {
    return attributes.get((int) gfn);
  }

  @Override
  public int level(long gfn) {
    return counters.level((int) gfn);
  }

  @Override
  public void convert(GfnRange range, int value) {
    for (int page = (int) range.start(); page < range.end(); page++) {
      int before = value == 0 ? attributes.remove(page) : attributes.put(page, value);
      counters.add(page, Contender.privateBit(value) - Contender.privateBit(before));
    }
  }
}
