package dev.broadsheet.core.tdx;

/** What became of one guest instruction: a TDCALL or a memory access. */
public enum GuestOutcome {
  /** It completed; after a TDCALL, RAX holds the status. */
  DONE,
  /** The vCPU left the TD; the registers hold what the host sees. It is outside now. */
  TD_EXIT,
  /** A virtualization exception into the guest; TDG.VP.VEINFO.GET reads its record. */
  VE,
  /** A virtualization exception while the record of the last one was unread. */
  DOUBLE_FAULT,
  /** An interrupt came first; nothing is lost, the guest executes the same instruction again. */
  INTERRUPTED,
  /** The GPA is shared: the host's own table translates it, the module has no say. */
  SHARED,
  /** A memory integrity fault: the TD is fatal, the vCPU is outside; RAX holds the status. */
  TD_DEAD,
  /** The vCPU is not inside the TD (any more): a host kicked it out, or it was never entered. */
  NOT_INSIDE;

  /** Returns whether the vCPU left the TD because of the instruction. */
  public boolean leavesTd() {
    return this == TD_EXIT || this == TD_DEAD;
  }
}
