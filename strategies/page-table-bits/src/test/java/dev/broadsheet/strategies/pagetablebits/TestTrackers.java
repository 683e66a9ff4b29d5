package dev.broadsheet.strategies.pagetablebits;

import dev.broadsheet.api.Geometry;
import dev.broadsheet.api.OptionValues;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageTables;
import dev.broadsheet.api.TrackingStrategy;
import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.core.memory.Rcu;
import dev.broadsheet.core.memslot.LpageInfoWords;
import dev.broadsheet.core.memslot.Memslots;
import dev.broadsheet.core.strategy.StandaloneContext;
import java.util.Map;
import java.util.Optional;

/** Trackers without a machine: no slots, all pages private, options at their defaults. */
final class TestTrackers {
  private TestTrackers() {}

  static PageAttributeTracker create(
      TrackingStrategy strategy, KernelMemory memory, Rcu rcu, Optional<PageTables> tables) {
    Geometry geometry = Geometry.standard();
    Memslots slots = new Memslots(geometry, /* privateMemory= */ true);
    return strategy.create(
        new StandaloneContext(
            memory,
            rcu,
            slots,
            new LpageInfoWords(slots),
            PageAttributes.PRIVATE,
            StandaloneContext.NO_TRANSITIONS,
            geometry,
            spec -> {
              throw new IllegalArgumentException(spec);
            },
            OptionValues.of(strategy.id(), strategy.options(), Map.of()),
            tables));
  }
}
