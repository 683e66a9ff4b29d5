package dev.broadsheet.core.tdx.td;

/** State of a vCPU, kept in its TDVPS. */
public enum VcpuState {
  /** Created; TDH.VP.INIT is not done. */
  UNINITIALIZED(0),
  /** May be entered. */
  READY(2),
  /** Inside the TD. */
  ACTIVE(4),
  /** Cannot be entered again. */
  DISABLED(8);

  private final int value;

  VcpuState(int value) {
    this.value = value;
  }

  /** Returns the number that the module keeps. */
  public int value() {
    return value;
  }
}
