package dev.broadsheet.lab.replay;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Range;
import com.google.common.collect.RangeSet;
import com.google.common.collect.TreeRangeSet;
import dev.broadsheet.api.Conversion;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageTables;
import dev.broadsheet.api.Plan;
import dev.broadsheet.api.RejectReason;
import java.util.List;
import java.util.Optional;

/**
 * The gfns whose attributes are not those of the script, because the tracker rightly refused to
 * convert what no page table reaches. Says which answers can be compared, and answers nothing: it
 * knows that a gfn is out of step, not what the gfn is.
 */
final class ReachShadow {
  private static final long PAGE_BYTES = 1L << 12;

  private final PageAttributeTracker tracker;
  private final Optional<PageTables> tables;
  private final RangeSet<Long> outOfStep = TreeRangeSet.create();

  /**
   * Creates a shadow without gfns.
   *
   * @param tables where the tracker keeps its truth; empty if it reaches all gfns
   */
  ReachShadow(PageAttributeTracker tracker, Optional<PageTables> tables) {
    this.tracker = tracker;
    this.tables = tables;
  }

  /** Returns the pages of a request in bytes, which must be sound. */
  static GfnRange pages(long address, long size) {
    return GfnRange.ofPages(address >>> 12, size >>> 12);
  }

  /** Returns whether KVM takes a request's arguments. */
  static boolean isSound(long address, long size, long bits, long flags) {
    return flags == 0
        && (bits & ~(long) PageAttributes.PRIVATE) == 0
        && size != 0
        && ((address | size) & (PAGE_BYTES - 1)) == 0
        && Long.compareUnsigned(address + size, address) > 0;
  }

  /** Returns whether the tracker refuses a range because no page table reaches it. */
  boolean isOutOfReach(GfnRange range, int wanted) {
    if (tables.isEmpty() || tables.get().reaches(range.end() - 1)) {
      return false;
    }
    Conversion conversion = tracker.prepare(range, wanted);
    if (conversion.plan() instanceof Plan.Rejected rejected) {
      return rejected.reason() == RejectReason.OUT_OF_REACH;
    }
    if (conversion.plan() instanceof Plan.Ready) {
      conversion.cancel();
    }
    return false;
  }

  /** Follows a conversion that KVM carries out, and the tracker refused or not. */
  void follow(GfnRange range, int wanted, boolean refused) {
    outOfStep.remove(Range.closedOpen(range.start(), range.end()));
    if (!refused) {
      return;
    }
    int other = wanted ^ PageAttributes.PRIVATE;
    long start = tracker.firstDifference(range.start(), range.end(), wanted);
    while (start < range.end()) {
      long behind = tracker.firstDifference(start, range.end(), other);
      outOfStep.add(Range.closedOpen(start, behind));
      start = tracker.firstDifference(behind, range.end(), wanted);
    }
  }

  boolean isEmpty() {
    return outOfStep.isEmpty();
  }

  boolean contains(long gfn) {
    return outOfStep.contains(gfn);
  }

  boolean intersects(GfnRange range) {
    return outOfStep.intersects(Range.closedOpen(range.start(), range.end()));
  }

  /** Returns what is left of ascending runs without the gfns that are out of step. */
  List<GfnRange> without(List<GfnRange> runs) {
    RangeSet<Long> rest = TreeRangeSet.create();
    runs.forEach(run -> rest.add(Range.closedOpen(run.start(), run.end())));
    rest.removeAll(outOfStep);
    return rest.asRanges().stream()
        .map(range -> new GfnRange(range.lowerEndpoint(), range.upperEndpoint()))
        .collect(ImmutableList.toImmutableList());
  }
}
