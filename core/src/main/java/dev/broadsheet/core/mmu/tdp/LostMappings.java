package dev.broadsheet.core.mmu.tdp;

import com.google.common.collect.Range;
import com.google.common.collect.RangeSet;
import com.google.common.collect.TreeRangeSet;

/**
 * What conversions took away beyond what they changed: the rest of a huge leaf that reached beyond
 * the range. A fault that brings it back was caused by the conversion. Books of the model, no state
 * of KVM.
 */
final class LostMappings {
  private final RangeSet<Long> ranges = TreeRangeSet.create();
  private volatile boolean empty = true;

  boolean isEmpty() {
    return empty;
  }

  synchronized void add(long start, long end) {
    ranges.add(Range.closedOpen(start, end));
    empty = false;
  }

  /** Removes a range; returns whether a part of it was lost. */
  synchronized boolean take(long start, long end) {
    Range<Long> range = Range.closedOpen(start, end);
    if (!ranges.intersects(range)) {
      return false;
    }
    ranges.remove(range);
    empty = ranges.isEmpty();
    return true;
  }
}
