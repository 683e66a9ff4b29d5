package dev.broadsheet.core.strategy;

import com.google.common.collect.Range;
import com.google.common.collect.RangeSet;
import com.google.common.collect.TreeRangeSet;
import dev.broadsheet.api.ConversionOutcome;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import java.util.List;

/**
 * Makes a tracker whose structure fixes what an untouched gfn answers agree with what the machine
 * says of gfns that were never converted: each slot is filled by conversion when it is added, as
 * user space does for KVM's own tracker. What was filled or converted once is not filled again, for
 * attributes survive their slot.
 *
 * <p>Costs nothing where both agree. Serialized by {@code slots_lock}.
 */
public final class StartupFill {
  private final PageAttributeTracker tracker;
  private final int initialAttributes;
  private final boolean needed;
  private final RangeSet<Long> known = TreeRangeSet.create();

  /** Creates the filler of one tracker. */
  public StartupFill(PageAttributeTracker tracker, int initialAttributes) {
    this.tracker = tracker;
    this.initialAttributes = initialAttributes;
    this.needed = tracker.defaultAttributes() != initialAttributes;
  }

  /** Notes that every gfn of the range has been converted. */
  public void converted(GfnRange range) {
    if (needed) {
      known.add(Range.closedOpen(range.start(), range.end()));
    }
  }

  /**
   * Fills those gfns of a new slot that were neither filled nor converted yet.
   *
   * @return the number of pages filled
   * @throws KernelOutOfMemoryException if memory ran dry; what was filled stays
   */
  public long fill(GfnRange slot) {
    if (!needed) {
      return 0;
    }
    long pages = 0;
    RangeSet<Long> missing =
        known.complement().subRangeSet(Range.closedOpen(slot.start(), slot.end()));
    for (Range<Long> gap : List.copyOf(missing.asRanges())) {
      GfnRange range = new GfnRange(gap.lowerEndpoint(), gap.upperEndpoint());
      ConversionOutcome outcome = tracker.convert(range, initialAttributes);
      if (outcome instanceof ConversionOutcome.Rejected rejected) {
        throw new IllegalStateException(
            "the start-up fill of %s was refused: %s".formatted(range, rejected.detail()));
      }
      if (outcome instanceof ConversionOutcome.Partial partial) {
        known.add(Range.closedOpen(range.start(), partial.nextGfn()));
        throw new KernelOutOfMemoryException("startup", range.end() - partial.nextGfn());
      }
      known.add(gap);
      pages += range.pages();
    }
    return pages;
  }
}
