package dev.broadsheet.lab.calibration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.broadsheet.core.strategy.StrategyRegistry;
import dev.broadsheet.lab.report.ReportModel.CalibrationRow;
import dev.broadsheet.lab.trace.BundledTraces;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The generated boot beside published figures: run once, all looked at. */
final class CalibrationTest {
  private static List<CalibrationRow> rows;
  private static Map<String, CalibrationRow> byFigure;

  @BeforeAll
  static void calibrate() throws IOException {
    rows =
        Calibration.of(
            Calibration.WORKLOAD,
            StrategyRegistry.load(),
            BundledTraces.find(Calibration.recorded()));
    byFigure = rows.stream().collect(Collectors.toMap(CalibrationRow::figure, Function.identity()));
  }

  private static CalibrationRow row(String begins) {
    return byFigure.entrySet().stream()
        .filter(entry -> entry.getKey().startsWith(begins))
        .findFirst()
        .orElseThrow()
        .getValue();
  }

  @Test
  void everyFigure_isInputFittedOrPredicted_andMeasured() {
    assertThat(rows)
        .extracting(CalibrationRow::role)
        .containsOnly("input", "fitted", "predicted")
        .contains("input", "fitted", "predicted");
    assertThat(rows)
        .allSatisfy(
            row -> {
              assertThat(row.measured()).isNotBlank();
              assertThat(row.difference()).isNotBlank();
            });
  }

  @Test
  void inputs_arePutInAsPublished() {
    assertThat(row("4K accepts").measured()).isEqualTo("2,710");
    assertThat(row("4K accepts").note())
        .startsWith(
            "506 at 806-9ff, 512 at 7e800-7e9ff, 1,692 in 7d3ff-7e7fe (hottest [974, 476, 156])");
    assertThat(row("the same 4K accepts with 8 GiB").difference()).isEqualTo("none");
    assertThat(row("pages added").measured()).startsWith("4.0");
  }

  @Test
  void fittedSum_comesOutWithinOnePercent() {
    assertThat(row("2M mappings at login, without").role()).isEqualTo("fitted");
    assertThat(number(row("2M mappings at login, without").measured())).isBetween(1133L, 1155L);
  }

  /** The model must not be trusted where it is wrong: both values stand in the row. */
  @Test
  void predictions_areNearWhatWasPublished_andSayHowFar() {
    CalibrationRow inhibit = row("2M mappings at login, with the one-way");
    assertThat(inhibit.role()).isEqualTo("predicted");
    assertThat(number(inhibit.measured().replaceAll(":.*", ""))).isBetween(1132L, 1154L);
    assertThat(inhibit.difference()).contains("-1 was published");
    assertThat(number(row("times mmu_lock").measured())).isBetween(8L, 14L);
    assertThat(row("2M mappings at login with 8 GiB").published()).isEqualTo("not published");
  }

  @Test
  void recordedGuest_acceptsTheSameBlocksAt4K() {
    CalibrationRow recorded = row("td-diskboot-4g-8v: 4K accepts");
    assertThat(recorded.note()).contains("512 at 7e800-7e9ff").contains("0 elsewhere");
  }

  @Test
  void otherWorkloads_haveNoFigures() {
    assertThat(Calibration.isFor("boot-td-4g[above-4g=876m]")).isTrue();
    assertThat(Calibration.isFor("boot-td-old-firmware")).isFalse();
  }

  private static long number(String text) {
    return Long.parseLong(text.replace(",", ""));
  }
}
