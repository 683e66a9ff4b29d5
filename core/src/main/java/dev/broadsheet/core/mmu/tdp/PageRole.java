package dev.broadsheet.core.mmu.tdp;

/**
 * The role of a table, known when it is allocated: the kernel's 32-bit {@code kvm_mmu_page_role}.
 *
 * <p>Roots are shared between vCPUs when their roles are equal; a child's role is its parent's with
 * the level one less. {@code is_mirror} makes the two roots of a TD different, and replaces the
 * question whether a table has a second pointer ({@code is_private_sp} of 2022, which marked the
 * root with a dummy). Source: Linux v6.16, arch/x86/include/asm/kvm_host.h.
 */
public final class PageRole {
  private static final int LEVEL_MASK = 0xf;
  private static final int DIRECT = 1 << 7;
  private static final int ACCESS_ALL = 7 << 8;
  private static final int INVALID = 1 << 11;
  private static final int EFER_NX = 1 << 12;
  private static final int AD_DISABLED = 1 << 16;
  private static final int IS_MIRROR = 1 << 19;

  private PageRole() {}

  /** Returns the role of a root. */
  public static int root(int level, boolean mirror, boolean adDisabled) {
    return level
        | DIRECT
        | ACCESS_ALL
        | EFER_NX
        | (mirror ? IS_MIRROR : 0)
        | (adDisabled ? AD_DISABLED : 0);
  }

  /** Returns the role of a table below one of {@code parent}. */
  public static int child(int parent) {
    return (parent & ~LEVEL_MASK) | ((parent & LEVEL_MASK) - 1);
  }

  /** Returns the level of the table's entries. */
  public static int level(int role) {
    return role & LEVEL_MASK;
  }

  /** Returns whether the table mirrors one of the Secure EPT. */
  public static boolean isMirror(int role) {
    return (role & IS_MIRROR) != 0;
  }

  /** Returns whether a root is obsolete. */
  public static boolean isInvalid(int role) {
    return (role & INVALID) != 0;
  }

  /** Returns the role of the same root, obsolete. */
  public static int invalid(int role) {
    return role | INVALID;
  }
}
