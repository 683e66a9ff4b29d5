package dev.broadsheet.api;

/**
 * What {@link PageAttributeTracker#prepare} found out about a conversion before anything changed.
 */
public sealed interface Plan {
  /** Every page of the range already has these attributes; nothing will be done (R5). */
  record Unchanged() implements Plan {}

  /**
   * All memory is reserved; storing cannot fail any more.
   *
   * @param range what will be converted: the range asked for, or a prefix of it when memory ran dry
   */
  record Ready(GfnRange range) implements Plan {}

  /**
   * The conversion is refused; the observable state is as before (R8).
   *
   * @param reason the kind of refusal
   * @param detail one line: what was asked, what was found, what would do
   */
  record Rejected(RejectReason reason, String detail) implements Plan {}
}
