package dev.broadsheet.strategies.xarraymixedflag;

import dev.broadsheet.conformance.TrackingStrategyConformance;
import org.junit.jupiter.api.Nested;

/** R1 to R12. */
class XarrayMixedFlagConformanceTest {
  @Nested
  class AbsentDefault extends TrackingStrategyConformance {
    @Override
    protected String strategy() {
      return "xarray-mixed-flag";
    }
  }

  @Nested
  class AbsentPrivate extends TrackingStrategyConformance {
    @Override
    protected String strategy() {
      return "xarray-mixed-flag[absent=private]";
    }
  }

  @Nested
  class AbsentShared extends TrackingStrategyConformance {
    @Override
    protected String strategy() {
      return "xarray-mixed-flag[absent=shared]";
    }
  }
}
