package dev.broadsheet.core.host;

/**
 * A host page as one {@code long}: what a look-up in backing memory answers.
 *
 * <pre>
 *   negative   an error number, negated
 *   63..8      frame number of the 4 KiB page asked for
 *   7          may be written
 * 6          always set, so that no page is 0
 *   4..0       order: log2 of the size, in 4 KiB pages, of the block it can be mapped with
 * </pre>
 */
public final class HostPage {
  private static final int PFN_SHIFT = 8;
  private static final long WRITABLE = 1L << 7;
  private static final long PRESENT = 1L << 6;
  private static final long ORDER = 31;

  private HostPage() {}

  static long of(long pfn, int order, boolean writable) {
    return (pfn << PFN_SHIFT) | (writable ? WRITABLE : 0) | PRESENT | order;
  }

  static long error(int errno) {
    return -errno;
  }

  /** Returns whether the look-up failed. */
  public static boolean isError(long page) {
    return page < 0;
  }

  /** Returns the error number, positive, of a look-up that failed. */
  public static int errno(long page) {
    return (int) -page;
  }

  /** Returns the frame number of the page asked for. */
  public static long pfn(long page) {
    return page >>> PFN_SHIFT;
  }

  /** Returns log2 of the size, in 4 KiB pages, of the block around it. */
  public static int order(long page) {
    return (int) (page & ORDER);
  }

  /** Returns whether the page may be written. */
  public static boolean isWritable(long page) {
    return (page & WRITABLE) != 0;
  }
}
