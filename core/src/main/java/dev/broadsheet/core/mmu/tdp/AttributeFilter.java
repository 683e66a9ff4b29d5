package dev.broadsheet.core.mmu.tdp;

/**
 * Which alias of a gfn a zap is about: the kernel's {@code enum kvm_gfn_range_filter}, set at the
 * edge, where it is known why something is zapped. What seed proposals called {@code
 * exclude_private} is {@link #SHARED}. A machine with one tree maps every filter to it.
 */
public final class AttributeFilter {
  /** The shared alias: the direct tree. */
  public static final int SHARED = 1 << 0;

  /** The private alias: the mirror tree. */
  public static final int PRIVATE = 1 << 1;

  /** Both. */
  public static final int BOTH = SHARED | PRIVATE;

  private AttributeFilter() {}
}
