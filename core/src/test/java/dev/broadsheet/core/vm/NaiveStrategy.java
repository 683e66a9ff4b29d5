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
import dev.broadsheet.api.StrategyDescription;
import dev.broadsheet.api.StrategySpec;
import dev.broadsheet.api.TrackerContext;
import dev.broadsheet.api.TrackingStrategy;
import dev.broadsheet.core.strategy.ConfiguredStrategy;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The naive truth: runs of gfns with one attribute, mixed flags in lpage_info. */
final class NaiveStrategy implements TrackingStrategy {
  static ConfiguredStrategy configured() {
    return new ConfiguredStrategy(
        new NaiveStrategy(),
        OptionValues.of("naive", List.of(), Map.of()),
        new StrategySpec("naive", Map.of()));
  }

  @Override
  public String id() {
    return "naive";
  }

  @Override
  public StrategyDescription description() {
    return new StrategyDescription(
        "Naive", "Runs in a tree map.", "ours", Set.of(), Set.of(), PageAttributes.PRIVATE);
  }

  @Override
  public PageAttributeTracker create(TrackerContext context) {
    return new Tracker(context.initialAttributes(), context.lpageInfo());
  }

  private static final class Tracker implements PageAttributeTracker {
    /** First gfn of a run to its attributes; the run ends where the next begins. */
    private final TreeMap<Long, Integer> runs = new TreeMap<>();

    private final LpageInfo lpageInfo;
    private final int initial;

    Tracker(int initial, LpageInfo lpageInfo) {
      this.initial = initial;
      this.lpageInfo = lpageInfo;
      runs.put(0L, initial);
    }

    @Override
    public int defaultAttributes() {
      return initial;
    }

    @Override
    public synchronized int attributes(long gfn) {
      return runs.floorEntry(gfn).getValue();
    }

    @Override
    public synchronized long firstDifference(long gfn, long end, int attributes) {
      if (attributes(gfn) != attributes) {
        return gfn;
      }
      Long next = runs.higherKey(gfn);
      return next == null || next >= end ? end : next;
    }

    @Override
    public PageType type(long gfn, PageLevel level) {
      if (level != PageLevel.PG_LEVEL_4K && !lpageInfo.covers(gfn, level)) {
        return PageType.INVALID;
      }
      GfnRange block = level.block(gfn);
      int first = attributes(block.start());
      return firstDifference(block.start(), block.end(), first) == block.end()
          ? PageAttributes.type(first)
          : PageType.MIXED;
    }

    @Override
    public Conversion prepare(GfnRange range, int attributes) {
      if (firstDifference(range.start(), range.end(), attributes) == range.end()) {
        return OneStepConversion.unchanged();
      }
      return new OneStepConversion(range) {
        @Override
        protected void apply() {
          change(range, attributes);
        }
      };
    }

    private synchronized void change(GfnRange range, int attributes) {
      int behind = attributes(range.end());
      runs.subMap(range.start(), true, range.end(), true).clear();
      put(range.start(), attributes);
      put(range.end(), behind);
      update(range, PageLevel.PG_LEVEL_2M);
      update(range, PageLevel.PG_LEVEL_1G);
    }

    private void put(long gfn, int attributes) {
      Map.Entry<Long, Integer> before = runs.lowerEntry(gfn);
      if (before == null || before.getValue() != attributes) {
        runs.put(gfn, attributes);
      }
    }

    private void update(GfnRange range, PageLevel level) {
      for (long gfn = level.roundDown(range.start()); gfn < range.end(); gfn += level.pages()) {
        if (lpageInfo.covers(gfn, level)) {
          if (type(gfn, level) == PageType.MIXED) {
            lpageInfo.setMixed(gfn, level);
          } else {
            lpageInfo.clearMixed(gfn, level);
          }
        }
      }
    }

    @Override
    public void memslotAdded(Memslot slot) {
      update(slot.range(), PageLevel.PG_LEVEL_2M);
      update(slot.range(), PageLevel.PG_LEVEL_1G);
    }

    @Override
    public void memslotRemoved(Memslot slot) {}

    @Override
    public void audit() {}

    @Override
    public void close() {}
  }
}
