package dev.broadsheet.strategies.pagetablebits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.broadsheet.api.Conversion;
import dev.broadsheet.api.Geometry;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.Plan;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import dev.broadsheet.core.memory.FailingMemory;
import dev.broadsheet.core.memory.PlainMemory;
import dev.broadsheet.core.memory.Rcu;
import dev.broadsheet.core.strategy.StandalonePageTables;
import dev.broadsheet.strategies.sptemixedbit.SpteMixedBitStrategy;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Memory ends while the tables for the end of a range are made: how much is converted. */
class PrefixPlanTest {
  private final Rcu rcu = new Rcu();
  private final FailingMemory memory = new FailingMemory(new PlainMemory(rcu));
  private final PageAttributeTracker tracker =
      TestTrackers.create(
          new SpteMixedBitStrategy(),
          memory,
          rcu,
          Optional.of(
              new StandalonePageTables(
                  memory,
                  Geometry.standard().rootLevel(),
                  /* twoTrees= */ true,
                  StandalonePageTables.FREE_BITS)));

  private Conversion prepare(long start, long end) {
    return tracker.prepare(new GfnRange(start, end), PageAttributes.SHARED);
  }

  /** Lets memory end behind what a conversion up to a border needs. */
  private void allowUpTo(long start, long border) {
    memory.failFrom(Long.MAX_VALUE - 1);
    Conversion shorter = prepare(start, border);
    long needed = memory.allocations();
    shorter.cancel();
    memory.failFrom(needed + 1);
  }

  private void assertPlanned(Conversion conversion, long start, long end) {
    memory.disarm();
    assertThat(conversion.plan()).isEqualTo(new Plan.Ready(new GfnRange(start, end)));
    conversion.store(start);
    conversion.publish();
    assertThat(tracker.firstDifference(start, end + 1, PageAttributes.SHARED)).isEqualTo(end);
    tracker.audit();
  }

  @Test
  void noTableForPages_stopsAtTheBorderOf2M() {
    allowUpTo(0x200, 0x600);
    assertPlanned(prepare(0x200, 0x607), 0x200, 0x600);
  }

  @Test
  void noTableFor2MEntries_stopsAtTheBorderOf1G() {
    allowUpTo(0x3fe00, 0x40000);
    assertPlanned(prepare(0x3fe00, 0x40207), 0x3fe00, 0x40000);
  }

  @Test
  void noTableForTheHead_isOutOfMemory() {
    memory.failFrom(1);
    assertThatThrownBy(() -> prepare(0x207, 0x607)).isInstanceOf(KernelOutOfMemoryException.class);
    memory.disarm();
    assertThat(tracker.firstDifference(0, 0x800, PageAttributes.PRIVATE)).isEqualTo(0x800);
    tracker.audit();
  }

  @Test
  void prefixThatIsSharedAlready_isOutOfMemory() {
    tracker.convert(new GfnRange(0x200, 0x600), PageAttributes.SHARED);
    memory.failFrom(1);
    assertThatThrownBy(() -> prepare(0x200, 0x607)).isInstanceOf(KernelOutOfMemoryException.class);
    memory.disarm();
    assertThat(tracker.attributes(0x600)).isEqualTo(PageAttributes.PRIVATE);
    tracker.audit();
  }
}
