package dev.broadsheet.core.vm;

import dev.broadsheet.core.mmu.fault.PageFault;

/** How a guest touches memory. */
public enum Access {
  /** A data read. */
  READ(PageFault.GUEST_FINAL | PageFault.USER),
  /** A data write. */
  WRITE(PageFault.GUEST_FINAL | PageFault.USER | PageFault.WRITE),
  /** An instruction fetch. */
  EXECUTE(PageFault.GUEST_FINAL | PageFault.USER | PageFault.FETCH),
  /** A walk of the guest's own page tables; hardware treats it as a write. */
  WALK(PageFault.GUEST_PAGE | PageFault.USER | PageFault.WRITE);

  private final long errorCode;

  Access(long errorCode) {
    this.errorCode = errorCode;
  }

  long errorCode() {
    return errorCode;
  }

  /** Returns whether hardware needs the writable bit. */
  public boolean isWrite() {
    return this == WRITE || this == WALK;
  }

  /** Returns whether hardware needs the executable bit. */
  public boolean isFetch() {
    return this == EXECUTE;
  }
}
