package dev.broadsheet.lab.replay;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Range;
import com.google.common.collect.RangeSet;
import com.google.common.collect.TreeRangeSet;
import dev.broadsheet.api.GfnRange;
import java.util.List;

/**
 * The gfns whose attributes are not those of the script, because the tracker rightly refused to
 * convert what no page table reaches. Says which answers can be compared, and answers nothing: it
 * knows that a gfn is out of step, not what the gfn is.
 */
final class ReachShadow {
  private final RangeSet<Long> outOfStep = TreeRangeSet.create();

  boolean isEmpty() {
    return outOfStep.isEmpty();
  }

  boolean contains(long gfn) {
    return outOfStep.contains(gfn);
  }

  boolean intersects(GfnRange range) {
    return outOfStep.intersects(Range.closedOpen(range.start(), range.end()));
  }

  /** Notes that the range is as the script says. */
  void inStep(GfnRange range) {
    outOfStep.remove(Range.closedOpen(range.start(), range.end()));
  }

  /** Notes that the gfns in {@code [start, end)} are not what the script says. */
  void outOfStep(long start, long end) {
    outOfStep.add(Range.closedOpen(start, end));
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
