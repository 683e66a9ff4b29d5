package dev.broadsheet.benchmarks.peers;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import java.util.BitSet;

/** {@link BitSet} of the private pages, with counters per block. */
final class BitSetPeer implements Contender {
  private static final int BLOCK = (int) PageLevel.PG_LEVEL_2M.pages();

  private final BitSet isPrivate;
  private final BlockCounters counters;

  BitSetPeer(int pages) {
    isPrivate = new BitSet(pages);
    counters = new BlockCounters(pages);
  }

  @Override
  public int attributes(long gfn) {
    return isPrivate.get((int) gfn) ? PageAttributes.PRIVATE : PageAttributes.SHARED;
  }

  @Override
  public int level(long gfn) {
    return counters.level((int) gfn);
  }

  @Override
  public void convert(GfnRange range, int attributes) {
    boolean value = PageAttributes.isPrivate(attributes);
    int end = (int) range.end();
    int from = (int) range.start();
    while (from < end) {
      int to = Math.min(end, (from | (BLOCK - 1)) + 1);
      counters.add(from, value ? to - from - count(from, to) : -count(from, to));
      from = to;
    }
    isPrivate.set((int) range.start(), end, value);
  }

  /** Counts without looking beyond the range, as a search for the next bit would. */
  private int count(int from, int to) {
    if (to - from > Long.SIZE) {
      return isPrivate.get(from, to).cardinality();
    }
    int count = 0;
    for (int page = from; page < to; page++) {
      count += isPrivate.get(page) ? 1 : 0;
    }
    return count;
  }
}
