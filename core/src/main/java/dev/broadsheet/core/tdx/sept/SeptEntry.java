package dev.broadsheet.core.tdx.sept;

import org.jspecify.annotations.Nullable;

/**
 * A 64-bit entry of the Secure EPT of an L1 VM: masks, constructors and predicates.
 *
 * <pre>{@code
 * 63  62   60:58 57  56  55  54   53   52   51:12  11    9  7  6    5:3 2 1 0
 * SVE      TDAL  VPW TDP TDB TDBW TDEX TDHP HPA    TDEL  D  PS IPAT MT  X W R
 *
 * state            raw, page or table at h     what SEPT.RD shows
 * FREE             0x80E0000000000000          0x8000000000000000
 * NL_MAPPED        0x8000000000000007 + h      0x7
 * NL_BLOCKED       0x8080000000000000 + h      0x0
 * MAPPED           0x80000000000000F7 + h      the same
 * BLOCKED          0x80800000000000F0 + h      0x80000000000000F0 + h
 * PENDING          0x81000000000000F0 + h      0x80000000000000F0 + h
 * PENDING_BLOCKED  0x81800000000000F0 + h      0x80000000000000F0 + h
 * }</pre>
 *
 * <p>The state stands in bits 56:53, 9, 7 and 6 (see {@link SeptState}). Bit 11 is the entry lock,
 * bit 52 says that a host lost it and goes first. In a PENDING 2M page bits 20:12, which no 2M
 * address needs, count the 4K pieces accepted so far.
 *
 * <p>Source: TDX module 1.5.05, sept_manager.h and x86_defs.h.
 */
public final class SeptEntry {
  /** Read permission. */
  public static final long R = 1L;

  /** Write permission. */
  public static final long W = 1L << 1;

  /** Execute permission. */
  public static final long X = 1L << 2;

  /** All three permissions. */
  public static final long RWX = R | W | X;

  /** Memory type; 6 (write back) in pages, 0 in tables. */
  public static final long MT = 0x7L << 3;

  /** Memory type write back, in place. */
  public static final long MT_WB = 6L << 3;

  /** Ignore PAT; a state bit, set in pages. */
  public static final long IPAT = 1L << 6;

  /** Page, not table; a state bit, set in pages of every level. */
  public static final long PS = 1L << 7;

  /** Dirty; a state bit. */
  public static final long D = 1L << 9;

  /** TDEL: the entry is locked. */
  public static final long LOCK = 1L << 11;

  /** Frame of the page or table, in place. */
  public static final long HPA = 0x000f_ffff_ffff_f000L;

  /** TDHP: a host failed to take the lock; a guest must let it go first. */
  public static final long HOST_PRIORITY = 1L << 52;

  /** TDEX, TDBW, TDB, TDP: four state bits. */
  public static final long TD_STATE = 0xfL << 53;

  /** Suppress #VE; always set. */
  public static final long SVE = 1L << 63;

  /** Number of 4K pieces of a PENDING 2M page accepted so far, in place. */
  public static final long ACCEPT_COUNTER = 0x1ffL << 12;

  /** An empty entry: what a new table is filled with. */
  public static final long FREE;

  private static final long STATE = TD_STATE | D | PS | IPAT;
  private static final long REPORTED_LEAF = RWX | MT | IPAT | PS | SVE;
  private static final long REPORTED_TABLE = RWX | PS;

  /** By the state bits, moved together by two shifts: bits 56:53 to 3:0, 9 to 7, 7 and 6 to 5:4. */
  private static final @Nullable SeptState[] BY_STATE_BITS = new @Nullable SeptState[256];

  private static final long[] STATE_BITS = new long[SeptState.values().length];

  static {
    requireDisjoint(STATE, HPA);
    requireDisjoint(STATE, LOCK | HOST_PRIORITY);
    requireDisjoint(HPA, LOCK | HOST_PRIORITY | RWX | MT);
    for (SeptState state : SeptState.values()) {
      int e = state.encoding();
      long bits = (e & 1L) << 9 | (e >>> 1 & 0xfL) << 53 | (e >>> 5 & 3L) << 6;
      bits |= state.permissions() | (state.isLeaf() ? MT_WB : 0) | SVE;
      STATE_BITS[state.index()] = bits;
      BY_STATE_BITS[stateBits(bits)] = state;
    }
    FREE = STATE_BITS[SeptState.FREE.index()];
  }

  private SeptEntry() {}

  /**
   * Returns the state of an entry.
   *
   * @throws IllegalStateException if the state bits are none of the sixteen
   */
  public static SeptState state(long entry) {
    SeptState state = BY_STATE_BITS[stateBits(entry)];
    if (state == null) {
      throw new IllegalStateException(String.format("S-EPT entry 0x%016x is in no state", entry));
    }
    return state;
  }

  private static int stateBits(long entry) {
    return (int) (((entry >>> 53) & 0xf) | ((entry >>> 2) & 0xb0));
  }

  /** Returns an unlocked entry in {@code state} for the page or table at {@code hpa}. */
  public static long of(SeptState state, long hpa) {
    return STATE_BITS[state.index()] | (hpa & HPA);
  }

  /** Returns the address of the page or table; the accept counter is taken out. */
  public static long hpa(long entry, int level) {
    return entry & HPA & -SeptLevel.bytes(isLeaf(entry) ? level : 0);
  }

  /** Returns whether the entry holds a page. */
  public static boolean isLeaf(long entry) {
    return (entry & PS) != 0;
  }

  /** Returns whether a walk goes on below: permissions and not a page. */
  public static boolean isWalkable(long entry) {
    return (entry & RWX) != 0 && (entry & PS) == 0;
  }

  /** Returns whether somebody holds the entry lock. */
  public static boolean isLocked(long entry) {
    return (entry & LOCK) != 0;
  }

  /** Returns how many 4K pieces of a PENDING 2M page are accepted so far. */
  public static int acceptCounter(long entry) {
    return (int) ((entry & ACCEPT_COUNTER) >>> 12);
  }

  /** Returns the entry with another count of accepted 4K pieces. */
  public static long withAcceptCounter(long entry, int pieces) {
    return (entry & ~ACCEPT_COUNTER) | ((long) pieces << 12);
  }

  /** Returns what RCX shows of the entry: the host sees where pages are, never where tables are. */
  public static long reported(long entry, int level) {
    SeptState state = state(entry);
    if (state.isLeaf()) {
      return (entry & REPORTED_LEAF) | hpa(entry, level);
    }
    return entry & (state.isTable() ? REPORTED_TABLE : SVE);
  }

  /** Returns what RDX shows of the entry: level in bits 2:0, reported state in bits 15:8. */
  public static long reportedLevelAndState(long entry, int level) {
    return level | ((long) state(entry).reported() << 8);
  }

  private static void requireDisjoint(long a, long b) {
    if ((a & b) != 0) {
      throw new IllegalStateException("overlapping fields in the S-EPT entry");
    }
  }
}
