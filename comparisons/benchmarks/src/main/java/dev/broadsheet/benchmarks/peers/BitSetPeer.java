package dev.broadsheet.benchmarks.peers;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import java.util.BitSet;

/** {@link BitSet} of the private pages, with counters per block; counts by runs of bits. */
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

  private int count(int from, int to) {
    int count = 0;
    int run = isPrivate.nextSetBit(from);
    while (run >= 0 && run < to) {
      int end = Math.min(to, isPrivate.nextClearBit(run));
      count += end - run;
      run = isPrivate.nextSetBit(end);
    }
    return count;
  }
}
