package dev.broadsheet.core.vm;

import dev.broadsheet.api.Conversion;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.LpageInfo;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.OneStepConversion;
import dev.broadsheet.api.OptionValues;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.PageType;
import dev.broadsheet.api.Plan;
import dev.broadsheet.api.StrategyDescription;
import dev.broadsheet.api.StrategySpec;
import dev.broadsheet.api.TrackerContext;
import dev.broadsheet.api.TrackingStrategy;
import dev.broadsheet.api.memory.ElementWidth;
import dev.broadsheet.api.memory.KernelArray;
import dev.broadsheet.core.strategy.ConfiguredStrategy;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The smallest tracker whose truth lies in kernel memory, so that a scheduler sees each of its
 * accesses: one byte for each of the first pages, mixed flags in lpage_info. What KVM does, one
 * page at a time.
 */
final class SteppedStrategy implements TrackingStrategy {
  /** Pages that can be converted: 8 MiB. */
  private static final int PAGES = 2048;

  static ConfiguredStrategy configured() {
    return new ConfiguredStrategy(
        new SteppedStrategy(),
        OptionValues.of("stepped", List.of(), Map.of()),
        new StrategySpec("stepped", Map.of()));
  }

  @Override
  public String id() {
    return "stepped";
  }

  @Override
  public StrategyDescription description() {
    return new StrategyDescription(
        "Stepped", "One byte a page.", "ours", Set.of(), Set.of(), PageAttributes.PRIVATE);
  }

  @Override
  public PageAttributeTracker create(TrackerContext context) {
    return new Tracker(context);
  }

  private static final class Tracker implements PageAttributeTracker {
    private final KernelArray pages;
    private final LpageInfo lpageInfo;
    private final int initial;

    Tracker(TrackerContext context) {
      this.pages = context.memory().array("pages", ElementWidth.U8, PAGES);
      this.lpageInfo = context.lpageInfo();
      this.initial = context.initialAttributes();
      pages.fill(0, PAGES, initial);
    }

    @Override
    public int defaultAttributes() {
      return initial;
    }

    @Override
    public int attributes(long gfn) {
      return gfn < PAGES ? (int) pages.get(gfn) : initial;
    }

    /** Serialized with changes: no step for each page. */
    private int settled(long gfn) {
      return gfn < PAGES ? (int) pages.getPlain(gfn) : initial;
    }

    @Override
    public PageType type(long gfn, PageLevel level) {
      if (level != PageLevel.PG_LEVEL_4K && !lpageInfo.covers(gfn, level)) {
        return PageType.INVALID;
      }
      GfnRange block = level.block(gfn);
      int first = settled(block.start());
      for (long page = block.start(); page < Math.min(PAGES, block.end()); page++) {
        if (settled(page) != first) {
          return PageType.MIXED;
        }
      }
      return PageAttributes.type(first);
    }

    @Override
    public Conversion prepare(GfnRange range, int attributes) {
      boolean same = true;
      for (long page = range.start(); page < range.end(); page++) {
        same &= settled(page) == attributes;
      }
      return same ? OneStepConversion.unchanged() : new PageByPage(range, attributes);
    }

    @Override
    public void memslotAdded(Memslot slot) {}

    @Override
    public void memslotRemoved(Memslot slot) {}

    @Override
    public void audit() {}

    @Override
    public void close() {
      pages.free();
    }

    private final class PageByPage implements Conversion {
      private final GfnRange range;
      private final int attributes;

      PageByPage(GfnRange range, int attributes) {
        this.range = range;
        this.attributes = attributes;
      }

      @Override
      public Plan plan() {
        return new Plan.Ready(range);
      }

      @Override
      public long store(long from) {
        pages.set(from, attributes);
        return from + 1;
      }

      @Override
      public void publish() {
        PageLevel level = PageLevel.PG_LEVEL_2M;
        for (long gfn = level.roundDown(range.start()); gfn < range.end(); gfn += level.pages()) {
          if (type(gfn, level) == PageType.MIXED) {
            lpageInfo.setMixed(gfn, level);
          } else if (lpageInfo.covers(gfn, level)) {
            lpageInfo.clearMixed(gfn, level);
          }
        }
      }

      @Override
      public void cancel() {}
    }
  }
}
