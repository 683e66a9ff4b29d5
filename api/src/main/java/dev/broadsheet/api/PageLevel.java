package dev.broadsheet.api;

/**
 * Size of a page or of what one page-table entry covers, with the kernel's own numbering: 1 is 4
 * KiB.
 *
 * <p>Memory is mapped at the first three levels only; the other two name tables of the page-table
 * port. Source: Linux, arch/x86/include/asm/pgtable_types.h, {@code enum pg_level}.
 */
public enum PageLevel {
  /** 4 KiB: one gfn. */
  PG_LEVEL_4K(1, "4K"),
  /** 2 MiB: 512 gfns. */
  PG_LEVEL_2M(2, "2M"),
  /** 1 GiB: 262,144 gfns. The largest level that KVM maps. */
  PG_LEVEL_1G(3, "1G"),
  /** 512 GiB: an entry of the root of a 4-level tree; never a mapping. */
  PG_LEVEL_512G(4, "512G"),
  /** 256 TiB: an entry of the root of a 5-level tree; never a mapping. */
  PG_LEVEL_256T(5, "256T");

  private static final PageLevel[] BY_NUMBER = values();

  private final int number;
  private final int shift;
  private final String label;

  PageLevel(int number, String label) {
    this.number = number;
    this.shift = 9 * (number - 1);
    this.label = label;
  }

  /**
   * Returns the level with the kernel's number.
   *
   * @throws IllegalArgumentException unless the number is 1 to 5
   */
  public static PageLevel of(int number) {
    if (number < 1 || number > BY_NUMBER.length) {
      throw new IllegalArgumentException(
          "no page level " + number + "; levels are 1 (4K) to 5 (256T)");
    }
    return BY_NUMBER[number - 1];
  }

  /** Returns the kernel's number of this level, 1 to 5. */
  public int number() {
    return number;
  }

  /** Returns the short name: 4K, 2M, 1G, 512G or 256T. */
  public String label() {
    return label;
  }

  /**
   * Returns by how many bits a gfn is shifted to count in units of this level: 0, 9, 18, 27, 36.
   */
  public int shift() {
    return shift;
  }

  /** Returns the number of 4 KiB pages that one entry of this level covers. */
  public long pages() {
    return 1L << shift;
  }

  /** Returns the first gfn of the block of this level that holds {@code gfn}. */
  public long roundDown(long gfn) {
    return gfn & -pages();
  }

  /** Returns the first block boundary of this level at or after {@code gfn}. */
  public long roundUp(long gfn) {
    return (gfn + pages() - 1) & -pages();
  }

  /** Returns whether {@code gfn} begins a block of this level. */
  public boolean isAligned(long gfn) {
    return (gfn & (pages() - 1)) == 0;
  }

  /** Returns the block of this level that holds {@code gfn}. */
  public GfnRange block(long gfn) {
    long start = roundDown(gfn);
    return new GfnRange(start, start + pages());
  }

  /** Returns the position, 0 to 511, of {@code gfn} in a table whose entries are of this level. */
  public int index(long gfn) {
    return (int) (gfn >>> shift) & 511;
  }

  /**
   * Returns the next larger level.
   *
   * @throws IllegalArgumentException if there is none
   */
  public PageLevel above() {
    return of(number + 1);
  }

  /**
   * Returns the next smaller level.
   *
   * @throws IllegalArgumentException if there is none
   */
  public PageLevel below() {
    return of(number - 1);
  }

  /** Returns the smaller of this level and another. */
  public PageLevel min(PageLevel other) {
    return number <= other.number ? this : other;
  }

  /** Returns whether KVM maps memory at this level: 4K, 2M and 1G. */
  public boolean isMappable() {
    return number <= PG_LEVEL_1G.number;
  }
}
