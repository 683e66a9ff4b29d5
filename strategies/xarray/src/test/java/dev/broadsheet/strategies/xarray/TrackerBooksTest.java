package dev.broadsheet.strategies.xarray;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.broadsheet.api.Geometry;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.LpageInfo;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.TrackingStrategy;
import dev.broadsheet.core.memory.PlainMemory;
import dev.broadsheet.core.memory.Rcu;
import dev.broadsheet.core.memslot.KvmMemslot;
import dev.broadsheet.core.memslot.Memslots;
import dev.broadsheet.core.strategy.StandaloneContext;
import dev.broadsheet.core.strategy.StrategyRegistry;
import dev.broadsheet.strategies.xarraylpageinfo.XarrayLpageInfoStrategy;
import dev.broadsheet.strategies.xarraymixedflag.XarrayMixedFlagStrategy;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Gauges of the trackers, and what their audits find. Pages that are not stored are shared. */
class TrackerBooksTest {
  /** Two 2M blocks, the 1G block at 0x40000, and half a 2M block behind it. */
  private static final Memslot SLOT = Memslot.aligned(0, new GfnRange(0x3fc00, 0x80100));

  private final Rcu rcu = new Rcu();
  private final PlainMemory memory = new PlainMemory(rcu);
  private final Memslots slots = new Memslots(Geometry.standard(), /* privateMemory= */ true);

  /** One tracker and the words around it. */
  private record Made(PageAttributeTracker tracker, LpageInfo words) {
    void convert(long start, long end, int attributes) {
      tracker.convert(new GfnRange(start, end), attributes);
    }

    void assertAuditFinds(String what) {
      assertThatThrownBy(tracker::audit)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining(what);
    }
  }

  private Made create(TrackingStrategy strategy) {
    StrategyRegistry registry = StrategyRegistry.of(List.of(strategy));
    StandaloneContext context =
        StandaloneContext.of(
            memory,
            rcu,
            slots,
            PageAttributes.SHARED,
            registry::configure,
            registry.configure(strategy.id()));
    PageAttributeTracker tracker = strategy.create(context);
    slots.insert(new KvmMemslot(memory, SLOT, 0));
    tracker.memslotAdded(SLOT);
    return new Made(tracker, context.lpageInfo());
  }

  @Test
  void gauges_countNodesBytesPeakAndHead() {
    Made made = create(new XarrayMixedFlagStrategy());
    assertThat(made.tracker().gauges())
        .containsEntry("nodes", 0L)
        .containsEntry("bytes", 0L)
        .containsEntry("head", 0L);

    made.convert(0, 1, PageAttributes.PRIVATE);
    assertThat(made.tracker().gauges())
        .containsEntry("nodes", 1L)
        .containsEntry("bytes", 576L)
        .containsEntry("head", 2L);

    // Leaves for all 64 pages of the second conversion are reserved, and go with the store.
    made.convert(1, 65, PageAttributes.PRIVATE);
    made.convert(1, 65, PageAttributes.SHARED);
    assertThat(made.tracker().gauges())
        .containsEntry("nodes", 0L)
        .containsEntry("peak.nodes", 3L)
        .containsEntry("head", 1L);
  }

  @Test
  void mixedFlag_auditComparesEachFlagWithItsPages() {
    Made made = create(new XarrayMixedFlagStrategy());
    made.convert(0x40207, 0x40208, PageAttributes.PRIVATE);
    made.tracker().audit();

    made.words().clearMixed(0x40200, PageLevel.PG_LEVEL_2M);
    made.assertAuditFinds("the mixed flag of the 2M block at 0x40200 is false");
    made.words().setMixed(0x40200, PageLevel.PG_LEVEL_2M);
    made.tracker().audit();

    made.words().clearMixed(0x40000, PageLevel.PG_LEVEL_1G);
    made.assertAuditFinds("the mixed flag of the 1G block at 0x40000 is false");
    made.words().setMixed(0x40000, PageLevel.PG_LEVEL_1G);
    made.tracker().audit();

    made.words().setMixed(0x7fe00, PageLevel.PG_LEVEL_2M);
    made.assertAuditFinds("the mixed flag of the 2M block at 0x7fe00 is true");
  }

  @Test
  void lpageInfo_auditFindsAMixedBlockThatIsAllowed() {
    Made made = create(new XarrayLpageInfoStrategy());
    made.convert(0x3fc07, 0x3fc08, PageAttributes.PRIVATE);
    made.convert(0x7fe07, 0x7fe08, PageAttributes.PRIVATE);
    made.tracker().audit();

    made.words().removeReason(0x3fc00, PageLevel.PG_LEVEL_2M);
    made.assertAuditFinds("the 2M block at 0x3fc00 is mixed and allowed");
    made.words().addReason(0x3fc00, PageLevel.PG_LEVEL_2M);

    made.words().removeReason(0x7fe00, PageLevel.PG_LEVEL_2M);
    made.assertAuditFinds("the 2M block at 0x7fe00 is mixed and allowed");
    made.words().addReason(0x7fe00, PageLevel.PG_LEVEL_2M);

    made.words().removeReason(0x40000, PageLevel.PG_LEVEL_1G);
    made.assertAuditFinds("the 1G block at 0x40000 is mixed and allowed");
  }

  @Test
  void audit_reservedPlaces_areFound() {
    Made made = create(new XarrayMixedFlagStrategy());

    var conversion = made.tracker().prepare(new GfnRange(0x40000, 0x40003), PageAttributes.PRIVATE);
    made.assertAuditFinds("3 places are reserved");

    conversion.cancel();
    made.tracker().audit();
  }

  @Test
  void firstDifference_emptyAndTurnedRanges() {
    Made made = create(new XarrayMixedFlagStrategy());

    assertThat(made.tracker().firstDifference(5, 5, PageAttributes.PRIVATE)).isEqualTo(5);
    assertThatThrownBy(() -> made.tracker().firstDifference(6, 5, PageAttributes.PRIVATE))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
