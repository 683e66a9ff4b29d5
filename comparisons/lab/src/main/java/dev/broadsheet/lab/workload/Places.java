package dev.broadsheet.lab.workload;

/** Where in guest memory things are put. */
final class Places {
  /** The firmware's own memory at the top of low RAM; the bounce pool lies below it. */
  private static final long FIRMWARE_TOP = 96L << 20;

  private static final long LEGACY = 64L << 20;

  private Places() {}

  /** Returns where the kernel takes pages from: above 4 GiB if there is RAM, else from 64 MiB. */
  static long heap(GuestShape shape) {
    return shape.highEnd() > GuestShape.FOUR_GIB ? GuestShape.FOUR_GIB : LEGACY;
  }

  /** Returns the end of that memory. */
  static long heapEnd(GuestShape shape) {
    return shape.highEnd() > GuestShape.FOUR_GIB ? shape.highEnd() : shape.lowEnd() / 2;
  }

  /** Returns the first 2M boundary of a pool that ends below the firmware's memory. */
  static long pool(GuestShape shape, long bytes) {
    return alignDown(shape.lowEnd() - FIRMWARE_TOP - bytes, Guest.LARGE);
  }

  /**
   * Refuses a guest whose heap is smaller than a pattern's memory.
   *
   * @throws IllegalArgumentException with what is needed and what is there
   */
  static void requireHeap(GuestShape shape, long bytes, String what) {
    long there = heapEnd(shape) - heap(shape);
    if (bytes > there) {
      throw new IllegalArgumentException(
          "%s need %s, but a guest of %s has %s for them; give more with ram=."
              .formatted(
                  what,
                  Parameter.sizeText(bytes),
                  Parameter.sizeText(shape.ramBytes()),
                  Parameter.sizeText(there)));
    }
  }

  static long alignDown(long value, long unit) {
    return value - Math.floorMod(value, unit);
  }

  static long alignUp(long value, long unit) {
    return alignDown(value + unit - 1, unit);
  }
}
