package dev.broadsheet.strategies.bounds;

import dev.broadsheet.conformance.TrackingStrategyConformance;
import org.junit.jupiter.api.Nested;

/** R1 to R12. */
class BoundsConformanceTest {
  @Nested
  class Reference extends TrackingStrategyConformance {
    @Override
    protected String strategy() {
      return "reference";
    }
  }

  @Nested
  class SmallPagesOnly extends TrackingStrategyConformance {
    @Override
    protected String strategy() {
      return "small-pages-only";
    }
  }
}
