package dev.broadsheet.strategies.bounds;

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
import dev.broadsheet.api.support.AttributeRuns;
import dev.broadsheet.api.support.MixedBlocks;
import dev.broadsheet.api.support.SlotMap;
import java.util.Map;

/** The truth as sorted runs; large pages up to a given level where one run covers the block. */
final class RunsTracker implements PageAttributeTracker {
  private final int initial;
  private final PageLevel largest;
  private final Transitions transitions;
  private final AttributeRuns runs;
  private final SlotMap<Memslot> slots = new SlotMap<>();
  private final MixedBlocks mixed;
  private final RunsConversion conversion = new RunsConversion();

  RunsTracker(TrackerContext context, PageLevel largest) {
    this.initial = context.initialAttributes();
    this.largest = largest;
    this.transitions = context.transitions();
    this.runs = new AttributeRuns(context.memory(), "runs", initial, context::defer);
    this.mixed =
        new MixedBlocks(
            context.memory(),
            slots,
            new MixedBlocks.Probe() {
              @Override
              public boolean isMixed(long gfn, PageLevel level) {
                return !runs.isUniform(gfn, gfn + level.pages());
              }

              @Override
              public int attributes(long gfn) {
                return runs.get(gfn);
              }
            },
            this::tell);
  }

  @Override
  public int defaultAttributes() {
    return initial;
  }

  @Override
  public int attributes(long gfn) {
    return runs.get(gfn);
  }

  @Override
  public PageLevel maxLevel(long gfn, PageLevel ceiling) {
    PageLevel level = ceiling.min(largest);
    while (level != PageLevel.PG_LEVEL_4K) {
      long start = level.roundDown(gfn);
      if (runs.isUniform(start, start + level.pages())) {
        return level;
      }
      level = level.below();
    }
    return level;
  }

  @Override
  public PageType type(long gfn, PageLevel level) {
    Memslot slot = slots.find(gfn);
    if (slot == null || !slot.holdsBlock(gfn, level)) {
      return PageType.INVALID;
    }
    long start = level.roundDown(gfn);
    return runs.isUniform(start, start + level.pages())
        ? PageAttributes.type(runs.get(start))
        : PageType.MIXED;
  }

  @Override
  public long firstDifference(long gfn, long end, int attributes) {
    if (gfn > end) {
      throw new IllegalArgumentException(
          "first difference in [0x%x, 0x%x): the start lies behind the end".formatted(gfn, end));
    }
    return gfn == end ? end : runs.firstDifference(gfn, end, attributes);
  }

  @Override
  public Conversion prepare(GfnRange range, int attributes) {
    if ((attributes & ~PageAttributes.PRIVATE) != 0) {
      return OneStepConversion.rejected(
          RejectReason.UNSUPPORTED_ATTRIBUTES,
          "%s asked, only private and shared are kept"
              .formatted(PageAttributes.format(attributes)));
    }
    if (runs.firstDifference(range.start(), range.end(), attributes) == range.end()) {
      return OneStepConversion.unchanged();
    }
    mixed.before(range);
    try {
      runs.reserve(1);
    } catch (KernelOutOfMemoryException e) {
      mixed.release();
      throw e;
    }
    return conversion.begin(range, attributes);
  }

  @Override
  public void memslotAdded(Memslot slot) {
    slots.add(slot, slot);
  }

  @Override
  public void memslotRemoved(Memslot slot) {
    slots.remove(slot);
  }

  @Override
  public Map<String, Long> gauges() {
    return Map.of("runs", runs.runs());
  }

  @Override
  public void audit() {
    runs.audit();
  }

  @Override
  public void close() {
    runs.free();
  }

  private void tell(long gfn, PageLevel level, boolean isMixed, int attributes) {
    if (isMixed) {
      transitions.becameMixed(gfn, level);
    } else {
      transitions.becameUniform(gfn, level, attributes);
    }
  }

  /** The conversion under way; there is one at a time, so it is used again. */
  private final class RunsConversion implements Conversion {
    private Plan plan = new Plan.Unchanged();
    private GfnRange range = new GfnRange(0, 1);
    private int attributes;

    Conversion begin(GfnRange newRange, int newAttributes) {
      range = newRange;
      attributes = newAttributes;
      plan = new Plan.Ready(newRange);
      return this;
    }

    @Override
    public Plan plan() {
      return plan;
    }

    @Override
    public long store(long from) {
      runs.assign(range.start(), range.end(), attributes);
      return range.end();
    }

    @Override
    public void publish() {
      runs.trim();
      mixed.after(range, attributes);
    }

    @Override
    public void cancel() {
      mixed.release();
      runs.trim();
    }
  }
}
