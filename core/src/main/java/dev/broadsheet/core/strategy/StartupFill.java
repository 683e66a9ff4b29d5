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
 * user space does for KVM's own tracker, and so is a range outside of slots before it is converted.
 * What was filled once is not filled again, for attributes survive their slot.
 *
 * <p>Costs nothing where both agree. Filling is serialized by {@code slots_lock}; {@link
 * #attributes} is safe from any thread.
 */
public final class StartupFill {
  private final PageAttributeTracker tracker;
  private final int initialAttributes;
  private final boolean needed;

  /** What was filled. Guarded by this. */
  private final RangeSet<Long> known = TreeRangeSet.create();

  /** Creates the filler of one tracker. */
  public StartupFill(PageAttributeTracker tracker, int initialAttributes) {
    this.tracker = tracker;
    this.initialAttributes = initialAttributes;
    this.needed = tracker.defaultAttributes() != initialAttributes;
  }

  /** Notes that every gfn of the range has been converted: it needs no fill any more. */
  public synchronized void converted(GfnRange range) {
    if (needed) {
      known.add(Range.closedOpen(range.start(), range.end()));
    }
  }

  /** Returns whether tracker and machine disagree on gfns that were never converted. */
  public boolean isNeeded() {
    return needed;
  }

  /**
   * Returns the attributes of a gfn: the tracker's, or the machine's initial ones where nothing was
   * filled yet.
   */
  public int attributes(long gfn) {
    return !needed || isFilled(gfn) ? tracker.attributes(gfn) : initialAttributes;
  }

  /**
   * Returns the first gfn in {@code [gfn, end)} whose {@link #attributes} differ from the given
   * ones, or {@code end}. Called with {@code slots_lock} held.
   */
  public synchronized long firstDifference(long gfn, long end, int attributes) {
    if (!needed) {
      return tracker.firstDifference(gfn, end, attributes);
    }
    long next = gfn;
    while (next < end) {
      Range<Long> filled = known.rangeContaining(next);
      if (filled != null) {
        long stop = Math.min(end, filled.upperEndpoint());
        long different = tracker.firstDifference(next, stop, attributes);
        if (different < stop) {
          return different;
        }
        next = stop;
      } else if (attributes != initialAttributes) {
        return next;
      } else {
        RangeSet<Long> later = known.subRangeSet(Range.closedOpen(next, end));
        next = later.isEmpty() ? end : later.span().lowerEndpoint();
      }
    }
    return end;
  }

  private synchronized boolean isFilled(long gfn) {
    return known.contains(gfn);
  }

  /**
   * Fills those gfns of a new slot, or of a range to be converted, that were not filled yet.
   *
   * @return the number of pages filled
   * @throws KernelOutOfMemoryException if memory ran dry; what was filled stays
   */
  public synchronized long fill(GfnRange range) {
    if (!needed) {
      return 0;
    }
    long pages = 0;
    RangeSet<Long> missing =
        known.complement().subRangeSet(Range.closedOpen(range.start(), range.end()));
    for (Range<Long> gap : List.copyOf(missing.asRanges())) {
      GfnRange part = new GfnRange(gap.lowerEndpoint(), gap.upperEndpoint());
      ConversionOutcome outcome = tracker.convert(part, initialAttributes);
      if (outcome instanceof ConversionOutcome.Rejected rejected) {
        throw new IllegalStateException(
            "the start-up fill of %s was refused: %s".formatted(part, rejected.detail()));
      }
      if (outcome instanceof ConversionOutcome.Partial partial) {
        known.add(Range.closedOpen(part.start(), partial.nextGfn()));
        throw new KernelOutOfMemoryException("startup", part.end() - partial.nextGfn());
      }
      known.add(gap);
      pages += part.pages();
    }
    return pages;
  }
}
