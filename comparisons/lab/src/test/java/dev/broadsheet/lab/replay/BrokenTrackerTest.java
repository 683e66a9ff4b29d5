package dev.broadsheet.lab.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.broadsheet.api.Conversion;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.PageType;
import dev.broadsheet.api.Plan;
import dev.broadsheet.api.StrategyDescription;
import dev.broadsheet.api.TrackerContext;
import dev.broadsheet.api.TrackingStrategy;
import dev.broadsheet.core.strategy.StrategyRegistry;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Trackers with one defect each: a checked replay must fail, or it compares nothing. */
class BrokenTrackerTest {
  private enum Defect {
    CONVERTS_ONE_PAGE_LESS("attr"),
    FORGETS_THE_FIRST_GIGABYTE("state"),
    ALLOWS_EVERY_LEVEL("max"),
    ALLOWS_NO_LARGE_PAGE("max"),
    CONVERTS_AGAIN_WHAT_HOLDS("changed"),
    SEES_NO_MIXED_BLOCK("actual");

    private final String difference;

    Defect(String difference) {
      this.difference = difference;
    }
  }

  @ParameterizedTest
  @EnumSource(Defect.class)
  void brokenTracker_isFound(Defect defect) throws IOException {
    TrackingStrategy reference = StrategyRegistry.load().find("reference");
    StrategyRegistry registry = StrategyRegistry.of(List.of(reference, new BrokenStrategy(defect)));
    StringWriter printed = new StringWriter();
    ReplayResult result =
        new Replay(registry, registry.configure("broken"), new PrintWriter(printed), true)
            .run(ReplayTest.golden().toList());
    assertThat(result.differences()).isPositive();
    assertThat(printed.toString()).contains(": " + defect.difference + ": expected");
  }

  private record BrokenStrategy(Defect defect) implements TrackingStrategy {
    @Override
    public String id() {
      return "broken";
    }

    @Override
    public StrategyDescription description() {
      return new StrategyDescription("Broken", "Has a defect.", "this test", Set.of(), Set.of(), 8);
    }

    @Override
    public PageAttributeTracker create(TrackerContext context) {
      return new BrokenTracker(context.create("reference"), defect);
    }
  }

  private record BrokenTracker(PageAttributeTracker sound, Defect defect)
      implements PageAttributeTracker {
    @Override
    public int defaultAttributes() {
      return sound.defaultAttributes();
    }

    @Override
    public int attributes(long gfn) {
      return defect == Defect.FORGETS_THE_FIRST_GIGABYTE && gfn < 0x40000
          ? defaultAttributes()
          : sound.attributes(gfn);
    }

    @Override
    public PageLevel maxLevel(long gfn, PageLevel ceiling) {
      return switch (defect) {
        case ALLOWS_EVERY_LEVEL -> ceiling;
        case ALLOWS_NO_LARGE_PAGE -> PageLevel.PG_LEVEL_4K;
        default -> sound.maxLevel(gfn, ceiling);
      };
    }

    @Override
    public PageType type(long gfn, PageLevel level) {
      return sound.type(gfn, level);
    }

    @Override
    public long firstDifference(long gfn, long end, int attributes) {
      boolean block = end - gfn == 512 || end - gfn == 0x40000;
      return defect == Defect.SEES_NO_MIXED_BLOCK && block
          ? end
          : sound.firstDifference(gfn, end, attributes);
    }

    @Override
    public Conversion prepare(GfnRange range, int attributes) {
      boolean same = sound.firstDifference(range.start(), range.end(), attributes) == range.end();
      if (same && defect == Defect.CONVERTS_AGAIN_WHAT_HOLDS) {
        return new Repeated(range);
      }
      return defect == Defect.CONVERTS_ONE_PAGE_LESS && range.pages() > 1
          ? sound.prepare(new GfnRange(range.start(), range.end() - 1), attributes)
          : sound.prepare(range, attributes);
    }

    @Override
    public void memslotAdded(Memslot slot) {
      sound.memslotAdded(slot);
    }

    @Override
    public void memslotRemoved(Memslot slot) {
      sound.memslotRemoved(slot);
    }

    @Override
    public void audit() {}

    @Override
    public void close() {
      sound.close();
    }
  }

  private record Repeated(GfnRange range) implements Conversion {
    @Override
    public Plan plan() {
      return new Plan.Ready(range);
    }

    @Override
    public long store(long from) {
      return range.end();
    }

    @Override
    public void publish() {}

    @Override
    public void cancel() {}
  }
}
