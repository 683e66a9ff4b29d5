package dev.broadsheet.core.tdx.sept;

/**
 * The sixteen states of a Secure EPT entry.
 *
 * <p>A state is spread over seven bits of the entry: bit 0 of the {@linkplain #encoding encoding}
 * is entry bit 9 (D), bits 4:1 are entry bits 56:53 (TDP, TDB, TDBW, TDEX), bits 6:5 are entry bits
 * 7:6 (PS, IPAT). What SEPT.RD and failing functions report in RDX bits 15:8 is another number, the
 * {@linkplain #reported reported state}; bit 7 of it marks tables.
 *
 * <p>A TD without migration and without L2 VMs uses seven of them: FREE, NL_MAPPED, NL_BLOCKED,
 * MAPPED, BLOCKED, PENDING, PENDING_BLOCKED.
 *
 * <p>Source: TDX module 1.5.05, sept_state_lookup.c.
 */
public enum SeptState {
  /** Nothing mapped. */
  FREE(0x0e, 0, Kind.FREE, false),
  /** A removed page that the import must not bring back. */
  REMOVED(0x0c, 5, Kind.FREE, false),
  /** A table of the next lower level. */
  NL_MAPPED(0x00, 132, Kind.TABLE, true),
  /** A table that nobody can walk through. */
  NL_BLOCKED(0x08, 129, Kind.TABLE, true),
  /** A page that the guest can use. */
  MAPPED(0x60, 4, Kind.LEAF, true),
  /** A page that the guest cannot reach any more. */
  BLOCKED(0x68, 1, Kind.LEAF, true),
  /** A page blocked for writing, for export. */
  BLOCKEDW(0x64, 8, Kind.LEAF, true),
  /** Exported and blocked for writing. */
  EXPORTED_BLOCKEDW(0x66, 9, Kind.LEAF, false),
  /** Exported, then written. */
  EXPORTED_DIRTY(0x63, 11, Kind.LEAF, true),
  /** Exported, written, blocked for writing again. */
  EXPORTED_DIRTY_BLOCKEDW(0x67, 12, Kind.LEAF, true),
  /** Given by the host, not accepted by the guest. */
  PENDING(0x70, 2, Kind.LEAF, true),
  /** Given, not accepted, blocked. */
  PENDING_BLOCKED(0x78, 3, Kind.LEAF, true),
  /** Given, not accepted, blocked for writing. */
  PENDING_BLOCKEDW(0x74, 16, Kind.LEAF, true),
  /** Not accepted, exported, blocked for writing. */
  PENDING_EXPORTED_BLOCKEDW(0x76, 17, Kind.LEAF, false),
  /** Not accepted, exported, dirty. */
  PENDING_EXPORTED_DIRTY(0x73, 19, Kind.LEAF, true),
  /** Not accepted, exported, dirty, blocked for writing. */
  PENDING_EXPORTED_DIRTY_BLOCKEDW(0x77, 20, Kind.LEAF, true);

  /** What an entry stands for. */
  public enum Kind {
    /** Neither page nor table. */
    FREE,
    /** A table of the next lower level ("non-leaf"). */
    TABLE,
    /** A page. */
    LEAF
  }

  private static final int BLOCK_BIT = 1 << 3;
  private static final int WRITE_BLOCK_BIT = 1 << 2;
  private static final int PENDING_BIT = 1 << 4;

  private final int encoding;
  private final int reported;
  private final Kind kind;
  private final boolean trackingRequired;

  SeptState(int encoding, int reported, Kind kind, boolean trackingRequired) {
    this.encoding = encoding;
    this.reported = reported;
    this.kind = kind;
    this.trackingRequired = trackingRequired;
  }

  /** Returns the position in this enumeration, for tables. */
  @SuppressWarnings("EnumOrdinal") // an index into arrays, never kept or shown
  public int index() {
    return ordinal();
  }

  /** Returns the seven bits that stand for the state. */
  public int encoding() {
    return encoding;
  }

  /** Returns the number that RDX bits 15:8 show. */
  public int reported() {
    return reported;
  }

  /** Returns whether the entry is free, a table or a page. */
  public Kind kind() {
    return kind;
  }

  /** Returns whether the entry holds a page. */
  public boolean isLeaf() {
    return kind == Kind.LEAF;
  }

  /** Returns whether the entry holds a table. */
  public boolean isTable() {
    return kind == Kind.TABLE;
  }

  /** Returns whether the block bit counts: NL_BLOCKED, BLOCKED, PENDING_BLOCKED. */
  public boolean isBlocked() {
    return kind != Kind.FREE && (encoding & BLOCK_BIT) != 0;
  }

  /** Returns whether the page waits for the guest's accept, blocked or not. */
  public boolean isPending() {
    return kind == Kind.LEAF && (encoding & PENDING_BIT) != 0;
  }

  /** Returns whether the page is blocked for writing. */
  public boolean isWriteBlocked() {
    return kind == Kind.LEAF && (encoding & WRITE_BLOCK_BIT) != 0;
  }

  /** Returns whether the guest can read the page: a leaf neither pending nor blocked. */
  public boolean isGuestAccessible() {
    return kind == Kind.LEAF && !isPending() && !isBlocked();
  }

  /** Returns whether a TLB may hold a translation, so that a running TD asks for tracking. */
  public boolean needsTlbTracking() {
    return trackingRequired;
  }

  /** Returns the permissions: bit 0 read, bit 1 write, bit 2 execute. */
  public int permissions() {
    if (this == NL_MAPPED || isGuestAccessible()) {
      return isWriteBlocked() ? 0b101 : 0b111;
    }
    return 0;
  }
}
