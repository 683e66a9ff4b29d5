package dev.broadsheet.strategies.bounds;

import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.conformance.trial.StrategyTrial;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BoundsPropertyTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void reference_regionShapedSteps_answersAsTheTruth(long seed) {
    StrategyTrial.run(new ReferenceStrategy(), "reference", PageAttributes.PRIVATE, seed, 150);
    StrategyTrial.run(new ReferenceStrategy(), "reference", PageAttributes.SHARED, -seed, 150);
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13})
  void smallPagesOnly_regionShapedSteps_answersAsTheTruth(long seed) {
    StrategyTrial.run(
        new SmallPagesOnlyStrategy(), "small-pages-only", PageAttributes.SHARED, seed, 150);
  }
}
