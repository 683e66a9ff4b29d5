package dev.broadsheet.strategies.xarraylpageinfo;

import static dev.broadsheet.api.PageLevel.PG_LEVEL_1G;
import static dev.broadsheet.api.PageLevel.PG_LEVEL_2M;
import static dev.broadsheet.api.PageLevel.PG_LEVEL_4K;

import dev.broadsheet.api.Conversion;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.LpageInfo;
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
import dev.broadsheet.api.support.MixedBlocks;
import dev.broadsheet.api.support.SlotMap;
import dev.broadsheet.strategies.xarray.AttributeXArray;
import java.util.Map;

/**
 * Option D: the array has the truth, lpage_info has one reason of ours in each mixed block.
 *
 * <p>The large-page answer is the words of lpage_info, so {@code maxLevel} adds nothing.
 */
final class XarrayLpageInfoTracker implements PageAttributeTracker {
  /** Pages stored between two yield points: 2 MiB, the most that one MapGPA call converts. */
  private static final long STEP = PG_LEVEL_2M.pages();

  private final LpageInfo lpageInfo;
  private final Transitions transitions;
  private final AttributeXArray attributes;
  private final boolean storesRanges;
  private final SlotMap<Memslot> slots = new SlotMap<>();
  private final MixedBlocks mixed;
  private final CountedConversion conversion = new CountedConversion();

  XarrayLpageInfoTracker(TrackerContext context) {
    this.lpageInfo = context.lpageInfo();
    this.transitions = context.transitions();
    this.attributes = new AttributeXArray(context);
    this.storesRanges = context.options().get(XarrayLpageInfoStrategy.STORE).equals("range");
    this.mixed =
        new MixedBlocks(
            context.memory(),
            slots,
            new MixedBlocks.Probe() {
              @Override
              public boolean isMixed(long gfn, PageLevel level) {
                return XarrayLpageInfoTracker.this.isMixed(gfn, level);
              }

              @Override
              public int attributes(long gfn) {
                return attributes.get(gfn);
              }
            },
            this::count);
  }

  @Override
  public int defaultAttributes() {
    return attributes.absent();
  }

  @Override
  public int attributes(long gfn) {
    return attributes.get(gfn);
  }

  @Override
  public PageType type(long gfn, PageLevel level) {
    Memslot slot = slots.find(gfn);
    if (slot == null || !slot.holdsBlock(gfn, level)) {
      return PageType.INVALID;
    }
    long block = level.roundDown(gfn);
    return level != PG_LEVEL_4K && isMixed(block, level)
        ? PageType.MIXED
        : PageAttributes.type(attributes.get(block));
  }

  /** Asks the word first: where nothing forbids the level, no reason of ours does. */
  private boolean isMixed(long block, PageLevel level) {
    return !lpageInfo.isAllowed(block, level)
        && !attributes.isUniform(block, block + level.pages());
  }

  @Override
  public long firstDifference(long gfn, long end, int wanted) {
    if (gfn > end) {
      throw new IllegalArgumentException(
          "first difference in [0x%x, 0x%x): the start lies behind the end".formatted(gfn, end));
    }
    return attributes.firstDifference(gfn, end, wanted);
  }

  @Override
  public Conversion prepare(GfnRange range, int wanted) {
    if ((wanted & ~PageAttributes.PRIVATE) != 0) {
      return OneStepConversion.rejected(
          RejectReason.UNSUPPORTED_ATTRIBUTES,
          "%s asked, private and shared are kept".formatted(PageAttributes.format(wanted)));
    }
    attributes.array().restartPeak();
    if (attributes.firstDifference(range.start(), range.end(), wanted) == range.end()) {
      return OneStepConversion.unchanged();
    }
    mixed.before(range);
    try {
      if (storesRanges) {
        attributes.array().openRange(range.start(), range.end(), attributes.entry(wanted));
      } else {
        attributes.array().reserve(range.start(), range.end());
      }
    } catch (KernelOutOfMemoryException e) {
      mixed.release();
      throw e;
    }
    return conversion.begin(range, wanted);
  }

  private void count(long block, PageLevel level, boolean isMixed, int now) {
    if (isMixed) {
      lpageInfo.addReason(block, level);
      transitions.becameMixed(block, level);
    } else {
      lpageInfo.removeReason(block, level);
      transitions.becameUniform(block, level, now);
    }
  }

  @Override
  public void memslotAdded(Memslot slot) {
    addReasons(slot, PG_LEVEL_2M);
    addReasons(slot, PG_LEVEL_1G);
    slots.add(slot, slot);
  }

  private void addReasons(Memslot slot, PageLevel level) {
    long end = level.roundDown(slot.range().end());
    for (long block = level.roundUp(slot.range().start()); block < end; block += level.pages()) {
      if (!attributes.isUniform(block, block + level.pages())) {
        lpageInfo.addReason(block, level);
      }
    }
  }

  @Override
  public void memslotRemoved(Memslot slot) {
    slots.remove(slot);
  }

  @Override
  public Map<String, Long> gauges() {
    return attributes.gauges();
  }

  @Override
  public void audit() {
    attributes.audit();
    for (int i = 0; i < slots.size(); i++) {
      audit(slots.slot(i), PG_LEVEL_2M);
      audit(slots.slot(i), PG_LEVEL_1G);
    }
  }

  /** A mixed block must be forbidden; whether a uniform one has other reasons cannot be told. */
  private void audit(Memslot slot, PageLevel level) {
    long end = level.roundDown(slot.range().end());
    for (long block = level.roundUp(slot.range().start()); block < end; block += level.pages()) {
      if (lpageInfo.isAllowed(block, level)
          && !attributes.isUniform(block, block + level.pages())) {
        throw new IllegalStateException(
            "memslot %d: the %s block at 0x%x is mixed and allowed"
                .formatted(slot.id(), level.label(), block));
      }
    }
  }

  @Override
  public void close() {
    mixed.release();
    attributes.array().free();
  }

  /** The conversion under way; there is one at a time, so it is used again. */
  private final class CountedConversion implements Conversion {
    private GfnRange range = new GfnRange(0, 1);
    private int wanted;

    Conversion begin(GfnRange newRange, int newWanted) {
      range = newRange;
      wanted = newWanted;
      return this;
    }

    @Override
    public Plan plan() {
      return new Plan.Ready(range);
    }

    @Override
    public long store(long from) {
      long entry = attributes.entry(wanted);
      if (storesRanges) {
        attributes.array().storeRange(range.start(), range.end(), entry);
        return range.end();
      }
      long to = Math.min(range.end(), from + STEP);
      attributes.array().store(from, to, entry);
      return to;
    }

    @Override
    public void publish() {
      mixed.after(range, wanted);
    }

    @Override
    public void cancel() {
      if (storesRanges) {
        attributes.array().closeRange(range.start(), range.end());
      } else {
        attributes.array().release(range.start(), range.end());
      }
      mixed.release();
    }
  }
}
