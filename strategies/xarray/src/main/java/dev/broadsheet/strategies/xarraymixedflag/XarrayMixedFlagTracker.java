package dev.broadsheet.strategies.xarraymixedflag;

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
import dev.broadsheet.api.support.SlotMap;
import dev.broadsheet.strategies.xarray.AttributeXArray;
import java.util.Map;

/**
 * Linux 6.8: reserve, store, recompute the mixed flags. The large-page answer is the words of
 * lpage_info, so {@code maxLevel} adds nothing.
 */
final class XarrayMixedFlagTracker implements PageAttributeTracker {
  /** Pages stored between two yield points: 2 MiB, the most that one MapGPA call converts. */
  private static final long STEP = PG_LEVEL_2M.pages();

  private final LpageInfo lpageInfo;
  private final Transitions transitions;
  private final AttributeXArray attributes;
  private final SlotMap<Memslot> slots = new SlotMap<>();
  private final boolean oneDescentPerPage;
  private final boolean writesBehindSlot;
  private final FlagConversion conversion = new FlagConversion();

  XarrayMixedFlagTracker(TrackerContext context) {
    this.lpageInfo = context.lpageInfo();
    this.transitions = context.transitions();
    this.attributes = new AttributeXArray(context);
    this.oneDescentPerPage = context.options().get(XarrayMixedFlagStrategy.WALK).equals("index");
    this.writesBehindSlot =
        context.options().get(XarrayMixedFlagStrategy.DEFECT).equals("slot-end");
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
    return level != PG_LEVEL_4K && lpageInfo.isMixed(gfn, level)
        ? PageType.MIXED
        : PageAttributes.type(attributes.get(level.roundDown(gfn)));
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
          "%s asked, Linux knows private and shared".formatted(PageAttributes.format(wanted)));
    }
    attributes.array().restartPeak();
    if (attributes.firstDifference(range.start(), range.end(), wanted) == range.end()) {
      return OneStepConversion.unchanged();
    }
    reserve(range);
    return conversion.begin(range, wanted);
  }

  private void reserve(GfnRange range) {
    if (!oneDescentPerPage) {
      attributes.array().reserve(range.start(), range.end());
      return;
    }
    long next = range.start();
    try {
      for (; next < range.end(); next++) {
        attributes.array().reserve(next, next + 1);
      }
    } catch (KernelOutOfMemoryException e) {
      attributes.array().release(range.start(), next);
      throw e;
    }
  }

  private void store(long from, long to, long entry) {
    if (!oneDescentPerPage) {
      attributes.array().store(from, to, entry);
      return;
    }
    for (long next = from; next < to; next++) {
      attributes.array().store(next, next + 1, entry);
    }
  }

  /** Brings the flags of one slot up to date with {@code [start, end)}, which lies inside it. */
  private void updateFlags(Memslot slot, long start, long end, int now) {
    // 2M first: the 1G level reads what it says.
    updateFlags(slot, start, end, now, PG_LEVEL_2M);
    updateFlags(slot, start, end, now, PG_LEVEL_1G);
  }

  private void updateFlags(Memslot slot, long start, long end, int now, PageLevel level) {
    long pages = level.pages();
    long block = level.roundDown(start);
    if (block != start || block + pages > end) {
      updateCutBlock(slot, block, now, level);
      block += pages;
    }
    for (; block + pages <= end; block += pages) {
      setFlag(block, level, false, now);
    }
    if (block < end) {
      updateCutBlock(slot, block, now, level);
    }
  }

  private void updateCutBlock(Memslot slot, long block, int now, PageLevel level) {
    // What sticks out of its slot is forbidden by its count, whatever its pages are.
    boolean inside =
        block >= slot.range().start()
            && (writesBehindSlot || block + level.pages() <= slot.range().end());
    if (inside) {
      setFlag(block, level, !blockHas(block, now, level), now);
    }
  }

  /** Returns whether all pages of a block have these attributes, asking the level below. */
  private boolean blockHas(long block, int wanted, PageLevel level) {
    long end = block + level.pages();
    if (level == PG_LEVEL_2M) {
      return attributes.firstDifference(block, end, wanted) == end;
    }
    attributes.array().startNear();
    for (long child = block; child < end; child += PG_LEVEL_2M.pages()) {
      if (lpageInfo.isMixed(child, PG_LEVEL_2M) || childAttributes(child) != wanted) {
        return false;
      }
    }
    return true;
  }

  /** Linux descends from the head for each of the 512 children ({@code xa_load()}). */
  private int childAttributes(long child) {
    return oneDescentPerPage ? attributes.get(child) : attributes.getNear(child);
  }

  private void setFlag(long block, PageLevel level, boolean mixed, int now) {
    if (lpageInfo.isMixed(block, level) == mixed) {
      return;
    }
    if (mixed) {
      lpageInfo.setMixed(block, level);
      transitions.becameMixed(block, level);
    } else {
      lpageInfo.clearMixed(block, level);
      transitions.becameUniform(block, level, now);
    }
  }

  @Override
  public void memslotAdded(Memslot slot) {
    initFlags(slot, PG_LEVEL_2M);
    initFlags(slot, PG_LEVEL_1G);
    slots.add(slot, slot);
  }

  private void initFlags(Memslot slot, PageLevel level) {
    long end = level.roundDown(slot.range().end());
    for (long block = level.roundUp(slot.range().start()); block < end; block += level.pages()) {
      if (!blockHas(block, attributes.get(block), level)) {
        lpageInfo.setMixed(block, level);
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

  private void audit(Memslot slot, PageLevel level) {
    GfnRange range = slot.range();
    for (long block = level.roundDown(range.start()); block < range.end(); block += level.pages()) {
      long inside = Math.max(block, range.start());
      boolean mixed =
          slot.holdsBlock(inside, level) && !attributes.isUniform(block, block + level.pages());
      if (lpageInfo.isMixed(inside, level) != mixed) {
        throw new IllegalStateException(
            "memslot %d: the mixed flag of the %s block at 0x%x is %s, its pages say %s"
                .formatted(slot.id(), level.label(), block, !mixed, mixed));
      }
    }
  }

  @Override
  public void close() {
    attributes.array().free();
  }

  /** The conversion under way; there is one at a time, so it is used again. */
  private final class FlagConversion implements Conversion {
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
      long to = Math.min(range.end(), from + STEP);
      XarrayMixedFlagTracker.this.store(from, to, attributes.entry(wanted));
      return to;
    }

    @Override
    public void publish() {
      int i = slots.firstEndingAfter(range.start());
      for (; i < slots.size() && slots.slot(i).range().start() < range.end(); i++) {
        GfnRange slot = slots.slot(i).range();
        updateFlags(
            slots.slot(i),
            Math.max(range.start(), slot.start()),
            Math.min(range.end(), slot.end()),
            wanted);
      }
    }

    @Override
    public void cancel() {
      attributes.array().release(range.start(), range.end());
    }
  }
}
