package dev.broadsheet.strategies.xarraymixedflag;

import static org.assertj.core.api.Assertions.assertThat;

import dev.broadsheet.conformance.Conformance;
import dev.broadsheet.conformance.Rule;
import dev.broadsheet.conformance.RuleVerdict;
import dev.broadsheet.conformance.Settings;
import dev.broadsheet.conformance.Subject;
import dev.broadsheet.conformance.TrackingStrategyConformance;
import dev.broadsheet.core.strategy.StrategyRegistry;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    @Override
    protected Settings settings() {
      return Settings.quick();
    }
  }

  @Nested
  class AbsentShared extends TrackingStrategyConformance {
    @Override
    protected String strategy() {
      return "xarray-mixed-flag[absent=shared]";
    }
  }

  @Nested
  class ByIndex extends TrackingStrategyConformance {
    @Override
    protected String strategy() {
      return "xarray-mixed-flag[walk=index]";
    }

    @Override
    protected Settings settings() {
      return Settings.quick();
    }
  }

  /**
   * KVM wrote the flag of a block that ends behind its slot: beside the array, or into the word of
   * a block that no conversion brings up to date.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void r7_defectSlotEnd_isFoundShrunkAndRepeated(long seed) {
    Subject subject = Subject.of(StrategyRegistry.load(), "xarray-mixed-flag[defect=slot-end]");

    RuleVerdict verdict = Conformance.judge(Rule.R7, subject, Settings.quick().withSeed(seed));

    assertThat(verdict.failed()).as(verdict.toString()).isTrue();
    assertThat(verdict.message()).contains("not wholly inside one memslot");
    assertThat(verdict.repeat().split(" ")).as(verdict.repeat()).hasSizeLessThanOrEqualTo(4);
    assertThat(Conformance.repeat(subject, verdict.repeat()).failed()).isTrue();
  }
}
