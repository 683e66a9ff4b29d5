package dev.broadsheet.api;

/**
 * Sizes of the machine that a tracker works for.
 *
 * @param gfnLimit first gfn that no memslot can hold: the host's physical address width
 * @param rootLevel level of the entries of a root table: {@code PG_LEVEL_512G} with 4 levels,
 *     {@code PG_LEVEL_256T} with 5
 * @param maxLevel largest level that this machine maps, whatever the tracker says
 */
public record Geometry(long gfnLimit, PageLevel rootLevel, PageLevel maxLevel) {
  /** Checks that the levels can be what they are named. */
  public Geometry {
    if (gfnLimit <= 0 || gfnLimit > GfnRange.GFN_LIMIT) {
      throw new IllegalArgumentException(
          "gfn limit 0x" + Long.toHexString(gfnLimit) + "; give 1 to 2^52");
    }
    if (rootLevel.number() < PageLevel.PG_LEVEL_512G.number()) {
      throw new IllegalArgumentException("root level " + rootLevel + "; give 512G or 256T");
    }
    if (!maxLevel.isMappable()) {
      throw new IllegalArgumentException("largest mapping " + maxLevel + "; give 4K, 2M or 1G");
    }
  }

  /** Returns a machine with 52 address bits, a 4-level tree and pages up to 1G. */
  public static Geometry standard() {
    return new Geometry(GfnRange.GFN_LIMIT, PageLevel.PG_LEVEL_512G, PageLevel.PG_LEVEL_1G);
  }
}
