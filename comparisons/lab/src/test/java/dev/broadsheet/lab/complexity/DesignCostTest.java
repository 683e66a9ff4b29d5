package dev.broadsheet.lab.complexity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.broadsheet.core.strategy.StrategyRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is counted on class files, and what trackers ask of their context. */
final class DesignCostTest {
  private static final StrategyRegistry REGISTRY = StrategyRegistry.load();

  private static DesignCost of(String spec) {
    return DesignCost.of(REGISTRY.configure(spec), REGISTRY::configure);
  }

  @Test
  void tinyStrategy_isCountedAsByHand() {
    StrategyCode code = StrategyCode.of(TinyStrategy.class);

    assertThat(code.of(Concern.LOOK_UP).branches()).isEqualTo(1);
    assertThat(code.of(Concern.LOOK_UP).methods()).isEqualTo(4); // sign, and three of the SPI
    assertThat(code.of(Concern.LOOK_UP).classes()).isEqualTo(2);
    assertThat(code.of(Concern.CONVERSION).branches()).isEqualTo(4);
    assertThat(code.of(Concern.CONVERSION).methods()).isEqualTo(3); // prepare, its lambda, sign
    assertThat(code.of(Concern.LEVEL)).isEqualTo(CodeSize.NONE);
    assertThat(code.of(Concern.TABLES)).isEqualTo(CodeSize.NONE);
    assertThat(code.of(Concern.AUDIT).branches()).isEqualTo(3);
    assertThat(code.design().branches()).isEqualTo(4);
    assertThat(code.packages().keySet()).containsExactly("dev.broadsheet.lab.complexity");
    assertThat(code.support()).isEqualTo(CodeSize.NONE);
    assertThat(code.mmuCalls()).isEmpty();
  }

  @Test
  void code_isTheSameEachTime() {
    assertThat(of("spte-mixed-bit")).isEqualTo(of("spte-mixed-bit"));
  }

  @Test
  void bitsHeadersAndHomes_areThoseOfTheOptions() {
    DesignCost a = of("memslot-array");
    DesignCost b = of("spte-mixed-bit");
    DesignCost c = of("shadow-page-bitmap");
    DesignCost d = of("xarray-lpage-info");

    assertThat(new int[] {a.bits(), b.bits(), c.bits(), d.bits()}).containsExactly(0, 2, 1, 0);
    assertThat(c.headerWords()).isEqualTo(8); // 512 bits
    assertThat(new int[] {a.homes(), b.homes(), c.homes(), d.homes()}).containsExactly(1, 1, 2, 2);
    assertThat(a.code().mmuCalls()).isEmpty();
    assertThat(b.code().mmuCalls()).contains("PageTables.updateBits", "PageTables.pin");
    assertThat(d.code().of(Concern.LEVEL)).isEqualTo(CodeSize.NONE);
    assertThat(of("xarray-mixed-flag").homes()).isEqualTo(2);
  }

  /**
   * A tracker of api.support that a design extends or hands its slots to is where concerns begin.
   */
  @ParameterizedTest
  @ValueSource(strings = {"reference", "maple-tree", "memslot-array", "flat-bitmap"})
  void trackerOfSupport_isCountedWithTheDesignThatUsesIt(String spec) {
    StrategyCode code = of(spec).code();

    for (Concern concern :
        new Concern[] {Concern.LOOK_UP, Concern.LEVEL, Concern.CONVERSION, Concern.SLOTS}) {
      assertThat(code.of(concern).branches()).as(concern.title()).isPositive();
    }
    assertThat(code.support().instructions()).isPositive().isLessThan(code.design().instructions());
  }

  @Test
  void packages_sumUpToTheDesign() {
    StrategyCode code = of("xarray-lpage-info").code();

    assertThat(code.packages())
        .containsKeys(
            "dev.broadsheet.strategies.xarray",
            "dev.broadsheet.strategies.xarraylpageinfo",
            "dev.broadsheet.api.support");
    assertThat(code.packages().values().stream().mapToLong(CodeSize::branches).sum())
        .isEqualTo(code.design().branches());
  }
}
