package dev.broadsheet.strategies.memslotarray;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageType;
import dev.broadsheet.api.TrackerContext;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import dev.broadsheet.api.support.AttributeRuns;
import dev.broadsheet.api.support.SlotMap;

/**
 * The attributes of gfns that no memslot holds: sorted runs, labelled {@code outside}.
 *
 * <p>A memslot may go when there is no memory for the runs that it leaves, and its going cannot
 * fail. Then its arrays stay here, unchanged, until a later call finds the memory to {@link
 * #settle} them. They are never written: whoever wants to change what they cover settles first.
 */
final class OutsideAttributes {
  private final TrackerContext context;
  private final int initial;
  private final AttributeRuns runs;
  private final SlotMap<SlotTypes> unsettled = new SlotMap<>();

  OutsideAttributes(TrackerContext context) {
    this.context = context;
    this.initial = context.initialAttributes();
    this.runs = new AttributeRuns(context.memory(), "outside", initial, context::defer);
  }

  /** Returns the attributes of a gfn outside all memslots; safe at any time. */
  int get(long gfn) {
    SlotTypes kept = unsettled.find(gfn);
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
        found = unsettled.value(i).firstDifference(next, stop, PageAttributes.type(attributes));
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
  void adopt(Memslot slot, SlotTypes types) {
    unsettled.add(slot, types);
  }

  /** Tries to turn adopted arrays into runs; keeps them if there is no memory. */
  void trySettle() {
    try {
      settle();
    } catch (KernelOutOfMemoryException keepThem) {
      runs.trim();
    }
  }

  /**
   * Turns all adopted arrays into runs.
   *
   * @throws KernelOutOfMemoryException if there is no memory; what is left is as it was
   */
  private void settle() {
    while (unsettled.size() > 0) {
      Memslot slot = unsettled.slot(0);
      SlotTypes types = unsettled.value(0);
      runs.reserve(deviations(types));
      PageType common = PageAttributes.type(initial);
      long end = slot.range().end();
      long next = types.firstDifference(slot.range().start(), end, common);
      while (next < end) {
        int attributes = types.attributes(next);
        long stop = types.firstDifference(next, end, PageAttributes.type(attributes));
        runs.assign(next, stop, attributes);
        next = types.firstDifference(stop, end, common);
      }
      unsettled.remove(slot);
      context.defer(types::free);
    }
  }

  /** Returns the number of runs that differ from the initial attributes. */
  private long deviations(SlotTypes types) {
    GfnRange range = types.slot().range();
    PageType common = PageAttributes.type(initial);
    long count = 0;
    long next = types.firstDifference(range.start(), range.end(), common);
    while (next < range.end()) {
      count++;
      PageType type = PageAttributes.type(types.attributes(next));
      next = types.firstDifference(next, range.end(), type);
      next = types.firstDifference(next, range.end(), common);
    }
    return count;
  }

  /** Returns the number of runs. */
  long runs() {
    return runs.runs();
  }

  void audit(SlotMap<SlotTypes> slots) {
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

  void free() {
    for (int i = 0; i < unsettled.size(); i++) {
      unsettled.value(i).free();
    }
    runs.free();
  }
}
