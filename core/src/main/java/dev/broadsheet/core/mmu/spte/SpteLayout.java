package dev.broadsheet.core.mmu.spte;

/**
 * One hardware format of shadow entries: where its permission, accessed, dirty and writable bits
 * lie, and how entries are made from them. Immutable.
 *
 * <table>
 *   <caption>Bits that differ</caption>
 *   <tr><th></th><th>EPT</th><th>NPT</th></tr>
 *   <tr><td>readable, or present</td><td>0</td><td>0 (present), 2 (user)</td></tr>
 *   <tr><td>writable</td><td>1</td><td>1</td></tr>
 *   <tr><td>executable</td><td>2 set</td><td>63 clear</td></tr>
 *   <tr><td>accessed, dirty</td><td>8, 9</td><td>5, 6</td></tr>
 *   <tr><td>host-writable, MMU-writable</td><td>57, 58</td><td>9, 10</td></tr>
 *   <tr><td>memory type, ignore PAT</td><td>5..3, 6</td><td>-</td></tr>
 *   <tr><td>MMIO</td><td>W and X without R; in a TD all clear</td><td>present and a reserved bit</td></tr>
 * </table>
 *
 * <p>Source: Linux v6.12, arch/x86/kvm/mmu/spte.c: kvm_mmu_set_ept_masks(), make_spte().
 */
public final class SpteLayout {
  private static final long EPT_READ = Spte.bit(0);
  private static final long EPT_EXEC = Spte.bit(2);
  private static final long EPT_RWX = Spte.bits(2, 0);
  private static final long EPT_WRITE_BACK = 6L << 3;
  private static final long EPT_IGNORE_PAT = Spte.bit(6);
  private static final long SUPPRESS_VE = Spte.bit(63);
  private static final long NPT_PRESENT = Spte.bit(0);
  private static final long NPT_USER = Spte.bit(2);
  private static final long NX = Spte.bit(63);

  /** Software generation of MMIO entries: low part in bits 10..3, high part in bits 62..52. */
  private static final long MMIO_GEN_LOW = Spte.bits(10, 3);

  private static final long MMIO_GEN_HIGH = Spte.bits(62, 52);

  private static final int MMIO_GENERATION_BITS = 19;

  /** Extended page tables of Intel processors. */
  public static final SpteLayout EPT =
      new SpteLayout(
          "ept",
          SUPPRESS_VE | EPT_READ,
          EPT_EXEC,
          0,
          Spte.bit(8),
          Spte.bit(9),
          Spte.bit(57),
          Spte.bit(58),
          EPT_WRITE_BACK,
          EPT_RWX | SUPPRESS_VE,
          Spte.bit(1) | EPT_EXEC);

  /**
   * EPT of a TD's shared side: MMIO entries let the guest's own #VE handler see the access, so bit
   * 63 is clear there.
   */
  public static final SpteLayout EPT_TD =
      new SpteLayout(
          "ept",
          SUPPRESS_VE | EPT_READ,
          EPT_EXEC,
          0,
          Spte.bit(8),
          Spte.bit(9),
          Spte.bit(57),
          Spte.bit(58),
          EPT_WRITE_BACK | EPT_IGNORE_PAT,
          EPT_RWX | SUPPRESS_VE,
          0);

  /** EPT of a processor that sets no accessed and dirty bits, or was told not to. */
  public static final SpteLayout EPT_NO_AD =
      new SpteLayout(
          "ept",
          SUPPRESS_VE | EPT_READ,
          EPT_EXEC,
          0,
          0,
          0,
          Spte.bit(57),
          Spte.bit(58),
          EPT_WRITE_BACK,
          EPT_RWX | SUPPRESS_VE,
          Spte.bit(1) | EPT_EXEC);

  /** Nested page tables of AMD processors. */
  public static final SpteLayout NPT =
      new SpteLayout(
          "npt",
          NPT_PRESENT | NPT_USER,
          0,
          NX,
          Spte.bit(5),
          Spte.bit(6),
          Spte.bit(9),
          Spte.bit(10),
          0,
          Spte.bit(51) | NPT_PRESENT,
          Spte.bit(51) | NPT_PRESENT);

  /** Writable, in both formats. */
  public static final long WRITABLE = Spte.bit(1);

  /** Permissions that are taken from an access-tracked leaf; W comes back with a write fault. */
  private static final long TRACKED = EPT_RWX;

  private static final long SAVED = (EPT_READ | EPT_EXEC) << Spte.SAVED_SHIFT;

  private final String name;
  private final long present;
  private final long exec;
  private final long nx;
  private final long accessed;
  private final long dirty;
  private final long hostWritable;
  private final long mmuWritable;
  private final long memoryType;
  private final long mmioMask;
  private final long mmioValue;

  private SpteLayout(
      String name,
      long present,
      long exec,
      long nx,
      long accessed,
      long dirty,
      long hostWritable,
      long mmuWritable,
      long memoryType,
      long mmioMask,
      long mmioValue) {
    this.name = name;
    this.present = present;
    this.exec = exec;
    this.nx = nx;
    this.accessed = accessed;
    this.dirty = dirty;
    this.hostWritable = hostWritable;
    this.mmuWritable = mmuWritable;
    this.memoryType = memoryType;
    this.mmioMask = mmioMask;
    this.mmioValue = mmioValue;
    Spte.requireDisjoint("accessed and dirty", accessed | dirty, "the frame", Spte.PFN);
    Spte.requireDisjoint(
        "host- and MMU-writable", hostWritable | mmuWritable, "present", Spte.MMU_PRESENT);
    for (int i = 0; i < Spte.reservableBits(); i++) {
      Spte.requireDisjoint(
          "a reservable bit",
          Spte.reservable(i),
          "this format",
          present | exec | nx | accessed | dirty | hostWritable | mmuWritable | mmioMask);
    }
  }

  /** Returns {@code ept} or {@code npt}. */
  public String name() {
    return name;
  }

  /** Returns whether hardware sets accessed and dirty bits. */
  public boolean hasAdBits() {
    return accessed != 0;
  }

  /** Kind of A/D tracking that every present entry names. */
  private long adType() {
    return hasAdBits() ? 0 : Spte.TDP_AD_DISABLED;
  }

  /** Returns an entry that points to a table. */
  public long makeTable(long handle) {
    return Spte.MMU_PRESENT
        | present
        | WRITABLE
        | exec
        | accessed
        | adType()
        | Spte.pfnBits(handle);
  }

  /**
   * Returns a leaf as a fault makes it.
   *
   * @param pfn first frame of the mapping
   * @param level level of the entry
   * @param old the entry as it is: a writable one is not marked dirty anew
   * @param prefetch whether the access was not the guest's own: then not accessed
   * @param hostWritable whether the host lets KVM write the page
   * @param executable whether instruction fetches are allowed (NX huge pages forbid it)
   */
  public long makeLeaf(
      long pfn, int level, long old, boolean prefetch, boolean hostWritable, boolean executable) {
    long spte = Spte.MMU_PRESENT | present | memoryType | adType() | Spte.pfnBits(pfn);
    if (!prefetch) {
      spte |= accessed;
    }
    spte |= executable ? exec : nx;
    if (level > 1) {
      spte |= Spte.HUGE;
    }
    if (hostWritable) {
      spte |= this.hostWritable | mmuWritable | WRITABLE;
      // A leaf that is writable already keeps out of dirty accounting, as in make_spte(). A table
      // has the writable bit too, but the leaf that takes its place is marked dirty.
      if (!(Spte.isLeaf(old, level) && isWritable(old))) {
        spte |= dirty;
      }
    }
    return prefetch && !hasAdBits() ? tracked(spte) : spte;
  }

  /**
   * Returns entry {@code index} of the table that takes the place of a huge leaf.
   *
   * @param leaf the huge leaf
   * @param level level of the leaf
   * @param index position in the new table
   * @param executableBelow whether a 4K entry gets back the execute permission that NX huge pages
   *     took from the leaf
   */
  public long makeSplit(long leaf, int level, int index, boolean executableBelow) {
    int childLevel = level - 1;
    long child = leaf;
    child += ((long) index << (9 * (childLevel - 1))) << Spte.PFN_SHIFT;
    if (childLevel == 1) {
      child &= ~Spte.HUGE;
      if (executableBelow) {
        child = (child | exec) & ~nx;
      }
    }
    return child;
  }

  /**
   * Returns the huge leaf that takes the place of a table, made from one present 4K or 2M child.
   *
   * @param child a present leaf of the table
   * @param level level of the new leaf, whose frames are whole and aligned
   */
  public long makeHuge(long child, int level) {
    long first = Spte.pfn(child) & -(1L << (9 * (level - 1)));
    return (child & ~Spte.PFN) | Spte.pfnBits(first) | Spte.HUGE;
  }

  /** Returns a leaf that forbids instruction fetches. */
  public long nonExecutable(long spte) {
    return (spte & ~exec) | nx;
  }

  /** Returns an MMIO entry of a generation. */
  public long makeMmio(long gfn, long generation, long keep) {
    return mmioValue | Spte.pfnBits(gfn) | (mmioGeneration(generation) & ~keep);
  }

  /** Returns whether the entry stands for a page without memory. */
  public boolean isMmio(long spte, long keep) {
    return (spte & mmioMask) == mmioValue
        && (spte & Spte.MMU_PRESENT) == 0
        && (spte & ~keep) != Spte.FROZEN;
  }

  /** Returns whether an MMIO entry was made in {@code generation}. */
  public boolean isMmioCurrent(long spte, long generation, long keep) {
    long mask = (MMIO_GEN_LOW | MMIO_GEN_HIGH) & ~keep;
    return (spte & mask) == (mmioGeneration(generation) & mask);
  }

  /** Returns how many bits of the memslot generation an MMIO entry holds. */
  public static int mmioGenerationBits(long keep) {
    return Long.bitCount((MMIO_GEN_LOW | MMIO_GEN_HIGH) & ~keep);
  }

  /**
   * Returns after how many generations an entry of an older one could be taken for current, so that
   * all must go: where a strategy holds a bit in the middle, those above it no longer help.
   */
  public static long mmioGenerationPeriod(long keep) {
    for (int i = 0; i < MMIO_GENERATION_BITS; i++) {
      if ((mmioGeneration(1L << i) & keep) != 0) {
        return 1L << i;
      }
    }
    return 1L << MMIO_GENERATION_BITS;
  }

  private static long mmioGeneration(long generation) {
    return ((generation & 0xff) << 3) | (((generation >>> 8) & 0x7ff) << 52);
  }

  /** Returns whether the guest may write. */
  public boolean isWritable(long spte) {
    return (spte & WRITABLE) != 0;
  }

  /** Returns whether the guest may read: hardware sees the entry as present. */
  public boolean isReadable(long spte) {
    return (spte & Spte.bit(0)) != 0;
  }

  /** Returns whether the guest may fetch instructions. */
  public boolean isExecutable(long spte) {
    return exec != 0 ? (spte & exec) != 0 : (spte & nx) == 0;
  }

  /** Returns whether KVM may set the writable bit without its lock. */
  public boolean isMmuWritable(long spte) {
    return (spte & mmuWritable) != 0;
  }

  /** Returns whether the host lets KVM write. */
  public boolean isHostWritable(long spte) {
    return (spte & hostWritable) != 0;
  }

  /** Returns whether the guest touched the leaf since it was made or {@link #aged}. */
  public boolean isAccessed(long spte) {
    return hasAdBits() ? (spte & accessed) != 0 : !isTracked(spte);
  }

  /**
   * Returns a leaf whose next access will be noticed: without its accessed bit, or, where hardware
   * has none, without permissions ({@code mark_spte_for_access_track()}).
   */
  public long aged(long spte) {
    return hasAdBits() ? spte & ~accessed : tracked(spte);
  }

  private static long tracked(long spte) {
    if (isTracked(spte)) {
      return spte;
    }
    return (spte & ~TRACKED) | ((spte & (EPT_READ | EPT_EXEC)) << Spte.SAVED_SHIFT);
  }

  /** Returns whether an access is awaited: the permissions are kept in software bits. */
  public static boolean isTracked(long spte) {
    return (spte & Spte.TDP_AD) == Spte.TDP_AD_DISABLED && (spte & TRACKED) == 0;
  }

  /** Returns a tracked leaf with its permissions, apart from W; others as they are. */
  public static long restored(long spte) {
    if (!isTracked(spte)) {
      return spte;
    }
    return (spte & ~SAVED) | ((spte & SAVED) >>> Spte.SAVED_SHIFT);
  }

  /** Returns whether the dirty bit is set. */
  public boolean isDirty(long spte) {
    return (spte & dirty) != 0;
  }

  /** Returns the mask of the accessed bit. */
  public long accessedMask() {
    return accessed;
  }

  /** Returns the mask of the dirty bit. */
  public long dirtyMask() {
    return dirty;
  }

  /** Returns a leaf that the guest has accessed, and written when {@code write}. */
  public long touched(long spte, boolean write) {
    return spte | accessed | (write ? dirty : 0);
  }

  /** Returns a leaf that traps writes, which the fast path may undo. */
  public long writeProtected(long spte) {
    return spte & ~WRITABLE;
  }

  /** Returns whether hardware allows an access. */
  public boolean allows(long spte, boolean write, boolean fetch) {
    if (fetch) {
      return isExecutable(spte) && isReadable(spte);
    }
    return write ? isWritable(spte) && isReadable(spte) : isReadable(spte);
  }

  /**
   * Checks what holds for every present leaf: writable implies MMU-writable, which implies
   * host-writable.
   *
   * @throws IllegalStateException if it does not hold
   */
  public void checkWritable(long spte) {
    if (isWritable(spte) && !isMmuWritable(spte)) {
      throw new IllegalStateException(
          "entry 0x%x is writable but not MMU-writable".formatted(spte));
    }
    if (isMmuWritable(spte) && !isHostWritable(spte)) {
      throw new IllegalStateException(
          "entry 0x%x is MMU-writable but not host-writable".formatted(spte));
    }
  }
}
