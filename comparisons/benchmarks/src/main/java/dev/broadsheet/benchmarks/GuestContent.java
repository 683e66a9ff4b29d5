package dev.broadsheet.benchmarks;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.benchmarks.peers.Contender;
import java.util.Random;

/** What has been converted before anything is timed. Every page begins as shared. */
enum GuestContent {
  /** Nothing. */
  EMPTY {
    @Override
    void apply(Contender contender, long pages) {}
  },
  /** Every page is private: "all present" in a structure that stores what is private. */
  PRIVATE {
    @Override
    void apply(Contender contender, long pages) {
      for (long gfn = 0; gfn < pages; gfn += GIB) {
        contender.convert(GfnRange.ofPages(gfn, GIB), PageAttributes.PRIVATE);
      }
    }
  },
  /**
   * As a real guest at work: private, but for a bounce pool of a sixteenth that misses the 2M
   * boundary by 110 pages, and for a few shared pages in every sixteenth 2M block.
   */
  GUEST {
    @Override
    void apply(Contender contender, long pages) {
      PRIVATE.apply(contender, pages);
      long pool = pages / 16;
      contender.convert(GfnRange.ofPages(pages / 2 + 110, pool), PageAttributes.SHARED);
      Random random = new Random(7);
      long block = PageLevel.PG_LEVEL_2M.pages();
      for (long gfn = 0; gfn < pages; gfn += 16 * block) {
        long first = gfn + random.nextInt((int) block - 8);
        contender.convert(GfnRange.ofPages(first, 1 + random.nextInt(7)), PageAttributes.SHARED);
      }
    }
  },
  /** Private, with one shared page at a random place of every 2M block: the worst for runs. */
  SCATTERED {
    @Override
    void apply(Contender contender, long pages) {
      PRIVATE.apply(contender, pages);
      Random random = new Random(7);
      long block = PageLevel.PG_LEVEL_2M.pages();
      for (long gfn = 0; gfn < pages; gfn += block) {
        contender.convert(
            GfnRange.ofPages(gfn + random.nextInt((int) block), 1), PageAttributes.SHARED);
      }
    }
  };

  private static final long GIB = PageLevel.PG_LEVEL_1G.pages();

  /** Converts the pages of a new guest. */
  abstract void apply(Contender contender, long pages);
}
