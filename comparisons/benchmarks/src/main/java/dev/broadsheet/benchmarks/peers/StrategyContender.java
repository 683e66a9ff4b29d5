package dev.broadsheet.benchmarks.peers;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.core.memslot.KvmMemslot;
import dev.broadsheet.core.memslot.Memslots;
import dev.broadsheet.core.strategy.EmbeddedTracker;

/**
 * A strategy as the MMU asks it: inside a read section that the fault handler has entered anyway,
 * the attributes from the tracker, the level from the slot's large-page words and the tracker.
 */
final class StrategyContender implements Contender {
  private final EmbeddedTracker embedded;
  private final PageAttributeTracker tracker;
  private final Memslots slots;

  StrategyContender(String spec, int pages) {
    embedded = EmbeddedTracker.open(spec, PageAttributes.SHARED);
    embedded.addSlot(Memslot.aligned(0, new GfnRange(0, pages)));
    tracker = embedded.tracker();
    slots = embedded.slots();
  }

  @Override
  public int attributes(long gfn) {
    return tracker.attributes(gfn);
  }

  @Override
  public int level(long gfn) {
    KvmMemslot slot = slots.find(gfn);
    if (slot == null) {
      return 1;
    }
    PageLevel allowed = PageLevel.PG_LEVEL_1G;
    while (allowed != PageLevel.PG_LEVEL_4K && !slot.lpageInfo().isAllowed(gfn, allowed)) {
      allowed = allowed.below();
    }
    return allowed.min(tracker.maxLevel(gfn, allowed)).number();
  }

  @Override
  public void convert(GfnRange range, int attributes) {
    tracker.convert(range, attributes);
  }

  @Override
  public void close() {
    embedded.close();
  }
}
