package dev.broadsheet.benchmarks.peers;

import dev.broadsheet.api.PageLevel;

/**
 * How many pages of each 2M and each 1G block are private: what a set of single pages lacks to
 * answer for large ones. One load per level asked.
 */
final class BlockCounters {
  private static final int SHIFT_2M = PageLevel.PG_LEVEL_2M.shift();
  private static final int SHIFT_1G = PageLevel.PG_LEVEL_1G.shift();
  private static final int PAGES_2M = 1 << SHIFT_2M;
  private static final int PAGES_1G = 1 << SHIFT_1G;

  private final int[] in2M;
  private final int[] in1G;

  BlockCounters(int pages) {
    in2M = new int[((pages - 1) >>> SHIFT_2M) + 1];
    in1G = new int[((pages - 1) >>> SHIFT_1G) + 1];
  }

  /** Counts {@code delta} private pages more in the blocks of a page. */
  void add(int page, int delta) {
    in2M[page >>> SHIFT_2M] += delta;
    in1G[page >>> SHIFT_1G] += delta;
  }

  /** Returns the largest level whose block is uniform. */
  int level(int page) {
    if (isUniform(in1G[page >>> SHIFT_1G], PAGES_1G)) {
      return 3;
    }
    return isUniform(in2M[page >>> SHIFT_2M], PAGES_2M) ? 2 : 1;
  }

  private static boolean isUniform(int count, int pages) {
    return count == 0 || count == pages;
  }
}
