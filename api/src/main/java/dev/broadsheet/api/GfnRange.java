package dev.broadsheet.api;

import org.jspecify.annotations.Nullable;

/**
 * A non-empty range of guest frame numbers, {@code [start, end)}.
 *
 * @param start first gfn, 0 or more
 * @param end first gfn behind the range; greater than {@code start}, at most 2^52
 */
public record GfnRange(long start, long end) {
  /** First gfn that no guest physical address can name: 2^52. */
  public static final long GFN_LIMIT = 1L << 52;

  /** Checks the bounds. */
  public GfnRange {
    if (start < 0 || start >= end || end > GFN_LIMIT) {
      throw new IllegalArgumentException(
          "not a range of gfns: [0x"
              + Long.toHexString(start)
              + ", 0x"
              + Long.toHexString(end)
              + "); give 0 <= start < end <= 0x"
              + Long.toHexString(GFN_LIMIT));
    }
  }

  /** Returns the range of {@code pages} gfns from {@code start}. */
  public static GfnRange ofPages(long start, long pages) {
    return new GfnRange(start, start + pages);
  }

  /** Returns the number of 4 KiB pages, at least 1. */
  public long pages() {
    return end - start;
  }

  /** Returns whether {@code gfn} lies inside. */
  public boolean contains(long gfn) {
    return gfn >= start && gfn < end;
  }

  /** Returns whether every gfn of {@code other} lies inside. */
  public boolean contains(GfnRange other) {
    return other.start >= start && other.end <= end;
  }

  /** Returns whether the two ranges share a gfn. */
  public boolean overlaps(GfnRange other) {
    return other.start < end && other.end > start;
  }

  /** Returns the gfns that both ranges hold, or null if there are none. */
  public @Nullable GfnRange intersection(GfnRange other) {
    return overlaps(other)
        ? new GfnRange(Math.max(start, other.start), Math.min(end, other.end))
        : null;
  }

  /** Returns {@code [0xSTART, 0xEND)}. */
  @Override
  public String toString() {
    return "[0x" + Long.toHexString(start) + ", 0x" + Long.toHexString(end) + ")";
  }
}
