package dev.broadsheet.lab.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.broadsheet.core.tdx.SeamcallLeaf;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Counts times constants. */
final class CostModelTest {
  private final CostModel costs = CostModel.defaults();

  @Test
  void everyConstant_hasAnOrigin_andLiesInItsRange() {
    for (CostConstant constant : costs.constants()) {
      assertThat(constant.origin()).as(constant.key()).isNotBlank();
      assertThat(constant.what()).as(constant.key()).isNotBlank();
      assertThat(constant.nanos())
          .as(constant.key())
          .isPositive()
          .isBetween(constant.low(), constant.high());
    }
  }

  @Test
  void removalOfAPage_addsUpToThePublishedSum() {
    // Facts, section 13: BLOCK, TRACK, kick, REMOVE and WBINVD take about 10 us at 4 vCPUs.
    ModelledTime sum =
        costs.time(
            Map.of(
                "tdh.mem.range.block",
                1L,
                "tdh.mem.track",
                1L,
                CostModel.KICK,
                1L,
                "tdh.mem.page.remove",
                1L,
                "tdh.phymem.page.wbinvd",
                1L));

    assertThat(sum.nanos()).isBetween(9_000.0, 11_000.0);
    // 48 us at 64 vCPUs lie within the range.
    assertThat(sum.high()).isGreaterThan(48_000);
  }

  @Test
  void aSum_isLinear_withItsRange() {
    CostModel known = costs.with("l1=2,tdh.mem.page.aug=1500");

    ModelledTime time = known.time(Map.of(CostModel.L1, 10L, "tdh.mem.page.aug", 2L));

    // 10 * 2 + 2 * 1500; what the user gives has no range
    assertThat(time).isEqualTo(new ModelledTime(3_020, 3_020, 3_020));
    assertThat(time.per(4).nanos()).isEqualTo(755);
    assertThat(ModelledTime.ZERO.per(0)).isEqualTo(ModelledTime.ZERO);
  }

  @Test
  void keysOfCalls_areLeavesOfTheModule() {
    for (SeamcallLeaf leaf : SeamcallLeaf.values()) {
      assertThat(costs.keys()).contains(costs.seamcallKey(leaf.leafName()));
    }
    long known =
        Arrays.stream(SeamcallLeaf.values())
            .filter(leaf -> !costs.seamcallKey(leaf.leafName()).equals(CostModel.SEAMCALL))
            .count();
    // none of the keys is misspelt
    assertThat(costs.keys().stream().filter(key -> key.startsWith("tdh.")).count())
        .isEqualTo(known);
  }

  @Test
  void whatIsUnknown_isRefusedWithWhatIsKnown() {
    assertThatThrownBy(() -> costs.with("l9=1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Unknown cost 'l9' in --cost. Known: l1, l2, l3, memory")
        .hasMessageNotContaining("\n");
    assertThatThrownBy(() -> costs.with("l1=-1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'l1=-1'");
    assertThatThrownBy(() -> costs.with("l1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("l1=1500");
    assertThatThrownBy(() -> costs.with("l1=1,L1=2"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("twice");
  }
}
