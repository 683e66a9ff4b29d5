package dev.broadsheet.core.mmu.tdp;

/**
 * Which roots an operation visits: the kernel's {@code enum kvm_tdp_mmu_root_types}.
 *
 * <table>
 *   <caption>What a filter comes to</caption>
 *   <tr><th>filter</th><th>one tree</th><th>two trees</th></tr>
 *   <tr><td>SHARED</td><td>DIRECT</td><td>DIRECT</td></tr>
 *   <tr><td>PRIVATE</td><td>DIRECT</td><td>MIRROR</td></tr>
 *   <tr><td>both</td><td>DIRECT</td><td>DIRECT and MIRROR</td></tr>
 * </table>
 *
 * <p>Source: Linux v6.16, arch/x86/kvm/mmu/tdp_mmu.h: kvm_gfn_range_filter_to_root_types().
 */
public final class RootTypes {
  /** Obsolete roots too. */
  public static final int INVALID = 1 << 0;

  /** The tree that hardware walks. */
  public static final int DIRECT = 1 << 1;

  /** KVM's copy of the Secure EPT. */
  public static final int MIRROR = 1 << 2;

  /** Both trees, without obsolete roots. */
  public static final int VALID = DIRECT | MIRROR;

  /** Everything. */
  public static final int ALL = VALID | INVALID;

  private RootTypes() {}

  /** Returns the root types for a filter. */
  public static int of(int filter, boolean twoTrees) {
    if ((filter & AttributeFilter.BOTH) == 0) {
      throw new IllegalArgumentException("no alias is named; give SHARED, PRIVATE or both");
    }
    if (!twoTrees) {
      return DIRECT;
    }
    return ((filter & AttributeFilter.SHARED) != 0 ? DIRECT : 0)
        | ((filter & AttributeFilter.PRIVATE) != 0 ? MIRROR : 0);
  }
}
