package dev.broadsheet.strategies.pagetablebits;

import dev.broadsheet.conformance.Settings;
import dev.broadsheet.conformance.TrackingStrategyConformance;
import org.junit.jupiter.api.Nested;

/** R1 to R12 over page tables in which nothing is mapped. */
class TableBitsConformanceTest {
  @Nested
  class SpteMixedBit extends TrackingStrategyConformance {
    @Override
    protected String strategy() {
      return "spte-mixed-bit";
    }
  }

  @Nested
  class OwnField extends TrackingStrategyConformance {
    @Override
    protected String strategy() {
      return "shadow-page-bitmap";
    }
  }

  @Nested
  class IdleField extends TrackingStrategyConformance {
    @Override
    protected String strategy() {
      return "shadow-page-bitmap[field=idle]";
    }

    @Override
    protected Settings settings() {
      return Settings.quick();
    }
  }
}
