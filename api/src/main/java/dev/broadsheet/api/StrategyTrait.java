package dev.broadsheet.api;

/**
 * What a strategy declares about itself: needs that the machine must meet, and policies that excuse
 * it from a rule. A policy that is not declared is a failed rule; a need that is not met stops the
 * run.
 */
public enum StrategyTrait {
  /** Need: {@link TrackerContext#pageTables()} must be there. */
  NEEDS_PAGE_TABLES,
  /** Need: {@link TrackerContext#frames()} must know host frames. */
  NEEDS_FRAMES,
  /**
   * State hangs on memslots and goes with them; what must survive a slot is kept apart, labelled
   * "outside".
   */
  PER_MEMSLOT_STATE,
  /**
   * Policy: a block that was mixed once is never allowed large again (excuses from R4 and R6 in
   * levels).
   */
  POLICY_ONE_WAY,
  /** Policy: no large page is ever allowed (excuses from R4). */
  POLICY_SMALL_ONLY,
  /**
   * Policy: a block becomes large again only at some later event, such as a fault (excuses from
   * R4).
   */
  POLICY_LAZY
}
