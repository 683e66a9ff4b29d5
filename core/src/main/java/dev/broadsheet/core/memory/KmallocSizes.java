package dev.broadsheet.core.memory;

/**
 * What an array really takes: the size classes of {@code kmalloc()}, and whole pages above them.
 *
 * <p>Classes: 8, 16, 32, 64, 96, 128, 192, 256, 512, 1k, 2k, 4k, 8k; above 8 KiB {@code kvcalloc()}
 * gives pages of 4 KiB.
 */
final class KmallocSizes {
  private static final int PAGE_BYTES = 4096;
  private static final int LARGEST_CLASS = 8192;

  /** Returns the bytes that an allocation takes; 0 takes none. */
  static long rounded(long bytes) {
    if (bytes == 0) {
      return 0;
    }
    if (bytes > LARGEST_CLASS) {
      return (bytes + PAGE_BYTES - 1) & -PAGE_BYTES;
    }
    if (bytes > 64 && bytes <= 96) {
      return 96;
    }
    if (bytes > 128 && bytes <= 192) {
      return 192;
    }
    return Math.max(8, Long.highestOneBit(2 * bytes - 1));
  }

  /** Returns the alignment of an allocation of a rounded size: 96 and 192 are not powers of two. */
  static long alignment(long rounded) {
    return Math.min(PAGE_BYTES, Math.max(8, Long.lowestOneBit(rounded)));
  }

  private KmallocSizes() {}
}
