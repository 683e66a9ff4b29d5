package dev.broadsheet.api;

/**
 * Implemented by trackers that act at fault time, such as those that recompute lazily or split
 * then; found by {@code instanceof}.
 */
public interface FaultAdvisor {
  /** What the MMU shall do next. */
  enum Advice {
    /** Map, at the level that {@link PageAttributeTracker#maxLevel} answers now. */
    PROCEED,
    /** Leave the fault with RET_PF_RETRY; the access will fault again. */
    RETRY
  }

  /**
   * Called after the attribute check and before {@code mmu_lock} is taken for read; may take the
   * tracker's own locks and memory from a cache that was topped up before.
   *
   * @param gfn the faulting gfn
   * @param level the level that host memory allows
   */
  Advice beforeMap(long gfn, PageLevel level);
}
