package templatepackage;

import dev.broadsheet.api.Conversion;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.LpageInfo;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.OneStepConversion;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.PageType;
import dev.broadsheet.api.RejectReason;
import dev.broadsheet.api.TrackerContext;
import dev.broadsheet.api.Transitions;
import dev.broadsheet.api.support.AttributeRuns;
import dev.broadsheet.api.support.SlotMap;

/**
 * The attributes as sorted runs in kernel memory. Mixed blocks are flagged in lpage_info, where the
 * MMU looks on every fault; {@code maxLevel} stays at its default and a fault costs nothing more.
 */
final class TemplateTracker implements PageAttributeTracker {
  private static final PageLevel[] LARGE = {PageLevel.PG_LEVEL_2M, PageLevel.PG_LEVEL_1G};

  private final int untouched;
  private final LpageInfo lpageInfo;
  private final Transitions transitions;
  private final AttributeRuns runs;
  private final SlotMap<Memslot> slots = new SlotMap<>();

  TemplateTracker(TrackerContext context) {
    untouched = context.initialAttributes();
    lpageInfo = context.lpageInfo();
    transitions = context.transitions();
    runs = new AttributeRuns(context.memory(), "runs", untouched, context::defer);
  }

  @Override
  public int defaultAttributes() {
    return untouched;
  }

  @Override
  public int attributes(long gfn) {
    return runs.get(gfn);
  }

  @Override
  public long firstDifference(long gfn, long end, int attributes) {
    return gfn == end ? end : runs.firstDifference(gfn, end, attributes);
  }

  @Override
  public PageType type(long gfn, PageLevel level) {
    Memslot slot = slots.find(gfn);
    if (slot == null || !slot.holdsBlock(gfn, level)) {
      return PageType.INVALID;
    }
    return isMixed(gfn, level) ? PageType.MIXED : PageAttributes.type(runs.get(gfn));
  }

  private boolean isMixed(long gfn, PageLevel level) {
    GfnRange block = level.block(gfn);
    return !runs.isUniform(block.start(), block.end());
  }

  @Override
  public Conversion prepare(GfnRange range, int attributes) {
    if ((attributes & ~PageAttributes.PRIVATE) != 0) {
      return OneStepConversion.rejected(
          RejectReason.UNSUPPORTED_ATTRIBUTES, "only private and shared are kept");
    }
    if (firstDifference(range.start(), range.end(), attributes) == range.end()) {
      return OneStepConversion.unchanged();
    }
    runs.reserve(1); // may fail, and nothing has changed then; apply may not fail
    return new OneStepConversion(range) {
      @Override
      protected void apply() {
        runs.assign(range.start(), range.end(), attributes);
        runs.trim();
        flag(range);
      }

      @Override
      public void cancel() {
        runs.trim();
      }
    };
  }

  /** Brings the mixed flags of all blocks that a range touches up to date. */
  private void flag(GfnRange range) {
    for (int i = slots.firstEndingAfter(range.start()); i < slots.size(); i++) {
      GfnRange part = range.intersection(slots.slot(i).range());
      if (part == null) {
        return;
      }
      for (PageLevel level : LARGE) {
        for (long gfn = level.roundDown(part.start()); gfn < part.end(); gfn += level.pages()) {
          if (lpageInfo.covers(gfn, level)) { // a block that the slot's edge cuts is not ours (R7)
            flag(gfn, level);
          }
        }
      }
    }
  }

  private void flag(long gfn, PageLevel level) {
    boolean mixed = isMixed(gfn, level);
    if (mixed && !lpageInfo.isMixed(gfn, level)) {
      lpageInfo.setMixed(gfn, level);
      transitions.becameMixed(gfn, level);
    } else if (!mixed && lpageInfo.isMixed(gfn, level)) {
      lpageInfo.clearMixed(gfn, level);
      transitions.becameUniform(gfn, level, runs.get(gfn));
    }
  }

  @Override
  public void memslotAdded(Memslot slot) {
    slots.add(slot, slot);
    flag(slot.range()); // its pages may have been converted before it came
  }

  @Override
  public void memslotRemoved(Memslot slot) {
    slots.remove(slot); // attributes survive their slot; lpage_info goes with it
  }

  @Override
  public void audit() {
    runs.audit();
  }

  @Override
  public void close() {
    runs.free();
  }
}
