package dev.broadsheet.strategies.memslotarray;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.broadsheet.api.Geometry;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageAttributes;
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

/** When the arrays of a slot come and go, and what stands outside slots meanwhile. */
class SlotArraysLifeTest {
  private static final Memslot SLOT = Memslot.aligned(0, new GfnRange(0x200, 0x600));
  private static final String ARRAYS = "attr.4k";

  private final Rcu rcu = new Rcu();
  private final MemoryMeter meter = new MemoryMeter();
  private final FailingMemory failing =
      new FailingMemory(new MeteredMemory(new PlainMemory(rcu), meter));
  private final SpoilableMemory memory = new SpoilableMemory(failing);
  private final PageAttributeTracker tracker = create();

  private PageAttributeTracker create() {
    MemslotArrayStrategy strategy = new MemslotArrayStrategy();
    StrategyRegistry registry = StrategyRegistry.of(List.of(strategy));
    return strategy.create(
        StandaloneContext.of(
            memory,
            rcu,
            new Memslots(Geometry.standard(), /* privateMemory= */ true),
            PageAttributes.PRIVATE,
            registry::configure,
            registry.configure("memslot-array[encoding=byte]")));
  }

  private void share(long start, long end) {
    tracker.convert(new GfnRange(start, end), PageAttributes.SHARED);
  }

  @Test
  void gauges_countTheRunsOutsideSlots() {
    assertThat(tracker.gauges()).containsExactly(Map.entry("outside.runs", 1L));

    share(0x100, 0x101);
    assertThat(tracker.gauges()).containsEntry("outside.runs", 3L);

    tracker.memslotAdded(SLOT);
    share(0x300, 0x301);
    assertThat(tracker.gauges()).containsEntry("outside.runs", 3L);

    tracker.memslotRemoved(SLOT);
    assertThat(tracker.gauges()).containsEntry("outside.runs", 5L);
  }

  @Test
  void memslotAdded_takesOverWhatLayOutside() {
    share(0x1f0, 0x210);
    tracker.memslotAdded(SLOT);

    assertThat(tracker.gauges()).containsEntry("outside.runs", 3L);
    assertThat(tracker.attributes(0x1ff)).isEqualTo(PageAttributes.SHARED);
    assertThat(tracker.attributes(0x20f)).isEqualTo(PageAttributes.SHARED);
    assertThat(tracker.attributes(0x210)).isEqualTo(PageAttributes.PRIVATE);
    tracker.audit();
  }

  @Test
  void memslotRemoved_withMemory_freesTheArraysAfterAGracePeriod() {
    tracker.memslotAdded(SLOT);
    tracker.memslotRemoved(SLOT);

    assertThat(meter.footprint(ARRAYS).live()).isEqualTo(1);
    rcu.quiescent();
    assertThat(meter.footprint(ARRAYS).live()).isZero();
  }

  @Test
  void memslotRemoved_withoutMemory_keepsTheArraysUntilThereIsSome() {
    tracker.memslotAdded(SLOT);
    for (long gfn = 0x200; gfn < 0x600; gfn += 2) {
      share(gfn, gfn + 1);
    }
    failing.failFrom(1);
    tracker.memslotRemoved(SLOT);
    rcu.quiescent();

    assertThat(meter.footprint(ARRAYS).live()).isEqualTo(1);
    assertThat(tracker.gauges()).containsEntry("outside.runs", 1L);
    assertThat(tracker.attributes(0x200)).isEqualTo(PageAttributes.SHARED);
    assertThat(tracker.attributes(0x201)).isEqualTo(PageAttributes.PRIVATE);
    assertThat(tracker.firstDifference(0x100, 0x700, PageAttributes.PRIVATE)).isEqualTo(0x200);
    assertThat(tracker.firstDifference(0x600, 0x700, PageAttributes.PRIVATE)).isEqualTo(0x700);

    failing.disarm();
    share(0x100, 0x101);
    rcu.quiescent();
    assertThat(meter.footprint(ARRAYS).live()).isZero();
    assertThat(tracker.attributes(0x200)).isEqualTo(PageAttributes.SHARED);
    // 512 shared pages in the slot's place and one before it, each with a run behind it.
    assertThat(tracker.gauges()).containsEntry("outside.runs", 1 + 2 * 513L);
  }

  @Test
  void close_withSlotsAndKeptArrays_freesAll() {
    Memslot other = Memslot.aligned(1, new GfnRange(0x1000, 0x1200));
    tracker.memslotAdded(SLOT);
    tracker.memslotAdded(other);
    for (long gfn = 0x200; gfn < 0x600; gfn += 2) {
      share(gfn, gfn + 1);
    }
    failing.failFrom(1);
    tracker.memslotRemoved(SLOT);
    failing.disarm();

    tracker.close();
    rcu.quiescent();

    assertThat(meter.totalFootprint().live()).isZero();
  }

  @Test
  void audit_spoiledArray_isFound() {
    tracker.memslotAdded(SLOT);
    tracker.audit();

    memory.array("attr.2m").set(0, 1);

    assertThatThrownBy(tracker::audit)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("2M block at 0x200 says SHARED, its pages say PRIVATE");
  }

  @Test
  void memslotRemoved_unknownSlot_isRefused() {
    assertThatThrownBy(() -> tracker.memslotRemoved(SLOT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("does not exist");
  }

  @Test
  void firstDifference_emptyAndTurnedRanges() {
    assertThat(tracker.firstDifference(5, 5, PageAttributes.SHARED)).isEqualTo(5);
    assertThatThrownBy(() -> tracker.firstDifference(6, 5, PageAttributes.SHARED))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
