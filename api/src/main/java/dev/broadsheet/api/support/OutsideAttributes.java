package dev.broadsheet.api.support;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.TrackerContext;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;

/**
 * The attributes of gfns that no memslot holds: sorted runs, labelled {@code outside}.
 *
 * <p>A memslot may go when there is no memory for the runs that it leaves, and its going cannot
 * fail. Then what was kept for it stays here, unchanged, until a later call finds the memory to
 * {@link #settle} it. It is never written: whoever wants to change what it covers settles first.
 */
final class OutsideAttributes {
  private final TrackerContext context;
  private final int initial;
  private final AttributeRuns runs;
  private final SlotMap<SlotAttributes> unsettled = new SlotMap<>();

  OutsideAttributes(TrackerContext context) {
    this.context = context;
    this.initial = context.initialAttributes();
    this.runs = new AttributeRuns(context.memory(), "outside", initial, context::defer);
  }

  /** Returns the attributes of a gfn outside all memslots; safe at any time. */
  int get(long gfn) {
    SlotAttributes kept = unsettled.find(gfn);
    return kept != null ? kept.attributes(gfn) : runs.get(gfn);
  }

  /** Returns the first gfn of {@code [gfn, end)} with other attributes, or the end. */
  long firstDifference(long gfn, long end, int attributes) {
    long next = gfn;
    while (next < end) {
      int i = unsettled.firstEndingAfter(next);
      GfnRange kept = i < unsettled.size() ? unsettled.slot(i).range() : null;
      long stop;
      long found;
      if (kept != null && kept.start() <= next) {
        stop = Math.min(end, kept.end());
        found = unsettled.value(i).firstDifference(next, stop, attributes);
      } else {
        stop = kept == null ? end : Math.min(end, kept.start());
        found = runs.firstDifference(next, stop, attributes);
      }
      if (found < stop) {
        return found;
      }
      next = stop;
    }
    return end;
  }

  /** Returns the first gfn behind {@code gfn} from where on attributes may differ. */
  long runEnd(long gfn) {
    return runs.runEnd(gfn);
  }

  /**
   * Makes room for changes of so many ranges.
   *
   * @throws KernelOutOfMemoryException if there is no memory; no answer has changed then
   */
  void reserve(long assignments) {
    settle();
    runs.reserve(assignments);
  }

  /** Changes a range for which room was made. */
  void assign(long start, long end, int attributes) {
    runs.assign(start, end, attributes);
  }

  /** Gives back memory that is no longer needed. */
  void trim() {
    runs.trim();
  }

  /** Takes the content of a memslot that goes; cannot fail. */
  void adopt(SlotAttributes kept) {
    unsettled.add(kept.slot(), kept);
  }

  /** Tries to turn adopted slots into runs; keeps them if there is no memory. */
  void trySettle() {
    try {
      settle();
    } catch (KernelOutOfMemoryException keepThem) {
      runs.trim();
    }
  }

  /**
   * Turns all adopted slots into runs.
   *
   * @throws KernelOutOfMemoryException if there is no memory; what is left is as it was
   */
  private void settle() {
    while (unsettled.size() > 0) {
      Memslot slot = unsettled.slot(0);
      SlotAttributes kept = unsettled.value(0);
      runs.reserve(deviations(kept));
      long end = slot.range().end();
      long next = kept.firstDifference(slot.range().start(), end, initial);
      while (next < end) {
        int attributes = kept.attributes(next);
        long stop = kept.firstDifference(next, end, attributes);
        runs.assign(next, stop, attributes);
        next = kept.firstDifference(stop, end, initial);
      }
      unsettled.remove(slot);
      context.defer(kept::free);
    }
  }

  /** Returns the number of runs that differ from the initial attributes. */
  private long deviations(SlotAttributes kept) {
    GfnRange range = kept.slot().range();
    long count = 0;
    long next = kept.firstDifference(range.start(), range.end(), initial);
    while (next < range.end()) {
      count++;
      next = kept.firstDifference(next, range.end(), kept.attributes(next));
      next = kept.firstDifference(next, range.end(), initial);
    }
    return count;
  }

  /** Returns the number of runs. */
  long runs() {
    return runs.runs();
  }

  /**
   * Checks the runs, and that they say nothing of what a slot holds.
   *
   * @throws IllegalStateException if they do
   */
  void audit(SlotMap<SlotAttributes> slots) {
    runs.audit();
    for (int i = 0; i < slots.size(); i++) {
      GfnRange range = slots.slot(i).range();
      long found = runs.firstDifference(range.start(), range.end(), initial);
      if (found < range.end()) {
        throw new IllegalStateException(
            "outside: 0x%x is kept as %s although memslot %d holds it"
                .formatted(found, PageAttributes.format(runs.get(found)), slots.slot(i).id()));
      }
    }
  }

  /** Frees all at once. */
  void free() {
    for (int i = 0; i < unsettled.size(); i++) {
      unsettled.value(i).free();
    }
    runs.free();
  }
}
