package dev.broadsheet.strategies.xarray;

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
import dev.broadsheet.api.TrackerContext;
import dev.broadsheet.api.Transitions;
import dev.broadsheet.api.support.SlotMap;
import java.util.Map;

/**
 * A tracker whose truth is an xarray and whose large-page answer is the words of lpage_info: {@code
 * maxLevel} adds nothing to them. What differs is how the words are brought up to date.
 */
public abstract class XarrayTracker implements PageAttributeTracker {
  /** Pages stored between two yield points: 2 MiB, the most that one MapGPA call converts. */
  protected static final long STEP = PG_LEVEL_2M.pages();

  /** The words. */
  protected final LpageInfo lpageInfo;

  /** Who is told of blocks that turn. */
  protected final Transitions transitions;

  /** The truth. */
  protected final AttributeXArray attributes;

  /** The slots, which the words hang on. */
  protected final SlotMap<Memslot> slots = new SlotMap<>();

  /** Creates a tracker whose array is empty. */
  protected XarrayTracker(TrackerContext context) {
    this.lpageInfo = context.lpageInfo();
    this.transitions = context.transitions();
    this.attributes = new AttributeXArray(context);
  }

  /** Returns whether a block wholly inside a slot holds two attributes. */
  protected abstract boolean isMixed(long block, PageLevel level);

  /**
   * Makes room for a conversion that changes something.
   *
   * @throws dev.broadsheet.api.memory.KernelOutOfMemoryException having given back what it took
   */
  protected abstract Conversion open(GfnRange range, int wanted);

  /** Gives the words of a level their first value; the slot is not among {@link #slots} yet. */
  protected abstract void initWords(Memslot slot, PageLevel level);

  /**
   * Compares the words of a level with the pages.
   *
   * @throws IllegalStateException if one is wrong
   */
  protected abstract void auditWords(Memslot slot, PageLevel level);

  @Override
  public final int defaultAttributes() {
    return attributes.absent();
  }

  @Override
  public final int attributes(long gfn) {
    return attributes.get(gfn);
  }

  @Override
  public final PageType type(long gfn, PageLevel level) {
    Memslot slot = slots.find(gfn);
    if (slot == null || !slot.holdsBlock(gfn, level)) {
      return PageType.INVALID;
    }
    long block = level.roundDown(gfn);
    return level != PG_LEVEL_4K && isMixed(block, level)
        ? PageType.MIXED
        : PageAttributes.type(attributes.get(block));
  }

  @Override
  public final long firstDifference(long gfn, long end, int wanted) {
    if (gfn > end) {
      throw new IllegalArgumentException(
          "first difference in [0x%x, 0x%x): the start lies behind the end".formatted(gfn, end));
    }
    return attributes.firstDifference(gfn, end, wanted);
  }

  @Override
  public final Conversion prepare(GfnRange range, int wanted) {
    if ((wanted & ~PageAttributes.PRIVATE) != 0) {
      return OneStepConversion.unsupported(wanted);
    }
    attributes.array().restartPeak();
    if (attributes.firstDifference(range.start(), range.end(), wanted) == range.end()) {
      return OneStepConversion.unchanged();
    }
    return open(range, wanted);
  }

  @Override
  public final void memslotAdded(Memslot slot) {
    initWords(slot, PG_LEVEL_2M);
    initWords(slot, PG_LEVEL_1G);
    slots.add(slot, slot);
  }

  @Override
  public final void memslotRemoved(Memslot slot) {
    slots.remove(slot);
  }

  @Override
  public final Map<String, Long> gauges() {
    return attributes.gauges();
  }

  @Override
  public final void audit() {
    attributes.audit();
    for (int i = 0; i < slots.size(); i++) {
      auditWords(slots.slot(i), PG_LEVEL_2M);
      auditWords(slots.slot(i), PG_LEVEL_1G);
    }
  }

  @Override
  public void close() {
    attributes.array().free();
  }
}
