package dev.broadsheet.core.tdx.pamt;

/**
 * A range of physical memory that TDs may use.
 *
 * @param base first byte; a multiple of 1G
 * @param size bytes; a positive multiple of 1G
 */
public record Tdmr(long base, long size) {
  /** Checks the alignment. */
  public Tdmr {
    if (base < 0 || size <= 0 || (base & 0x3fff_ffffL) != 0 || (size & 0x3fff_ffffL) != 0) {
      throw new IllegalArgumentException(
          String.format(
              "TDMR [0x%x, 0x%x) is not made of whole 1G blocks; align base and size to 0x40000000",
              base, base + size));
    }
  }

  /** Returns the first byte behind the range. */
  public long end() {
    return base + size;
  }
}
