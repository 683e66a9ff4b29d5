package dev.broadsheet.strategies.mapletree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.broadsheet.api.Geometry;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.core.memory.FailingMemory;
import dev.broadsheet.core.memory.MemoryMeter;
import dev.broadsheet.core.memory.MeteredMemory;
import dev.broadsheet.core.memory.PlainMemory;
import dev.broadsheet.core.memory.Rcu;
import dev.broadsheet.core.memslot.Memslots;
import dev.broadsheet.core.strategy.StandaloneContext;
import dev.broadsheet.core.strategy.StrategyRegistry;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The books of the tracker: its nodes, and what it takes for a conversion. */
class MapleTreeTrackerTest {
  private static final Memslot SLOT = Memslot.aligned(0, new GfnRange(0, 128 * 512));

  private final Rcu rcu = new Rcu();
  private final MemoryMeter meter = new MemoryMeter();
  private final FailingMemory failing =
      new FailingMemory(new MeteredMemory(new PlainMemory(rcu), meter));
  private final PageAttributeTracker tracker = create();

  private PageAttributeTracker create() {
    MapleTreeStrategy strategy = new MapleTreeStrategy();
    StrategyRegistry registry = StrategyRegistry.of(List.of(strategy));
    return strategy.create(
        StandaloneContext.of(
            failing,
            rcu,
            new Memslots(Geometry.standard(), /* privateMemory= */ true),
            PageAttributes.PRIVATE,
            registry::configure,
            registry.configure("maple-tree")));
  }

  @Test
  void gauges_countNodesAndLevels() {
    assertThat(tracker.gauges()).isEqualTo(Map.of("nodes", 1L, "height", 1L));

    // 20 shared pages and what lies between them: 41 ranges, 3 leaves or 4, and a top.
    for (long gfn = 1; gfn < 40; gfn += 2) {
      tracker.convert(GfnRange.ofPages(gfn, 1), PageAttributes.SHARED);
    }
    rcu.quiescent();

    assertThat(tracker.gauges()).containsEntry("height", 2L);
    assertThat(tracker.gauges().get("nodes")).isBetween(4L, 5L);
    assertThat(meter.footprint("maple_node").live()).isEqualTo(tracker.gauges().get("nodes"));
  }

  @Test
  void prepare_manyBlocks_holdsABitmapUntilItEnds() {
    tracker.memslotAdded(SLOT);

    var cancelled = tracker.prepare(SLOT.range(), PageAttributes.SHARED);
    assertThat(meter.footprint("mixed.before").live()).isEqualTo(1);
    cancelled.cancel();
    assertThat(meter.footprint("mixed.before").live()).isZero();
    assertThat(meter.footprint("maple_node").live()).isEqualTo(1);

    tracker.convert(SLOT.range(), PageAttributes.SHARED);
    rcu.quiescent();
    assertThat(meter.footprint("mixed.before").live()).isZero();
    // Only the tree's leaf is held: one node of up to 16 ranges.
    assertThat(meter.footprint("maple_node").live()).isEqualTo(1);
  }

  @Test
  void prepare_noMemoryForNodes_givesTheBitmapBack() {
    tracker.memslotAdded(SLOT);
    failing.failAt(2);

    assertThatThrownBy(() -> tracker.prepare(SLOT.range(), PageAttributes.SHARED))
        .hasMessageContaining("maple_node");

    assertThat(meter.footprint("mixed.before").live()).isZero();
  }

  @Test
  void maxLevel_isBoundByTheRangeOfThePage() {
    tracker.convert(new GfnRange(0x200, 0x400), PageAttributes.SHARED);

    assertThat(tracker.maxLevel(0x200, PageLevel.PG_LEVEL_1G)).isEqualTo(PageLevel.PG_LEVEL_2M);
    assertThat(tracker.maxLevel(0x3ff, PageLevel.PG_LEVEL_4K)).isEqualTo(PageLevel.PG_LEVEL_4K);
    assertThat(tracker.maxLevel(0x40000, PageLevel.PG_LEVEL_1G)).isEqualTo(PageLevel.PG_LEVEL_1G);

    tracker.convert(new GfnRange(0x3ff, 0x400), PageAttributes.PRIVATE);
    assertThat(tracker.maxLevel(0x200, PageLevel.PG_LEVEL_1G)).isEqualTo(PageLevel.PG_LEVEL_4K);
  }

  @Test
  void firstDifference_emptyAndTurnedRanges() {
    assertThat(tracker.firstDifference(5, 5, PageAttributes.SHARED)).isEqualTo(5);
    assertThatThrownBy(() -> tracker.firstDifference(6, 5, PageAttributes.SHARED))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
