package dev.broadsheet.core.mmu.tdp;

/**
 * Words of a table's header: the kernel's {@code struct kvm_mmu_page}, 184 bytes. A strategy may
 * reserve more behind it, or use the shadow MMU's idle bitmap.
 *
 * <pre>
 *  0..3   links of the root list and the hash        4   flags 0..31, role 32..63
 *  5      base gfn                                   6   table
 *  7      shadow MMU                                 8   reference count of a root
 *  9      parent entry: table * 512 + index          10..17  unsync_child_bitmap: idle
 *  18,19  links of the NX list                       20  external page (S-EPT): its frame, or 0
 *  21,22  RCU head; 21 holds the pin count while the table is linked
 * </pre>
 *
 * <p>Source: Linux v6.16, arch/x86/kvm/mmu/mmu_internal.h.
 */
public final class TableHeader {
  /** Size of the kernel's structure. */
  public static final int BYTES = 184;

  static final int WORDS = BYTES / Long.BYTES;
  static final int ROLE = 4;
  static final int GFN = 5;
  static final int TABLE = 6;
  static final int ROOT_COUNT = 8;
  static final int PARENT = 9;
  static final int IDLE_FIRST = 10;
  static final int IDLE_WORDS = 8;
  static final int NX_PREVIOUS = 18;
  static final int NX_NEXT = 19;
  static final int EXTERNAL = 20;
  static final int PINS = 21;

  /** Flag: the table exists only because of the NX workaround. */
  static final long NX_DISALLOWED = 1L << 0;

  /** Flag: the table is on the list of those that the NX worker may zap. */
  static final long NX_LISTED = 1L << 1;

  private TableHeader() {}
}
