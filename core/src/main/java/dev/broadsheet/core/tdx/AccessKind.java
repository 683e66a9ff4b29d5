package dev.broadsheet.core.tdx;

/** Kind of a guest's memory access; the bit that an exit qualification shows for it. */
public enum AccessKind {
  /** Data read. */
  READ(1),
  /** Data write. */
  WRITE(2),
  /** Instruction fetch. */
  EXECUTE(4);

  private final int qualification;

  AccessKind(int qualification) {
    this.qualification = qualification;
  }

  /** Returns the bit in the exit qualification. */
  public int qualification() {
    return qualification;
  }
}
