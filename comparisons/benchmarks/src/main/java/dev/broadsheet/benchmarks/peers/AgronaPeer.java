package dev.broadsheet.benchmarks.peers;

import dev.broadsheet.api.GfnRange;
import org.agrona.collections.Int2IntHashMap;

/** Agrona's {@link Int2IntHashMap} of the pages that are not shared, with counters. */
final class AgronaPeer implements Contender {
  private final Int2IntHashMap attributes = new Int2IntHashMap(/* missingValue= */ 0);
  private final BlockCounters counters;

  AgronaPeer(int pages) {
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
