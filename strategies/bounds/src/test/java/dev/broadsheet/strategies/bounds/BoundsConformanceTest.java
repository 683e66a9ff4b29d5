package dev.broadsheet.strategies.bounds;

import static org.assertj.core.api.Assertions.assertThat;

import dev.broadsheet.conformance.Conformance;
import dev.broadsheet.conformance.RuleVerdict;
import dev.broadsheet.conformance.Subject;
import dev.broadsheet.conformance.TrackingStrategyConformance;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

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

  /** Runs that were trimmed on the way must end in the array that an empty tracker has. */
  @Test
  void r11_reference_manyRunsThenOne_holdsNoMoreThanWhenEmpty() {
    RuleVerdict verdict =
        Conformance.repeat(
            Subject.of(new ReferenceStrategy()),
            "R11 init=0 c8:0x653b1-0x653b2 o8:0x407ef-0x407f0 c8:0x741fe-0x741ff"
                + " o8:0x6fc8a-0x6fc8b c8:0x4f400-0x4f401 o8:0x46e00-0x46e01 c8:0x3fdf9-0x80405");
    assertThat(verdict.failed()).as(verdict.toString()).isFalse();
  }
}
