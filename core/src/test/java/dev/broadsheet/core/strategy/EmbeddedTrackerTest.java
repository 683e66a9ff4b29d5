package dev.broadsheet.core.strategy;

import static dev.broadsheet.api.PageAttributes.PRIVATE;
import static dev.broadsheet.api.PageAttributes.SHARED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.broadsheet.api.ConversionOutcome;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.PageType;
import dev.broadsheet.api.StrategyDescription;
import dev.broadsheet.api.TrackerContext;
import dev.broadsheet.api.TrackingStrategy;
import dev.broadsheet.core.vm.attributes.BitSetTracker;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class EmbeddedTrackerTest {
  /** Its untouched pages are shared, whatever the machine says; limits no level. */
  private static final class Bits implements TrackingStrategy {
    @Override
    public String id() {
      return "bits";
    }

    @Override
    public StrategyDescription description() {
      return new StrategyDescription("Bits", "For tests.", "none", Set.of(), Set.of(), PRIVATE);
    }

    @Override
    public PageAttributeTracker create(TrackerContext context) {
      return new BitSetTracker(((StandaloneContext) context).slots());
    }
  }

  private static EmbeddedTracker open(int initialAttributes) {
    StrategyRegistry registry = StrategyRegistry.of(List.of(new Bits()));
    return EmbeddedTracker.open(registry::configure, registry.configure("bits"), initialAttributes);
  }

  @Test
  void conversion_isSeenByReadersAndCounted() {
    try (EmbeddedTracker tracker = open(SHARED)) {
      tracker.addSlot(Memslot.aligned(0, new GfnRange(0, 0x400)));
      GfnRange range = new GfnRange(0x10, 0x20);
      assertThat(tracker.convert(range, PRIVATE)).isEqualTo(new ConversionOutcome.Converted(range));
      assertThat(tracker.convert(range, PRIVATE)).isEqualTo(new ConversionOutcome.Unchanged());
      assertThat(tracker.attributes(0x1f)).isEqualTo(PRIVATE);
      assertThat(tracker.attributes(0x20)).isEqualTo(SHARED);
      assertThat(tracker.type(0, PageLevel.PG_LEVEL_2M)).isEqualTo(PageType.MIXED);
      assertThat(tracker.conversions()).isEqualTo(2);
    }
  }

  @Test
  void level_isWhatTheSlotsWordsAllow() {
    try (EmbeddedTracker tracker = open(SHARED)) {
      tracker.addSlot(Memslot.aligned(0, new GfnRange(0x100, 0x80000)));
      PageLevel largest = PageLevel.PG_LEVEL_1G;
      assertThat(tracker.effectiveLevel(0x100, largest)).isEqualTo(PageLevel.PG_LEVEL_4K);
      assertThat(tracker.effectiveLevel(0x200, largest)).isEqualTo(PageLevel.PG_LEVEL_2M);
      assertThat(tracker.effectiveLevel(0x40000, largest)).isEqualTo(PageLevel.PG_LEVEL_1G);
      assertThat(tracker.effectiveLevel(0x40000, PageLevel.PG_LEVEL_4K))
          .isEqualTo(PageLevel.PG_LEVEL_4K);
      assertThat(tracker.effectiveLevel(0x80000, largest)).isEqualTo(PageLevel.PG_LEVEL_4K);
    }
  }

  @Test
  void initialAttributesThatTheStructureCannotHave_areFilledIn() {
    try (EmbeddedTracker tracker = open(PRIVATE)) {
      assertThat(tracker.attributes(5)).isEqualTo(PRIVATE);
      GfnRange outside = new GfnRange(0x300, 0x310);
      assertThat(tracker.convert(outside, SHARED))
          .isEqualTo(new ConversionOutcome.Converted(outside));
      tracker.addSlot(Memslot.aligned(0, new GfnRange(0, 0x400)));
      assertThat(tracker.attributes(5)).isEqualTo(PRIVATE);
      assertThat(tracker.attributes(0x305)).isEqualTo(SHARED);
      tracker.removeSlot(0);
      tracker.addSlot(Memslot.aligned(1, new GfnRange(0x200, 0x400)));
      assertThat(tracker.attributes(0x305)).isEqualTo(SHARED);
      assertThat(tracker.attributes(0x310)).isEqualTo(PRIVATE);
    }
  }

  @Test
  void slotMistakes_areRefused() {
    try (EmbeddedTracker tracker = open(SHARED)) {
      tracker.addSlot(Memslot.aligned(0, new GfnRange(0, 0x400)));
      assertThatThrownBy(() -> tracker.addSlot(Memslot.aligned(1, new GfnRange(0x3ff, 0x500))))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> tracker.removeSlot(7))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("no memslot 7");
      assertThat(tracker.slots().table().size()).isEqualTo(1);
    }
  }
}
