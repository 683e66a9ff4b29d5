package dev.broadsheet.core.strategy;

import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.core.memslot.KvmMemslot;

/** The largest level at which a page may be mapped: what large-page words and tracker allow. */
public final class EffectiveLevel {
  private EffectiveLevel() {}

  /**
   * Returns the level, as the fault path finds it: from the ceiling down to a zero word, then what
   * the tracker leaves of it. Constant time; allocates nothing.
   *
   * @param gfn a gfn inside the slot
   * @param ceiling 4K, 2M or 1G: the largest that the host's memory allows
   */
  public static PageLevel of(
      KvmMemslot slot, PageAttributeTracker tracker, long gfn, PageLevel ceiling) {
    PageLevel allowed = slot.lpageInfo().maxLevel(gfn, ceiling);
    return allowed == PageLevel.PG_LEVEL_4K ? allowed : allowed.min(tracker.maxLevel(gfn, allowed));
  }
}
