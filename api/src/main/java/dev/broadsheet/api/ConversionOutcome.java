package dev.broadsheet.api;

/** How a conversion ended. */
public sealed interface ConversionOutcome {
  /**
   * Every page of the range has the new attributes.
   *
   * @param range the range that was asked for
   */
  record Converted(GfnRange range) implements ConversionOutcome {}

  /** Every page had them already; nothing was changed (R5). */
  record Unchanged() implements ConversionOutcome {}

  /**
   * Memory ran dry on the way: a prefix is converted, the rest is as before.
   *
   * @param range the prefix that was converted
   * @param nextGfn where to go on, the end of the prefix
   */
  record Partial(GfnRange range, long nextGfn) implements ConversionOutcome {}

  /**
   * Refused as a whole; nothing was changed (R8).
   *
   * @param reason the kind of refusal
   * @param detail one line: what was asked, what was found, what would do
   */
  record Rejected(RejectReason reason, String detail) implements ConversionOutcome {}
}
