package dev.broadsheet.core.tdx;

/**
 * Operation state of a TD, kept in its TDCS: which functions are allowed, and whether the TD may be
 * running, so that block and TLB tracking are asked for.
 */
public enum OpState {
  /** The control structure has enough pages; nothing is set up. */
  UNINITIALIZED(0, false),
  /** TDH.MNG.INIT is done: the TD is being built. */
  INITIALIZED(1, false),
  /** TDH.MR.FINALIZE is done: vCPUs may be entered. */
  RUNNABLE(2, true),
  /** Memory is exported while the TD runs. */
  LIVE_EXPORT(3, true),
  /** The export has paused the TD. */
  PAUSED_EXPORT(4, false),
  /** The export is over. */
  POST_EXPORT(5, false),
  /** Memory is imported before the TD's state. */
  MEMORY_IMPORT(6, false),
  /** The TD's state is imported. */
  STATE_IMPORT(7, false),
  /** The import is over, not committed. */
  POST_IMPORT(8, false),
  /** The TD runs while memory is imported. */
  LIVE_IMPORT(9, true),
  /** The import failed. */
  FAILED_IMPORT(10, false);

  private final int value;
  private final boolean mayRun;

  OpState(int value, boolean mayRun) {
    this.value = value;
    this.mayRun = mayRun;
  }

  /** Returns the number that the module keeps. */
  public int value() {
    return value;
  }

  /** Returns whether vCPUs may be inside, so that removal needs block and TLB tracking. */
  public boolean needsTlbTracking() {
    return mayRun;
  }
}
