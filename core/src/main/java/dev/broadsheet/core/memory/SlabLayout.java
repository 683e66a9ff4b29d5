package dev.broadsheet.core.memory;

/**
 * How equal objects are packed into slabs, after SLUB's {@code calculate_order()}: the smallest
 * slab of 1, 2, 4 or 8 pages that holds at least 16 objects and wastes at most a sixteenth;
 * otherwise the one of 8 pages. Objects of whole pages are pages and have no slab around them.
 *
 * <p>Examples: 184 B: 22 in 4 KiB; 256 B: 16 in 4 KiB; 576 B (an xarray node): 28 in 16 KiB.
 *
 * @param objectBytes size of an object
 * @param slabBytes size of a slab, a power of two of at least 4096
 * @param objectsPerSlab objects in a slab, at least 1
 */
public record SlabLayout(int objectBytes, int slabBytes, int objectsPerSlab) {
  private static final int PAGE_BYTES = 4096;
  private static final int LARGEST_ORDER = 3;
  private static final int WANTED_OBJECTS = 16;
  private static final int WASTE_FRACTION = 16;
  private static final int LARGEST_OBJECT = 1 << 18;

  /**
   * Returns the layout for objects of a size.
   *
   * @param objectBytes a positive multiple of 8, at most 256 KiB
   */
  public static SlabLayout of(int objectBytes) {
    if (objectBytes <= 0 || objectBytes % 8 != 0 || objectBytes > LARGEST_OBJECT) {
      throw new IllegalArgumentException(
          "object size "
              + objectBytes
              + "; it must be a multiple of 8 in [8, "
              + LARGEST_OBJECT
              + "]");
    }
    if (objectBytes % PAGE_BYTES == 0) {
      return new SlabLayout(objectBytes, ceilingPowerOfTwo(objectBytes), 1);
    }
    for (int order = 0; order < LARGEST_ORDER; order++) {
      int slab = PAGE_BYTES << order;
      int objects = slab / objectBytes;
      int waste = slab - objects * objectBytes;
      if (objects >= WANTED_OBJECTS && waste <= slab / WASTE_FRACTION) {
        return new SlabLayout(objectBytes, slab, objects);
      }
    }
    int slab = Math.max(PAGE_BYTES << LARGEST_ORDER, ceilingPowerOfTwo(objectBytes));
    return new SlabLayout(objectBytes, slab, slab / objectBytes);
  }

  /** Returns log2 of {@link #slabBytes()}. */
  public int slabShift() {
    return Integer.numberOfTrailingZeros(slabBytes);
  }

  private static int ceilingPowerOfTwo(int value) {
    return Integer.highestOneBit(value * 2 - 1);
  }
}
