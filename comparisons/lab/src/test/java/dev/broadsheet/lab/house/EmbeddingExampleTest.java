package dev.broadsheet.lab.house;

import static org.assertj.core.api.Assertions.assertThat;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.core.strategy.EmbeddedTracker;
import org.junit.jupiter.api.Test;

/** The README's example of embedding; {@link ReadmeTest} compares the text. */
final class EmbeddingExampleTest {
  @Test
  void example_runsAndAnswers() {
    // snippet embed
    try (EmbeddedTracker tracker = EmbeddedTracker.open("xarray-mixed-flag")) {
      tracker.addSlot(Memslot.aligned(0, new GfnRange(0, 0x80000)));
      tracker.convert(GfnRange.ofPages(0x200, 512), PageAttributes.PRIVATE);
      PageLevel level = tracker.effectiveLevel(0x200, PageLevel.PG_LEVEL_1G);
      // snippet end
      assertThat(level).isEqualTo(PageLevel.PG_LEVEL_2M);
      assertThat(tracker.attributes(0x200)).isEqualTo(PageAttributes.PRIVATE);
      assertThat(tracker.attributes(0x400)).isEqualTo(PageAttributes.SHARED);
      assertThat(tracker.effectiveLevel(0x40000, PageLevel.PG_LEVEL_1G))
          .isEqualTo(PageLevel.PG_LEVEL_1G);
    }
  }
}
