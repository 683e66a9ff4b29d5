package dev.broadsheet.conformance;

import dev.broadsheet.api.Geometry;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.TrackingStrategy;
import dev.broadsheet.core.memory.MemoryMeter;
import dev.broadsheet.core.memory.MeteredMemory;
import dev.broadsheet.core.memory.PlainMemory;
import dev.broadsheet.core.memory.Rcu;
import dev.broadsheet.core.memslot.KvmMemslot;
import dev.broadsheet.core.memslot.Memslots;
import dev.broadsheet.core.strategy.ConfiguredStrategy;
import dev.broadsheet.core.strategy.StandaloneContext;
import dev.broadsheet.core.strategy.StrategyRegistry;
import java.util.List;
import java.util.Random;

/** States of a private guest of 1 GiB for which the bytes of a strategy are measured. */
public enum GuestShape {
  /** All pages private. */
  UNIFORM,
  /** 64 MiB of shared pages, aligned, as a bounce buffer pool. */
  POOL,
  /** The pool, and 2,000 single shared pages at random. */
  RANDOM,
  /** One shared page in each 2M. */
  SCATTERED,
  /** Every other page shared. */
  ALTERNATE;

  private static final long PAGES = PageLevel.PG_LEVEL_1G.pages();
  private static final long POOL_PAGES = 16384;
  private static final int RANDOM_PAGES = 2000;

  /**
   * Returns the bytes of kernel memory that a tracker holds for this state, beyond what an empty
   * one holds and without lpage_info.
   */
  public long bytes(TrackingStrategy strategy, String spec) {
    Rcu rcu = new Rcu();
    PlainMemory plain = new PlainMemory(rcu);
    MemoryMeter meter = new MemoryMeter();
    StrategyRegistry registry = StrategyRegistry.of(List.of(strategy));
    ConfiguredStrategy configured = registry.configure(spec);
    Memslots slots = new Memslots(Geometry.standard(), /* privateMemory= */ true);
    PageAttributeTracker tracker =
        strategy.create(
            StandaloneContext.of(
                new MeteredMemory(plain, meter),
                rcu,
                slots,
                PageAttributes.PRIVATE,
                registry::configure,
                configured));
    long empty = meter.totalFootprint().bytes();
    KvmMemslot slot = new KvmMemslot(plain, Memslot.aligned(0, new GfnRange(0, PAGES)), 0);
    slots.insert(slot);
    tracker.memslotAdded(slot.slot());
    if (tracker.defaultAttributes() != PageAttributes.PRIVATE) {
      tracker.convert(slot.range(), PageAttributes.PRIVATE); // the start-up fill
    }
    shape(tracker);
    rcu.quiescent();
    return meter.totalFootprint().bytes() - empty;
  }

  private void shape(PageAttributeTracker tracker) {
    switch (this) {
      case UNIFORM -> {}
      case POOL -> share(tracker, PAGES / 2, POOL_PAGES);
      case RANDOM -> {
        share(tracker, PAGES / 2, POOL_PAGES);
        Random random = new Random(1);
        for (int i = 0; i < RANDOM_PAGES; i++) {
          share(tracker, random.nextLong(PAGES), 1);
        }
      }
      case SCATTERED -> {
        for (long gfn = 77; gfn < PAGES; gfn += PageLevel.PG_LEVEL_2M.pages()) {
          share(tracker, gfn, 1);
        }
      }
      case ALTERNATE -> {
        for (long gfn = 0; gfn < PAGES; gfn += 2) {
          share(tracker, gfn, 1);
        }
      }
    }
  }

  private static void share(PageAttributeTracker tracker, long gfn, long pages) {
    tracker.convert(GfnRange.ofPages(gfn, pages), PageAttributes.SHARED);
  }
}
