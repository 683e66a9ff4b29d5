package dev.broadsheet.strategies.xarraylpageinfo;

import dev.broadsheet.conformance.Settings;
import dev.broadsheet.conformance.TrackingStrategyConformance;
import org.junit.jupiter.api.Nested;

/** R1 to R12. */
class XarrayLpageInfoConformanceTest {
  @Nested
  class ByPage extends TrackingStrategyConformance {
    @Override
    protected String strategy() {
      return "xarray-lpage-info";
    }
  }

  @Nested
  class ByRange extends TrackingStrategyConformance {
    @Override
    protected String strategy() {
      return "xarray-lpage-info[store=range]";
    }
  }

  @Nested
  class AbsentShared extends TrackingStrategyConformance {
    @Override
    protected String strategy() {
      return "xarray-lpage-info[absent=shared]";
    }
  }

  @Nested
  class RangesAbsentPrivate extends TrackingStrategyConformance {
    @Override
    protected String strategy() {
      return "xarray-lpage-info[absent=private,store=range]";
    }

    @Override
    protected Settings settings() {
      return Settings.quick();
    }
  }
}
