package dev.broadsheet.strategies.xarraymixedflag;

import static dev.broadsheet.api.PageLevel.PG_LEVEL_1G;
import static dev.broadsheet.api.PageLevel.PG_LEVEL_2M;

import dev.broadsheet.api.Conversion;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.TrackerContext;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import dev.broadsheet.api.support.ReusedConversion;
import dev.broadsheet.strategies.xarray.XArray;
import dev.broadsheet.strategies.xarray.XarrayTracker;

/**
 * Linux 6.8: reserve, store, recompute the mixed flags. The large-page answer is the words of
 * lpage_info, so {@code maxLevel} adds nothing.
 */
final class XarrayMixedFlagTracker extends XarrayTracker {
  private final boolean oneDescentPerPage;
  private final boolean writesBehindSlot;
  private final FlagConversion conversion = new FlagConversion();

  XarrayMixedFlagTracker(TrackerContext context) {
    super(context);
    this.oneDescentPerPage = context.options().get(XarrayMixedFlagStrategy.WALK).equals("index");
    this.writesBehindSlot =
        context.options().get(XarrayMixedFlagStrategy.DEFECT).equals("slot-end");
  }

  @Override
  protected boolean isMixed(long block, PageLevel level) {
    return lpageInfo.isMixed(block, level);
  }

  @Override
  protected Conversion open(GfnRange range, int wanted) {
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
    return oneDescentPerPage ? eachChildHas(block, end, wanted) : childrenHave(block, end, wanted);
  }

  /** As Linux asks: a flag and a descent from the head ({@code xa_load()}) for each child. */
  private boolean eachChildHas(long block, long end, int wanted) {
    for (long child = block; child < end; child += PG_LEVEL_2M.pages()) {
      if (lpageInfo.isMixed(child, PG_LEVEL_2M) || attributes.get(child) != wanted) {
        return false;
      }
    }
    return true;
  }

  /** The same in groups: as many children as one node above the leaves of the xarray holds. */
  private boolean childrenHave(long block, long end, int wanted) {
    for (long group = block; group < end; group += XArray.NEAR) {
      long groupEnd = group + XArray.NEAR;
      if (lpageInfo.firstMixed(group, groupEnd, PG_LEVEL_2M) < groupEnd
          || !attributes.have(group, groupEnd, PG_LEVEL_2M.pages(), wanted)) {
        return false;
      }
    }
    return true;
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
  protected void initWords(Memslot slot, PageLevel level) {
    long end = level.roundDown(slot.range().end());
    for (long block = level.roundUp(slot.range().start()); block < end; block += level.pages()) {
      if (!blockHas(block, attributes.get(block), level)) {
        lpageInfo.setMixed(block, level);
      }
    }
  }

  @Override
  protected void auditWords(Memslot slot, PageLevel level) {
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

  private final class FlagConversion extends ReusedConversion {
    @Override
    public long store(long from) {
      long to = Math.min(range().end(), from + STEP);
      XarrayMixedFlagTracker.this.store(from, to, attributes.entry(wanted()));
      return to;
    }

    @Override
    public void publish() {
      int i = slots.firstEndingAfter(range().start());
      for (; i < slots.size() && slots.slot(i).range().start() < range().end(); i++) {
        GfnRange slot = slots.slot(i).range();
        updateFlags(
            slots.slot(i),
            Math.max(range().start(), slot.start()),
            Math.min(range().end(), slot.end()),
            wanted());
      }
    }

    @Override
    public void cancel() {
      attributes.array().release(range().start(), range().end());
    }
  }
}
