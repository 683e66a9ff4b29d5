package dev.broadsheet.strategies.xarraymixedflag;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.conformance.trial.StrategyTrial;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class XarrayMixedFlagPropertyTest {
  @ParameterizedTest
  @CsvSource({
    "default, cursor, 1",
    "default, cursor, 2",
    "private, cursor, 3",
    "shared, cursor, 4",
    "default, index, 5",
    "shared, index, 6"
  })
  void tracker_regionShapedSteps_answersAsTheTruth(String absent, String walk, long seed) {
    String spec = "xarray-mixed-flag[absent=" + absent + ",walk=" + walk + "]";
    int steps = walk.equals("index") ? 30 : 120;
    StrategyTrial.run(new XarrayMixedFlagStrategy(), spec, PageAttributes.PRIVATE, seed, steps);
    StrategyTrial.run(new XarrayMixedFlagStrategy(), spec, PageAttributes.SHARED, -seed, steps);
  }

  @Test
  void defect_blockEndsBehindItsSlot_isFound() {
    assertThatThrownBy(
            () -> {
              for (long seed = 1; seed < 20; seed++) {
                StrategyTrial.run(
                    new XarrayMixedFlagStrategy(),
                    "xarray-mixed-flag[defect=slot-end]",
                    PageAttributes.SHARED,
                    seed,
                    120);
              }
            })
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("R7");
  }
}
