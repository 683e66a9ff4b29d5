package dev.broadsheet.lab.claims;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.broadsheet.lab.metrics.Metric;
import dev.broadsheet.lab.metrics.MetricCatalog;
import dev.broadsheet.lab.report.Report.ClaimResult;
import dev.broadsheet.lab.report.ReportModel.Check;
import dev.broadsheet.lab.report.ReportModel.CodeRow;
import dev.broadsheet.lab.report.ReportModel.FootprintRow;
import dev.broadsheet.lab.report.ReportModel.Mosaic;
import dev.broadsheet.lab.report.ReportModel.StrategyResult;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Verdicts on made-up runs. */
final class JudgeTest {
  private static final String BITS = "design.bits";
  private static final String MEMORY = "memory.design.steady";

  @Test
  void claim_holdsIfEveryComparisonDoes() {
    ClaimResult result =
        judge(
            "b-bits",
            run(
                "boot",
                result("spte-mixed-bit", Map.of(BITS, 2)),
                result("memslot-array", Map.of(BITS, 0)),
                result("shadow-page-bitmap", Map.of(BITS, 1)),
                result("xarray-lpage-info", Map.of(BITS, 0))));

    assertThat(result.verdict()).isEqualTo("holds");
    assertThat(result.because()).isEmpty();
    assertThat(result.author()).isEqualTo("Isaku Yamahata");
    assertThat(result.evidence()).hasSize(3).allMatch(evidence -> evidence.holds());
    assertThat(result.evidence().get(1).words())
        .isEqualTo("software bits of spte-mixed-bit: 2, is more than 1 of shadow-page-bitmap");
  }

  @Test
  void claim_doesNotHoldIfNoComparisonDoes() {
    ClaimResult result =
        judge("a-no-shared-bit", run("boot", result("memslot-array", Map.of(BITS, 1))));

    assertThat(result.verdict()).isEqualTo("does not hold");
    assertThat(result.evidence().get(0).words())
        .isEqualTo("software bits of memslot-array: 1, is not zero");
  }

  @Test
  void claim_dependsOnTheInput() {
    ClaimResult result =
        judge(
            "b-memory",
            run(
                "pool",
                result("spte-mixed-bit", Map.of(MEMORY, 10)),
                result("memslot-array", Map.of(MEMORY, 20))),
            run(
                "scattered",
                result("spte-mixed-bit", Map.of(MEMORY, 30)),
                result("memslot-array", Map.of(MEMORY, 20))));

    assertThat(result.verdict()).isEqualTo("depends");
    assertThat(result.because()).isEqualTo("on the input: holds with pool, not with scattered");
  }

  @Test
  void claim_dependsOnAnOptionOfTheDesign_ratherThanOnTheVariant() {
    ClaimResult result =
        judge(
            "c-every-header",
            run(
                "boot",
                result("shadow-page-bitmap", Map.of(MEMORY, 3)),
                result("shadow-page-bitmap[field=idle]", Map.of(MEMORY, 1)),
                result("spte-mixed-bit", Map.of(MEMORY, 2))));

    assertThat(result.because())
        .isEqualTo("on the design's field: holds with the default, not with field=idle");
  }

  @Test
  void claim_dependsOnItsAssumption_whichLeavesOutWhatItGrants() {
    ClaimResult result =
        judge(
            "d-no-memory",
            run(
                "boot",
                result(
                    "xarray-lpage-info",
                    Map.of(MEMORY, 500, "memory.tracker.steady", 500),
                    new FootprintRow("xa_node", "tracker", 484, 0, 0, 0, 1, 1),
                    new FootprintRow("xa_head", "tracker", 16, 0, 0, 0, 1, 1))));

    assertThat(result.verdict()).isEqualTo("depends");
    assertThat(result.because())
        .isEqualTo("on the assumption: holds with it granted, not with it not granted");
  }

  @Test
  void claim_isNotMeasured_whenSomebodyIsMissing() {
    ClaimResult result =
        judge("b-memory", run("boot", result("spte-mixed-bit", Map.of(MEMORY, 10))));

    assertThat(result.verdict()).isEqualTo("not measured here");
    assertThat(result.because()).isEqualTo("it takes a run of memslot-array beside the others");
  }

  @Test
  void claim_isNotMeasured_whenNoNumberSpeaksToIt() {
    ClaimResult result = judge("d-merge", run("boot", result("xarray-lpage-info", Map.of())));

    assertThat(result.verdict()).isEqualTo("not measured here");
    assertThat(result.because()).contains("order of patches");
  }

  @Test
  void dependence_namesTheFirstFactorThatExplains_elseAPair_elseTheClosest() {
    assertThat(
            Dependence.explain(
                List.of(
                    of("in", "a", "by", "x", true),
                    of("in", "a", "by", "y", false),
                    of("in", "b", "by", "x", false),
                    of("in", "b", "by", "y", false))))
        .isEqualTo("on the in and the by: a: holds with x, not with y; b: never holds");
    assertThat(
            Dependence.explain(
                List.of(
                    of("in", "a", "by", "x", true),
                    of("in", "a", "by", "x", false),
                    of("in", "b", "by", "x", false),
                    of("in", "b", "by", "y", false))))
        .isEqualTo("on more than two things, most on the in: holds with a in 1 of 2, b in 0 of 2");
  }

  private static Dependence.Case of(
      String first, String value, String second, String other, boolean holds) {
    return new Dependence.Case(Map.of(), ImmutableMap.of(first, value, second, other), holds);
  }

  private static ClaimResult judge(String claim, Judge.Run... runs) {
    return Judge.of(Claims.find(claim), List.of(runs));
  }

  private static Judge.Run run(String input, StrategyResult... results) {
    return new Judge.Run(input, List.of(results));
  }

  private static StrategyResult result(
      String spec, Map<String, Integer> given, FootprintRow... footprint) {
    ImmutableMap.Builder<String, Number> metrics = ImmutableMap.builder();
    for (Metric metric : MetricCatalog.all()) {
      metrics.put(metric.id(), given.getOrDefault(metric.id(), 0));
    }
    return new StrategyResult(
        spec,
        spec.split("\\[", 2)[0],
        "",
        "",
        "",
        ImmutableList.of(),
        false,
        "",
        metrics.buildOrThrow(),
        ImmutableList.copyOf(footprint),
        ImmutableList.of(),
        ImmutableList.of(),
        ImmutableList.of(),
        ImmutableList.of(),
        ImmutableMap.of(),
        ImmutableMap.of(),
        ImmutableMap.of(),
        ImmutableMap.of(),
        ImmutableList.<CodeRow>of(),
        new Check(0, 0, "", 0, false, "passed"),
        ImmutableMap.of(),
        new Mosaic(ImmutableList.of(), ImmutableList.of()));
  }
}
