package dev.broadsheet.strategies.xarraylpageinfo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.broadsheet.api.Geometry;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.PageType;
import dev.broadsheet.core.memory.MemoryMeter;
import dev.broadsheet.core.memory.MeteredMemory;
import dev.broadsheet.core.memory.PlainMemory;
import dev.broadsheet.core.memory.Rcu;
import dev.broadsheet.core.memslot.KvmMemslot;
import dev.broadsheet.core.memslot.Memslots;
import dev.broadsheet.core.strategy.StandaloneContext;
import dev.broadsheet.core.strategy.StrategyRegistry;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What it costs to know whether a 1G block is mixed. */
class ScanCostTest {
  private static final long BLOCK = PageLevel.PG_LEVEL_1G.pages();
  private static final long PIECE = PageLevel.PG_LEVEL_2M.pages();

  @Test
  void convert_1GiBInPieces_asksTheWordsOfThe2MBlocks() {
    Rcu rcu = new Rcu();
    PlainMemory plain = new PlainMemory(rcu);
    MemoryMeter meter = new MemoryMeter();
    XarrayLpageInfoStrategy strategy = new XarrayLpageInfoStrategy();
    StrategyRegistry registry = StrategyRegistry.of(List.of(strategy));
    Memslots slots = new Memslots(Geometry.standard(), /* privateMemory= */ true);
    PageAttributeTracker tracker =
        strategy.create(
            StandaloneContext.of(
                new MeteredMemory(plain, meter),
                rcu,
                slots,
                PageAttributes.PRIVATE,
                registry::configure,
                registry.configure("xarray-lpage-info")));
    KvmMemslot slot = new KvmMemslot(plain, Memslot.aligned(0, new GfnRange(0, BLOCK)), 0);
    slots.insert(slot);
    tracker.memslotAdded(slot.slot());

    for (long gfn = 0; gfn < BLOCK - PIECE; gfn += PIECE) {
      tracker.convert(new GfnRange(gfn, gfn + PIECE), PageAttributes.SHARED);
    }
    long before = meter.references();
    assertThat(tracker.type(0, PageLevel.PG_LEVEL_1G)).isEqualTo(PageType.MIXED);
    long asked = meter.references() - before;
    tracker.convert(new GfnRange(BLOCK - PIECE, BLOCK), PageAttributes.SHARED);

    assertThat(tracker.type(0, PageLevel.PG_LEVEL_1G)).isEqualTo(PageType.SHARED);
    // A walk is at most four nodes of one or two words; page by page it would be 261,632.
    assertThat(asked).isLessThan(512 * 10);
    // Reserved and stored, and two questions about the block for each piece.
    assertThat(meter.references()).isLessThan(3_000_000);
  }
}
