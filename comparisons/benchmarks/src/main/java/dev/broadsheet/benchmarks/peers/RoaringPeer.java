package dev.broadsheet.benchmarks.peers;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import org.roaringbitmap.RoaringBitmap;

/** {@link RoaringBitmap} of the private pages; blocks are asked for as ranges. */
final class RoaringPeer implements Contender {
  private final RoaringBitmap isPrivate = new RoaringBitmap();

  @Override
  public int attributes(long gfn) {
    return isPrivate.contains((int) gfn) ? PageAttributes.PRIVATE : PageAttributes.SHARED;
  }

  @Override
  public int level(long gfn) {
    if (isUniform(gfn, PageLevel.PG_LEVEL_1G)) {
      return 3;
    }
    return isUniform(gfn, PageLevel.PG_LEVEL_2M) ? 2 : 1;
  }

  private boolean isUniform(long gfn, PageLevel level) {
    long start = level.roundDown(gfn);
    long end = start + level.pages();
    return isPrivate.contains((int) gfn)
        ? isPrivate.contains(start, end)
        : !isPrivate.intersects(start, end);
  }

  @Override
  public void convert(GfnRange range, int attributes) {
    if (PageAttributes.isPrivate(attributes)) {
      isPrivate.add(range.start(), range.end());
    } else {
      isPrivate.remove(range.start(), range.end());
    }
  }
}
