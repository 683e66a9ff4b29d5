package dev.broadsheet.core.mmu.spte;

/**
 * What every shadow page-table entry has in common, whatever the hardware format.
 *
 * <pre>
 *  63        suppress #VE (EPT) or no-execute (NPT); set in every empty entry
 *  62..59    software (59 and 62 free; 60, 61 free in practice)
 *  58, 57    EPT: MMU-writable, host-writable; NPT: free
 *  56..54    saved permissions of an access-tracked entry (EPT without A/D bits); 55 free
 *  53, 52    kind of A/D tracking
 *  51..12    frame number; in a non-leaf entry the table's handle
 *  11        MMU-present: KVM maps something here
 *  10..8     EPT: -, dirty (9), accessed (8); NPT: MMU-writable (10), host-writable (9), -
 *   7        huge: a leaf above 4K
 *   6..0     permissions and memory type
 * </pre>
 *
 * <table>
 *   <caption>States of an entry</caption>
 *   <tr><th>state</th><th>bit 11</th><th>recognised by</th></tr>
 *   <tr><td>not present</td><td>0</td><td>equal to {@link #NONPRESENT}</td></tr>
 *   <tr><td>frozen</td><td>0</td><td>equal to {@link #FROZEN}</td></tr>
 *   <tr><td>MMIO</td><td>0</td><td>{@link SpteLayout#isMmio}</td></tr>
 *   <tr><td>table</td><td>1</td><td>level above 4K and {@link #HUGE} clear</td></tr>
 *   <tr><td>leaf</td><td>1</td><td>level 4K, or {@link #HUGE} set</td></tr>
 * </table>
 *
 * <p>Strategies may reserve software bits; comparisons with {@link #NONPRESENT} and {@link #FROZEN}
 * are made after those were masked away ({@code keep} in the methods below).
 *
 * <p>Source: Linux v6.12, arch/x86/kvm/mmu/spte.h.
 */
public final class Spte {
  /** Entries per table. */
  public static final int ENTRIES = 512;

  /** KVM's own present flag, bit 11, which hardware ignores. */
  public static final long MMU_PRESENT = bit(11);

  /** Leaf at 2M or 1G. */
  public static final long HUGE = bit(7);

  /** Host frame number, bits 51..12, in place. */
  public static final long PFN = bits(51, 12);

  /** Position of the frame number. */
  public static final int PFN_SHIFT = 12;

  /**
   * Every empty entry: bit 63 suppresses #VE, so that the fault of a TD reaches the host. KVM uses
   * the value in all formats.
   */
  public static final long NONPRESENT = bit(63);

  /**
   * Held by one thread between its two steps; everybody else retries. Relies on: frozen entries
   * have one owner.
   */
  public static final long FROZEN = NONPRESENT | 0x5a0L;

  /** Kind of A/D tracking: bits off. */
  public static final long TDP_AD_DISABLED = 1L << 52;

  /** Kind of A/D tracking: write-protection only. */
  public static final long TDP_AD_WRPROT_ONLY = 2L << 52;

  /** Both bits of the kind of A/D tracking. */
  public static final long TDP_AD = 3L << 52;

  /** Where the permissions of an access-tracked entry are kept: from bit 54. */
  public static final int SAVED_SHIFT = 54;

  /**
   * Software bits that a strategy may reserve, in the order in which they are given out: legal in
   * present, non-present, frozen, MMIO, leaf and non-leaf entries of both formats. Bit 62 first: it
   * was {@code SPTE_SHARED_MASK}.
   */
  private static final int[] RESERVABLE = {62, 59, 55, 61, 60};

  static {
    requireDisjoint("MMU_PRESENT", MMU_PRESENT, "FROZEN", FROZEN); // else a frozen entry is mapped
    requireDisjoint("PFN", PFN, "MMU_PRESENT", MMU_PRESENT);
    long reservable = 0;
    for (int number : RESERVABLE) {
      reservable |= bit(number);
    }
    requireDisjoint("reservable bits", reservable, "FROZEN", FROZEN);
    requireDisjoint("reservable bits", reservable, "PFN, MMU_PRESENT", PFN | MMU_PRESENT | TDP_AD);
  }

  private Spte() {}

  /** Returns how many bits strategies can reserve. */
  public static int reservableBits() {
    return RESERVABLE.length;
  }

  /** Returns the mask of the i-th bit that strategies can reserve. */
  public static long reservable(int i) {
    return bit(RESERVABLE[i]);
  }

  /** Returns whether KVM maps something: a leaf or a table. */
  public static boolean isPresent(long spte) {
    return (spte & MMU_PRESENT) != 0;
  }

  /** Returns whether a present entry of {@code level} maps memory rather than a table. */
  public static boolean isLast(long spte, int level) {
    return level == 1 || (spte & HUGE) != 0;
  }

  /** Returns whether the entry maps memory. */
  public static boolean isLeaf(long spte, int level) {
    return (spte & MMU_PRESENT) != 0 && (level == 1 || (spte & HUGE) != 0);
  }

  /** Returns whether the entry points to a table. */
  public static boolean isTable(long spte, int level) {
    return (spte & MMU_PRESENT) != 0 && level > 1 && (spte & HUGE) == 0;
  }

  /** Returns whether one thread owns the entry; {@code keep} are the bits that strategies hold. */
  public static boolean isFrozen(long spte, long keep) {
    return (spte & ~keep) == FROZEN;
  }

  /** Returns the frame number of a leaf, or the handle of a table. */
  public static long pfn(long spte) {
    return (spte & PFN) >>> PFN_SHIFT;
  }

  /** Returns a frame number in place. */
  public static long pfnBits(long pfn) {
    return (pfn << PFN_SHIFT) & PFN;
  }

  /** Returns the mask of one bit. */
  static long bit(int number) {
    return 1L << number;
  }

  /** Returns the mask of the bits {@code high} to {@code low}, both included. */
  static long bits(int high, int low) {
    return (-1L >>> (63 - high)) & (-1L << low);
  }

  static void requireDisjoint(String one, long oneMask, String other, long otherMask) {
    if ((oneMask & otherMask) != 0) {
      throw new IllegalStateException(
          "%s and %s share the bits 0x%x".formatted(one, other, oneMask & otherMask));
    }
  }
}
