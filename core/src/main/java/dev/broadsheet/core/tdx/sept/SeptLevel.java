package dev.broadsheet.core.tdx.sept;

/**
 * Levels of the Secure EPT as the module numbers them: 0 maps 4K, 1 maps 2M, 2 maps 1G, 3 and 4
 * hold tables only. KVM's level is one more.
 */
public final class SeptLevel {
  /** Entries of a page table: 4K pages. */
  public static final int PT = 0;

  /** Entries of a page directory: 2M pages or page tables. */
  public static final int PD = 1;

  /** Entries of a PDPT: 1G pages or page directories. */
  public static final int PDPT = 2;

  /** Entries of a PML4: PDPTs. */
  public static final int PML4 = 3;

  /** Entries of a PML5, in five-level trees: PML4s. */
  public static final int PML5 = 4;

  private SeptLevel() {}

  /** Returns how many bytes one entry of the level covers. */
  public static long bytes(int level) {
    return 1L << shift(level);
  }

  /** Returns how many 4K pages one entry of the level covers. */
  public static long pages(int level) {
    return 1L << (9 * level);
  }

  /** Returns the position of the entry for {@code gpa} in its table. */
  public static int index(long gpa, int level) {
    return (int) (gpa >>> shift(level)) & 511;
  }

  private static int shift(int level) {
    return 12 + 9 * level;
  }
}
