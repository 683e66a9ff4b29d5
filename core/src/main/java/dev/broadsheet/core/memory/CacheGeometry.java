package dev.broadsheet.core.memory;

import java.util.List;

/**
 * Size of one level of the modelled cache hierarchy, in lines of 64 bytes.
 *
 * @param name as reports name it ("L1")
 * @param bytes capacity; {@code bytes / 64 / ways} must be a power of two
 * @param ways lines in a set
 */
public record CacheGeometry(String name, long bytes, int ways) {
  /** Checks the numbers. */
  public CacheGeometry {
    long sets = ways <= 0 ? 0 : bytes / MemoryMeter.LINE_BYTES / ways;
    if (sets <= 0
        || Long.bitCount(sets) != 1
        || sets * ways * MemoryMeter.LINE_BYTES != bytes
        || sets * ways > 1 << 28) {
      throw new IllegalArgumentException(
          "cache "
              + name
              + " of "
              + bytes
              + " bytes and "
              + ways
              + " ways; bytes / 64 / ways must be a power of two");
    }
  }

  /** L1 48 KiB of 12 ways, L2 2 MiB of 16, a share of 32 MiB of LLC of 16: a recent server core. */
  public static List<CacheGeometry> server() {
    return List.of(
        new CacheGeometry("L1", 48 << 10, 12),
        new CacheGeometry("L2", 2 << 20, 16),
        new CacheGeometry("LLC", 32 << 20, 16));
  }

  int sets() {
    return (int) (bytes / MemoryMeter.LINE_BYTES / ways);
  }
}
