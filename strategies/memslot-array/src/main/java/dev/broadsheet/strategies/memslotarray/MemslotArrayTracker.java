package dev.broadsheet.strategies.memslotarray;

import dev.broadsheet.api.Conversion;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.OneStepConversion;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.PageType;
import dev.broadsheet.api.Plan;
import dev.broadsheet.api.RejectReason;
import dev.broadsheet.api.TrackerContext;
import dev.broadsheet.api.Transitions;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import dev.broadsheet.api.support.SlotMap;
import java.util.Map;

/**
 * Option A: asks the arrays of the slot, and the runs outside for what no slot holds.
 *
 * <p>A conversion does all its work in {@code publish}, that is with {@code mmu_lock} held for
 * write, as the design did.
 */
final class MemslotArrayTracker implements PageAttributeTracker {
  /** What a slot takes over when it is created did not turn just now. */
  private static final Transitions SILENT =
      new Transitions() {
        @Override
        public void becameMixed(long gfn, PageLevel level) {}

        @Override
        public void becameUniform(long gfn, PageLevel level, int attributes) {}
      };

  private final TrackerContext context;
  private final Encoding encoding;
  private final int initial;
  private final SlotMap<SlotTypes> slots = new SlotMap<>();
  private final OutsideAttributes outside;
  private final ArrayConversion conversion = new ArrayConversion();

  MemslotArrayTracker(TrackerContext context, Encoding encoding) {
    this.context = context;
    this.encoding = encoding;
    this.initial = context.initialAttributes();
    this.outside = new OutsideAttributes(context);
  }

  @Override
  public int defaultAttributes() {
    return initial;
  }

  @Override
  public int attributes(long gfn) {
    SlotTypes types = slots.find(gfn);
    while (types == null) {
      int found = outside.get(gfn);
      // A slot that came meanwhile may have taken over what was asked for.
      types = slots.find(gfn);
      if (types == null) {
        return found;
      }
    }
    return types.attributes(gfn);
  }

  @Override
  public PageLevel maxLevel(long gfn, PageLevel ceiling) {
    SlotTypes types = slots.find(gfn);
    return types == null ? PageLevel.PG_LEVEL_4K : types.maxLevel(gfn, ceiling);
  }

  @Override
  public PageType type(long gfn, PageLevel level) {
    SlotTypes types = slots.find(gfn);
    return types == null ? PageType.INVALID : types.type(gfn, level);
  }

  @Override
  public long firstDifference(long gfn, long end, int attributes) {
    if (gfn > end) {
      throw new IllegalArgumentException(
          "first difference in [0x%x, 0x%x): the start lies behind the end".formatted(gfn, end));
    }
    long next = gfn;
    while (next < end) {
      SlotTypes types = slots.find(next);
      long stop = Math.min(end, types != null ? types.slot().range().end() : gapEnd(next));
      long found =
          types != null
              ? types.firstDifference(next, stop, PageAttributes.type(attributes))
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
      return OneStepConversion.rejected(
          RejectReason.UNSUPPORTED_ATTRIBUTES,
          "%s asked, a page type says private or shared"
              .formatted(PageAttributes.format(attributes)));
    }
    if (firstDifference(range.start(), range.end(), attributes) == range.end()) {
      return OneStepConversion.unchanged();
    }
    long gaps = 0;
    for (long next = range.start(); next < range.end(); ) {
      SlotTypes types = slots.find(next);
      gaps += types == null ? 1 : 0;
      next = types != null ? types.slot().range().end() : gapEnd(next);
    }
    if (gaps > 0) {
      outside.reserve(gaps);
    }
    return conversion.begin(range, attributes);
  }

  @Override
  public void memslotAdded(Memslot slot) {
    outside.reserve(1);
    GfnRange range = slot.range();
    SlotTypes types;
    try {
      types = SlotTypes.allocate(context.memory(), encoding, slot, PageAttributes.type(initial));
    } catch (KernelOutOfMemoryException e) {
      outside.trim();
      throw e;
    }
    for (long next = range.start(); next < range.end(); ) {
      long stop = Math.min(range.end(), outside.runEnd(next));
      int attributes = outside.get(next);
      if (attributes != initial) {
        types.convert(next, stop, PageAttributes.type(attributes), SILENT);
      }
      next = stop;
    }
    slots.add(slot, types);
    outside.assign(range.start(), range.end(), initial);
    outside.trim();
  }

  @Override
  public void memslotRemoved(Memslot slot) {
    SlotTypes types = slots.find(slot.range().start());
    if (types == null) {
      throw new IllegalArgumentException(
          "memslot %d %s does not exist".formatted(slot.id(), slot.range()));
    }
    outside.adopt(slot, types);
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
    PageType type = PageAttributes.type(attributes);
    boolean outsideChanged = false;
    for (long next = range.start(); next < range.end(); ) {
      SlotTypes types = slots.find(next);
      long stop;
      if (types != null) {
        stop = Math.min(range.end(), types.slot().range().end());
        types.convert(next, stop, type, context.transitions());
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

  /** The conversion under way; there is one at a time, so it is used again. */
  private final class ArrayConversion implements Conversion {
    private GfnRange range = new GfnRange(0, 1);
    private int attributes;

    Conversion begin(GfnRange newRange, int newAttributes) {
      range = newRange;
      attributes = newAttributes;
      return this;
    }

    @Override
    public Plan plan() {
      return new Plan.Ready(range);
    }

    @Override
    public long store(long from) {
      return range.end();
    }

    @Override
    public void publish() {
      apply(range, attributes);
    }

    @Override
    public void cancel() {
      outside.trim();
    }
  }
}
