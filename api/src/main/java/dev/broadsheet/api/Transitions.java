package dev.broadsheet.api;

/**
 * Where a tracker tells that an aligned block changed between uniform and mixed: advisory, for
 * merge policies and metrics, exactly once per change, at {@link Conversion#publish()}. Only blocks
 * wholly inside one memslot count.
 */
public interface Transitions {
  /** The block of {@code level} that begins at {@code gfn} was uniform and is mixed now. */
  void becameMixed(long gfn, PageLevel level);

  /**
   * The block of {@code level} that begins at {@code gfn} was mixed and holds one attribute now.
   */
  void becameUniform(long gfn, PageLevel level, int attributes);
}
