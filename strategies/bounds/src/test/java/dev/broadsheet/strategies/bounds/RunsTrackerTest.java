package dev.broadsheet.strategies.bounds;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.broadsheet.api.Geometry;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.memory.ElementWidth;
import dev.broadsheet.api.memory.KernelArray;
import dev.broadsheet.api.memory.KernelLock;
import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.api.memory.ObjectCache;
import dev.broadsheet.core.memory.PlainMemory;
import dev.broadsheet.core.memory.Rcu;
import dev.broadsheet.core.memslot.Memslots;
import dev.broadsheet.core.strategy.StandaloneContext;
import dev.broadsheet.core.strategy.StrategyRegistry;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the tracker says of its runs, and the audit. */
class RunsTrackerTest {
  private final LastArray memory = new LastArray();
  private final PageAttributeTracker tracker = tracker();

  private PageAttributeTracker tracker() {
    ReferenceStrategy strategy = new ReferenceStrategy();
    StrategyRegistry registry = StrategyRegistry.of(List.of(strategy));
    return strategy.create(
        StandaloneContext.of(
            memory,
            memory.rcu,
            new Memslots(Geometry.standard(), /* privateMemory= */ true),
            PageAttributes.SHARED,
            registry::configure,
            registry.configure("reference")));
  }

  @Test
  void gauges_countRuns() {
    assertThat(tracker.gauges()).containsEntry("runs", 1L);
    tracker.convert(new GfnRange(5, 9), PageAttributes.PRIVATE);
    assertThat(tracker.gauges()).containsEntry("runs", 3L);
  }

  @Test
  void audit_runsOutOfOrder_areFound() {
    tracker.convert(new GfnRange(5, 9), PageAttributes.PRIVATE);
    tracker.audit();
    KernelArray words = requireNonNull(memory.last);
    words.set(3, words.get(4)); // words 2 to 4 are the runs
    assertThatThrownBy(tracker::audit).isInstanceOf(IllegalStateException.class);
  }

  /** Memory that hands its last array to the test. */
  private static final class LastArray implements KernelMemory {
    final Rcu rcu = new Rcu();
    private final KernelMemory plain = new PlainMemory(rcu);
    private @Nullable KernelArray last;

    @Override
    public KernelArray array(String label, ElementWidth width, long length) {
      last = plain.array(label, width, length);
      return last;
    }

    @Override
    public ObjectCache cache(String label, int objectBytes) {
      return plain.cache(label, objectBytes);
    }

    @Override
    public KernelLock lock(String label) {
      return plain.lock(label);
    }
  }
}
