package dev.broadsheet.core.tdx;

import org.jspecify.annotations.Nullable;

/** The functions of the guest's side, called by TDCALL. */
public enum TdcallLeaf {
  /** TDG.VP.VMCALL. */
  TDG_VP_VMCALL("TDG.VP.VMCALL", 0),
  /** TDG.VP.INFO. */
  TDG_VP_INFO("TDG.VP.INFO", 1),
  /** TDG.MR.RTMR.EXTEND. */
  TDG_MR_RTMR_EXTEND("TDG.MR.RTMR.EXTEND", 2),
  /** TDG.VP.VEINFO.GET. */
  TDG_VP_VEINFO_GET("TDG.VP.VEINFO.GET", 3),
  /** TDG.MR.REPORT. */
  TDG_MR_REPORT("TDG.MR.REPORT", 4),
  /** TDG.VP.CPUIDVE.SET. */
  TDG_VP_CPUIDVE_SET("TDG.VP.CPUIDVE.SET", 5),
  /** TDG.MEM.PAGE.ACCEPT. */
  TDG_MEM_PAGE_ACCEPT("TDG.MEM.PAGE.ACCEPT", 6),
  /** TDG.VM.RD. */
  TDG_VM_RD("TDG.VM.RD", 7),
  /** TDG.VM.WR. */
  TDG_VM_WR("TDG.VM.WR", 8),
  /** TDG.VP.RD. */
  TDG_VP_RD("TDG.VP.RD", 9),
  /** TDG.VP.WR. */
  TDG_VP_WR("TDG.VP.WR", 10),
  /** TDG.SYS.RD. */
  TDG_SYS_RD("TDG.SYS.RD", 11),
  /** TDG.SYS.RDALL. */
  TDG_SYS_RDALL("TDG.SYS.RDALL", 12),
  /** TDG.SERVTD.RD. */
  TDG_SERVTD_RD("TDG.SERVTD.RD", 18),
  /** TDG.SERVTD.WR. */
  TDG_SERVTD_WR("TDG.SERVTD.WR", 20),
  /** TDG.MR.VERIFYREPORT. */
  TDG_MR_VERIFYREPORT("TDG.MR.VERIFYREPORT", 22),
  /** TDG.MEM.PAGE.ATTR.RD. */
  TDG_MEM_PAGE_ATTR_RD("TDG.MEM.PAGE.ATTR.RD", 23),
  /** TDG.MEM.PAGE.ATTR.WR. */
  TDG_MEM_PAGE_ATTR_WR("TDG.MEM.PAGE.ATTR.WR", 24),
  /** TDG.VP.ENTER. */
  TDG_VP_ENTER("TDG.VP.ENTER", 25),
  /** TDG.VP.INVEPT. */
  TDG_VP_INVEPT("TDG.VP.INVEPT", 26),
  /** TDG.VP.INVVPID. */
  TDG_VP_INVVPID("TDG.VP.INVVPID", 27);

  private static final @Nullable TdcallLeaf[] BY_NUMBER = new @Nullable TdcallLeaf[32];

  static {
    for (TdcallLeaf leaf : values()) {
      BY_NUMBER[leaf.number] = leaf;
    }
  }

  private final String leafName;
  private final int number;

  TdcallLeaf(String leafName, int number) {
    this.leafName = leafName;
    this.number = number;
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

  /** Returns the number in RAX bits 15:0. */
  public int number() {
    return number;
  }

  /** Returns RAX for version 0. */
  public long rax() {
    return number;
  }

  /** Returns the function with this number, or null. */
  public static @Nullable TdcallLeaf of(long number) {
    return number >= 0 && number < BY_NUMBER.length ? BY_NUMBER[(int) number] : null;
  }

  /** Returns the function with this name, with dots or underscores, in any case; or null. */
  public static @Nullable TdcallLeaf named(String name) {
    for (TdcallLeaf leaf : values()) {
      if (leaf.leafName.equalsIgnoreCase(name) || leaf.name().equalsIgnoreCase(name)) {
        return leaf;
      }
    }
    return null;
  }
}
