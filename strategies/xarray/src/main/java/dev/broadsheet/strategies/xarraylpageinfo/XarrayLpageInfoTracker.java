package dev.broadsheet.strategies.xarraylpageinfo;

import dev.broadsheet.api.Conversion;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.TrackerContext;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import dev.broadsheet.api.support.MixedBlocks;
import dev.broadsheet.api.support.ReusedConversion;
import dev.broadsheet.strategies.xarray.XarrayTracker;

/**
 * Option D: the array has the truth, lpage_info has one reason of ours in each mixed block.
 *
 * <p>The large-page answer is the words of lpage_info, so {@code maxLevel} adds nothing.
 */
final class XarrayLpageInfoTracker extends XarrayTracker {
  private final boolean storesRanges;
  private final MixedBlocks mixed;
  private final CountedConversion conversion = new CountedConversion();

  XarrayLpageInfoTracker(TrackerContext context) {
    super(context);
    this.storesRanges = context.options().get(XarrayLpageInfoStrategy.STORE).equals("range");
    this.mixed =
        new MixedBlocks(
            context.memory(),
            slots,
            new MixedBlocks.Probe() {
              @Override
              public boolean isMixed(long gfn, PageLevel level) {
                return XarrayLpageInfoTracker.this.isMixed(gfn, level, /* near= */ true);
              }

              @Override
              public int attributes(long gfn) {
                return attributes.get(gfn);
              }
            },
            this::count);
  }

  /** Asks the word first: where nothing forbids the level, no reason of ours does. */
  @Override
  protected boolean isMixed(long block, PageLevel level) {
    return isMixed(block, level, /* near= */ false);
  }

  /**
   * Tells whether a block is mixed, from its words where these suffice.
   *
   * <p>A 1G block of pages that are stored is asked through its 2M blocks, as Linux does: one that
   * nothing forbids is uniform, so one of its pages speaks for it. A block that begins with pages
   * that are not stored needs no such help, for the array skips them.
   *
   * @param near whether nothing changes the array meanwhile, so that a descent may be saved
   */
  private boolean isMixed(long block, PageLevel level, boolean near) {
    if (lpageInfo.isAllowed(block, level)) {
      return false;
    }
    int first = attributes.get(block);
    long end = block + level.pages();
    if (level == PageLevel.PG_LEVEL_2M || first == attributes.absent()) {
      return attributes.firstDifference(block, end, first) != end;
    }
    if (near) {
      attributes.array().startNear();
    }
    long pages = PageLevel.PG_LEVEL_2M.pages();
    for (long child = block; child < end; child += pages) {
      if (differs(child, child + pages, first, near)) {
        return true;
      }
    }
    return false;
  }

  private boolean differs(long child, long end, int wanted, boolean near) {
    if (!lpageInfo.isAllowed(child, PageLevel.PG_LEVEL_2M)) {
      return attributes.firstDifference(child, end, wanted) != end;
    }
    return (near ? attributes.getNear(child) : attributes.get(child)) != wanted;
  }

  @Override
  protected Conversion open(GfnRange range, int wanted) {
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
  protected void initWords(Memslot slot, PageLevel level) {
    long end = level.roundDown(slot.range().end());
    for (long block = level.roundUp(slot.range().start()); block < end; block += level.pages()) {
      if (!attributes.isUniform(block, block + level.pages())) {
        lpageInfo.addReason(block, level);
      }
    }
  }

  /** A mixed block must be forbidden; whether a uniform one has other reasons cannot be told. */
  @Override
  protected void auditWords(Memslot slot, PageLevel level) {
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
    super.close();
  }

  private final class CountedConversion extends ReusedConversion {
    @Override
    public long store(long from) {
      long entry = attributes.entry(wanted());
      if (storesRanges) {
        attributes.array().storeRange(range().start(), range().end(), entry);
        return range().end();
      }
      long to = Math.min(range().end(), from + STEP);
      attributes.array().store(from, to, entry);
      return to;
    }

    @Override
    public void publish() {
      mixed.after(range(), wanted());
    }

    @Override
    public void cancel() {
      if (storesRanges) {
        attributes.array().closeRange(range().start(), range().end());
      } else {
        attributes.array().release(range().start(), range().end());
      }
      mixed.release();
    }
  }
}
