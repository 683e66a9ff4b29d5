package dev.broadsheet.api.memory;

/** Width of the elements of a {@link KernelArray}: the kernel's u8, u16, u32 and u64. */
public enum ElementWidth {
  /** One byte; values 0 to 0xff. */
  U8(0),
  /** Two bytes; values 0 to 0xffff. */
  U16(1),
  /** Four bytes; values 0 to 0xffff_ffff. */
  U32(2),
  /** Eight bytes; all values of a {@code long}. */
  U64(3);

  private final int shift;

  ElementWidth(int shift) {
    this.shift = shift;
  }

  /** Returns the size of one element in bytes: 1, 2, 4 or 8. */
  public int bytes() {
    return 1 << shift;
  }

  /** Returns log2 of {@link #bytes()}. */
  public int shift() {
    return shift;
  }

  /**
   * Returns the bits of a {@code long} that an element of this width keeps; a store drops all
   * others, a load returns them as zero.
   */
  public long mask() {
    return this == U64 ? -1L : (1L << (8 << shift)) - 1;
  }
}
