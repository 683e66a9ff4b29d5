package dev.broadsheet.api;

/** Why a conversion was refused as a whole; nothing has changed then (R8). */
public enum RejectReason {
  /** An attribute bit that this strategy, or this machine, cannot keep. */
  UNSUPPORTED_ATTRIBUTES,
  /** Pages that this strategy has no place for, such as gfns beyond every page table. */
  OUT_OF_REACH,
  /** No kernel memory, not even for the first page of the range. */
  OUT_OF_MEMORY
}
