package dev.broadsheet.strategies.xarraylpageinfo;

import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.conformance.trial.StrategyTrial;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class XarrayLpageInfoPropertyTest {
  @ParameterizedTest
  @CsvSource({
    "default, page, 1", "default, page, 2", "private, page, 3", "shared, page, 4",
    "default, range, 5", "default, range, 6", "private, range, 7", "shared, range, 8",
    "default, range, 9", "default, range, 10", "shared, range, 11", "default, range, 12"
  })
  void tracker_regionShapedSteps_answersAsTheTruth(String absent, String store, long seed) {
    String spec = "xarray-lpage-info[absent=" + absent + ",store=" + store + "]";
    StrategyTrial.run(new XarrayLpageInfoStrategy(), spec, PageAttributes.PRIVATE, seed, 120);
    StrategyTrial.run(new XarrayLpageInfoStrategy(), spec, PageAttributes.SHARED, -seed, 120);
  }
}
