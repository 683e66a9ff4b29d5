package dev.broadsheet.benchmarks.peers;

import dev.broadsheet.api.Conversion;
import dev.broadsheet.api.Geometry;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.Plan;
import dev.broadsheet.core.memory.PlainMemory;
import dev.broadsheet.core.memory.Rcu;
import dev.broadsheet.core.memslot.KvmMemslot;
import dev.broadsheet.core.memslot.Memslots;
import dev.broadsheet.core.strategy.EffectiveLevel;
import dev.broadsheet.core.strategy.EmbeddedTracker;
import dev.broadsheet.core.strategy.StandaloneContext;
import dev.broadsheet.core.strategy.StrategyRegistry;

/**
 * A strategy as the MMU asks it: inside a read section that the fault handler has entered anyway,
 * the attributes from the tracker, the level from the slot's large-page words and the tracker.
 */
final class StrategyContender implements Contender {
  private final Rcu rcu;
  private final EmbeddedTracker embedded;
  private final PageAttributeTracker tracker;
  private final Memslots slots;

  /**
   * Opens a strategy.
   *
   * @param threads whether several threads will ask; the memory for one thread is as little
   *     synchronized as the peers are
   */
  StrategyContender(String spec, int pages, boolean threads) {
    rcu = new Rcu();
    StrategyRegistry registry = StrategyRegistry.load();
    embedded =
        new EmbeddedTracker(
            new PlainMemory(rcu, threads),
            rcu,
            Geometry.standard(),
            PageAttributes.SHARED,
            StandaloneContext.NO_TRANSITIONS,
            registry::configure,
            registry.configure(spec));
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
    return slot == null ? 1 : EffectiveLevel.of(slot, tracker, gfn, PageLevel.PG_LEVEL_1G).number();
  }

  @Override
  public void convert(GfnRange range, int attributes) {
    // The phases as the machine's ioctl carries them out; nothing is mapped that would be zapped.
    Conversion conversion = tracker.prepare(range, attributes);
    if (conversion.plan() instanceof Plan.Ready ready) {
      long end = ready.range().end();
      for (long next = ready.range().start(); next < end; ) {
        next = conversion.store(next);
      }
      conversion.publish();
      // Nodes that were taken out are used again; else each call would take new memory.
      rcu.poll();
    }
  }

  @Override
  public void close() {
    embedded.close();
  }
}
