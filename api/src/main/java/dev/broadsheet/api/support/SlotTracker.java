package dev.broadsheet.api.support;

import dev.broadsheet.api.Conversion;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.OneStepConversion;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.PageType;
import dev.broadsheet.api.TrackerContext;
import dev.broadsheet.api.Transitions;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import java.util.Map;
import java.util.function.Function;

/**
 * A tracker whose state hangs on memslots: a design says what is kept for one slot, this class has
 * the rest. Private and shared are kept; the trait is {@link
 * dev.broadsheet.api.StrategyTrait#PER_MEMSLOT_STATE}.
 *
 * <p>Attributes belong to gfns all the same. What no slot holds stands in {@link AttributeRuns}
 * labelled {@code outside}: a slot that comes takes its part from there, one that goes leaves it
 * there, and can go even when there is no memory for it.
 *
 * <p>A conversion does all its work in {@code publish}, that is with {@code mmu_lock} held for
 * write. All memory is taken in {@code prepare}: what the slots {@linkplain SlotAttributes#reserve
 * reserve}, and room for runs between them.
 */
public final class SlotTracker implements PageAttributeTracker {
  /** What a slot takes over when it is created did not turn just now. */
  private static final Transitions SILENT =
      new Transitions() {
        @Override
        public void becameMixed(long gfn, PageLevel level) {}

        @Override
        public void becameUniform(long gfn, PageLevel level, int attributes) {}
      };

  private final Function<Memslot, ? extends SlotAttributes> keeper;
  private final Transitions transitions;
  private final int initial;
  private final SlotMap<SlotAttributes> slots = new SlotMap<>();
  private final OutsideAttributes outside;
  private final SlotConversion conversion = new SlotConversion();

  /**
   * Creates a tracker without slots.
   *
   * @param keeper creates what is kept for a slot, all of whose pages have {@link
   *     TrackerContext#initialAttributes}; throws {@link KernelOutOfMemoryException} if there is no
   *     memory, having freed what it took
   */
  public SlotTracker(TrackerContext context, Function<Memslot, ? extends SlotAttributes> keeper) {
    this.keeper = keeper;
    this.transitions = context.transitions();
    this.initial = context.initialAttributes();
    this.outside = new OutsideAttributes(context);
  }

  @Override
  public int defaultAttributes() {
    return initial;
  }

  @Override
  public int attributes(long gfn) {
    SlotAttributes kept = slots.find(gfn);
    while (kept == null) {
      int found = outside.get(gfn);
      // A slot that came meanwhile may have taken over what was asked for.
      kept = slots.find(gfn);
      if (kept == null) {
        return found;
      }
    }
    return kept.attributes(gfn);
  }

  @Override
  public PageLevel maxLevel(long gfn, PageLevel ceiling) {
    SlotAttributes kept = slots.find(gfn);
    return kept == null ? PageLevel.PG_LEVEL_4K : kept.maxLevel(gfn, ceiling);
  }

  @Override
  public PageType type(long gfn, PageLevel level) {
    SlotAttributes kept = slots.find(gfn);
    return kept == null ? PageType.INVALID : kept.type(gfn, level);
  }

  @Override
  public long firstDifference(long gfn, long end, int attributes) {
    if (gfn > end) {
      throw new IllegalArgumentException(
          "first difference in [0x%x, 0x%x): the start lies behind the end".formatted(gfn, end));
    }
    long next = gfn;
    while (next < end) {
      SlotAttributes kept = slots.find(next);
      long stop = Math.min(end, kept != null ? kept.slot().range().end() : gapEnd(next));
      long found =
          kept != null
              ? kept.firstDifference(next, stop, attributes)
              : outside.firstDifference(next, stop, attributes);
      if (found < stop) {
        return found;
      }
      next = stop;
    }
    return end;
  }

  @Override
  public Conversion prepare(GfnRange range, int attributes) {
    if ((attributes & ~PageAttributes.PRIVATE) != 0) {
      return OneStepConversion.unsupported(attributes);
    }
    if (firstDifference(range.start(), range.end(), attributes) == range.end()) {
      return OneStepConversion.unchanged();
    }
    try {
      reserve(range, attributes);
    } catch (KernelOutOfMemoryException e) {
      release(range);
      throw e;
    }
    return conversion.begin(range, attributes);
  }

  private void reserve(GfnRange range, int attributes) {
    long gaps = 0;
    for (long next = range.start(); next < range.end(); ) {
      SlotAttributes kept = slots.find(next);
      long stop;
      if (kept != null) {
        stop = Math.min(range.end(), kept.slot().range().end());
        kept.reserve(next, stop, attributes);
      } else {
        stop = gapEnd(next);
        gaps++;
      }
      next = stop;
    }
    if (gaps > 0) {
      outside.reserve(gaps);
    }
  }

  /** Gives back what was reserved in the slots of a range. */
  private void release(GfnRange range) {
    int i = slots.firstEndingAfter(range.start());
    for (; i < slots.size() && slots.slot(i).range().start() < range.end(); i++) {
      slots.value(i).release();
    }
  }

  @Override
  public void memslotAdded(Memslot slot) {
    outside.reserve(1);
    SlotAttributes kept;
    try {
      kept = keeper.apply(slot);
      takeOver(kept);
    } catch (KernelOutOfMemoryException e) {
      outside.trim();
      throw e;
    }
    slots.add(slot, kept);
    outside.assign(slot.range().start(), slot.range().end(), initial);
    outside.trim();
  }

  /** Copies what is kept outside into a new slot, or frees that and throws. */
  private void takeOver(SlotAttributes kept) {
    GfnRange range = kept.slot().range();
    for (long next = range.start(); next < range.end(); ) {
      long stop = Math.min(range.end(), outside.runEnd(next));
      int attributes = outside.get(next);
      if (attributes != initial) {
        try {
          kept.reserve(next, stop, attributes);
        } catch (KernelOutOfMemoryException e) {
          kept.free();
          throw e;
        }
        kept.convert(next, stop, attributes, SILENT);
        kept.release();
      }
      next = stop;
    }
  }

  @Override
  public void memslotRemoved(Memslot slot) {
    SlotAttributes kept = slots.find(slot.range().start());
    if (kept == null) {
      throw new IllegalArgumentException(
          "memslot %d %s does not exist".formatted(slot.id(), slot.range()));
    }
    outside.adopt(kept);
    slots.remove(slot);
    outside.trySettle();
  }

  @Override
  public Map<String, Long> gauges() {
    return Map.of("outside.runs", outside.runs());
  }

  @Override
  public void audit() {
    for (int i = 0; i < slots.size(); i++) {
      slots.value(i).audit();
    }
    outside.audit(slots);
  }

  @Override
  public void close() {
    for (int i = 0; i < slots.size(); i++) {
      slots.value(i).free();
    }
    outside.free();
  }

  /** Returns where the next slot behind {@code gfn} begins. */
  private long gapEnd(long gfn) {
    int next = slots.firstEndingAfter(gfn);
    return next < slots.size() ? slots.slot(next).range().start() : GfnRange.GFN_LIMIT;
  }

  private void apply(GfnRange range, int attributes) {
    boolean outsideChanged = false;
    for (long next = range.start(); next < range.end(); ) {
      SlotAttributes kept = slots.find(next);
      long stop;
      if (kept != null) {
        stop = Math.min(range.end(), kept.slot().range().end());
        kept.convert(next, stop, attributes, transitions);
        kept.release();
      } else {
        stop = Math.min(range.end(), gapEnd(next));
        outside.assign(next, stop, attributes);
        outsideChanged = true;
      }
      next = stop;
    }
    if (outsideChanged) {
      outside.trim();
    }
  }

  private final class SlotConversion extends ReusedConversion {
    @Override
    public long store(long from) {
      return range().end();
    }

    @Override
    public void publish() {
      apply(range(), wanted());
    }

    @Override
    public void cancel() {
      release(range());
      outside.trim();
    }
  }
}
