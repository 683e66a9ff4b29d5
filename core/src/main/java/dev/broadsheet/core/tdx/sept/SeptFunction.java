package dev.broadsheet.core.tdx.sept;

/** The functions, of host and guest, that ask {@link SeptRules} about an entry's state. */
public enum SeptFunction {
  /** TDH.MEM.PAGE.ADD. */
  PAGE_ADD("TDH.MEM.PAGE.ADD"),
  /** TDH.MEM.SEPT.ADD. */
  SEPT_ADD("TDH.MEM.SEPT.ADD"),
  /** TDH.MEM.PAGE.AUG. */
  PAGE_AUG("TDH.MEM.PAGE.AUG"),
  /** TDH.MEM.RANGE.BLOCK. */
  RANGE_BLOCK("TDH.MEM.RANGE.BLOCK"),
  /** TDH.MEM.RANGE.UNBLOCK. */
  RANGE_UNBLOCK("TDH.MEM.RANGE.UNBLOCK"),
  /** TDH.MEM.PAGE.REMOVE. */
  PAGE_REMOVE("TDH.MEM.PAGE.REMOVE"),
  /** TDH.MEM.SEPT.REMOVE. */
  SEPT_REMOVE("TDH.MEM.SEPT.REMOVE"),
  /** TDH.MEM.PAGE.PROMOTE. */
  PAGE_PROMOTE("TDH.MEM.PAGE.PROMOTE"),
  /** TDH.MEM.PAGE.DEMOTE. */
  PAGE_DEMOTE("TDH.MEM.PAGE.DEMOTE"),
  /** TDH.MEM.PAGE.RELOCATE. */
  PAGE_RELOCATE("TDH.MEM.PAGE.RELOCATE"),
  /** TDH.MEM.SEPT.RD. */
  SEPT_RD("TDH.MEM.SEPT.RD"),
  /** TDH.MEM.RD. */
  MEM_RD("TDH.MEM.RD"),
  /** TDH.MEM.WR. */
  MEM_WR("TDH.MEM.WR"),
  /** TDH.MR.EXTEND. */
  MR_EXTEND("TDH.MR.EXTEND"),
  /** TDG.MEM.PAGE.ACCEPT. */
  ACCEPT("TDG.MEM.PAGE.ACCEPT"),
  /** TDG.MEM.PAGE.ATTR.RD. */
  ATTR_RD("TDG.MEM.PAGE.ATTR.RD"),
  /** TDG.MEM.PAGE.ATTR.WR. */
  ATTR_WR("TDG.MEM.PAGE.ATTR.WR"),
  /** TDH.EXPORT.BLOCKW. */
  EXPORT_BLOCKW("TDH.EXPORT.BLOCKW"),
  /** TDH.EXPORT.RESTORE. */
  EXPORT_RESTORE("TDH.EXPORT.RESTORE"),
  /** TDH.EXPORT.MEM. */
  EXPORT_MEM("TDH.EXPORT.MEM"),
  /** TDH.EXPORT.UNBLOCKW. */
  EXPORT_UNBLOCKW("TDH.EXPORT.UNBLOCKW"),
  /** TDH.IMPORT.MEM. */
  IMPORT_MEM("TDH.IMPORT.MEM");

  private final String leafName;

  SeptFunction(String leafName) {
    this.leafName = leafName;
  }

  /** Returns the position in this enumeration, for tables. */
  @SuppressWarnings("EnumOrdinal") // an index into arrays, never kept or shown
  public int index() {
    return ordinal();
  }

  /** Returns the name with dots, as the specification writes it. */
  public String leafName() {
    return leafName;
  }
}
