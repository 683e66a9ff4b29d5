package dev.broadsheet.lab.report;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.broadsheet.lab.metrics.Metric;
import dev.broadsheet.lab.metrics.MetricCatalog;
import dev.broadsheet.lab.report.Report.ClaimResult;
import dev.broadsheet.lab.report.Report.Evidence;
import dev.broadsheet.lab.report.ReportModel.Answer;
import dev.broadsheet.lab.report.ReportModel.CalibrationRow;
import dev.broadsheet.lab.report.ReportModel.Check;
import dev.broadsheet.lab.report.ReportModel.CodeRow;
import dev.broadsheet.lab.report.ReportModel.CostRow;
import dev.broadsheet.lab.report.ReportModel.FootprintRow;
import dev.broadsheet.lab.report.ReportModel.LockRow;
import dev.broadsheet.lab.report.ReportModel.MarkFacts;
import dev.broadsheet.lab.report.ReportModel.Mosaic;
import dev.broadsheet.lab.report.ReportModel.OperationRow;
import dev.broadsheet.lab.report.ReportModel.Provenance;
import dev.broadsheet.lab.report.ReportModel.SizeRow;
import dev.broadsheet.lab.report.ReportModel.SlotFacts;
import dev.broadsheet.lab.report.ReportModel.SpreadRow;
import dev.broadsheet.lab.report.ReportModel.StrategyResult;
import dev.broadsheet.lab.report.ReportModel.TraceFacts;
import dev.broadsheet.lab.report.ReportModel.WorkRow;
import java.util.List;

/** A report whose texts are as hostile as they come: names, sentences, labels, keys. */
final class HostileReport {
  private static final String HOSTILE =
      "</script><script>alert(window.hostile = 1)</script><img src=x onerror=alert(2)>|\"'&\n";

  static Report report() {
    ImmutableMap.Builder<String, Number> metrics = ImmutableMap.builder();
    for (Metric metric : MetricCatalog.all()) {
      metrics.put(metric.id(), metric.unit().equals("%") ? (Number) 12.5 : (Number) 7L);
    }
    ImmutableMap.Builder<String, ImmutableList<Long>> columns = ImmutableMap.builder();
    for (String column :
        List.of(
            "event", "trackerBytes", "machineBytes", "leaves4k", "leaves2m", "leaves1g", "runs")) {
      columns.put(column, ImmutableList.of(1L));
    }
    ImmutableMap<String, ImmutableList<Long>> curve = columns.buildOrThrow();
    SpreadRow spread = new SpreadRow(10, 1, 2, 3);
    StrategyResult strategy =
        new StrategyResult(
            HOSTILE,
            HOSTILE,
            HOSTILE,
            HOSTILE,
            HOSTILE,
            ImmutableList.of(HOSTILE),
            false,
            "",
            metrics.buildOrThrow(),
            ImmutableList.of(new FootprintRow(HOSTILE, "tracker", 1, 2, 3, 4, 5, 6)),
            ImmutableList.of(
                new OperationRow(
                    "fault",
                    "all",
                    1,
                    2,
                    3,
                    4,
                    spread,
                    spread,
                    ImmutableMap.of(3L, 1L),
                    ImmutableList.of(2L, 1L, 0L),
                    5,
                    spread,
                    spread)),
            ImmutableList.of(new LockRow(HOSTILE, 1, spread, spread, spread)),
            ImmutableList.of(new SizeRow(1, 2, 3, 4, 5, 6, 7, 8, 9)),
            ImmutableList.of(new WorkRow(HOSTILE, HOSTILE, 1, 1.5)),
            ImmutableMap.of(HOSTILE, 1L),
            ImmutableMap.of(HOSTILE, 1L),
            ImmutableMap.of(HOSTILE, 1L),
            ImmutableMap.of(HOSTILE, 1L),
            ImmutableList.of(new CodeRow("package", HOSTILE, 1, 2, 3, 4)),
            new Check(1, 1, HOSTILE, 0, false, HOSTILE),
            curve,
            new Mosaic(ImmutableList.of(0L), ImmutableList.of("a1")));
    Answer answer =
        new Answer(HOSTILE, "memory.design.steady", ImmutableList.of(HOSTILE), HOSTILE, HOSTILE);
    ReportModel input =
        new ReportModel(
            new Provenance(
                HOSTILE,
                HOSTILE,
                "0".repeat(64),
                ImmutableMap.of(HOSTILE, HOSTILE),
                HOSTILE,
                HOSTILE,
                ImmutableList.of(new SlotFacts(0, "0", 4096, HOSTILE))),
            new TraceFacts(
                HOSTILE,
                "td",
                HOSTILE,
                HOSTILE,
                1,
                1,
                1,
                ImmutableMap.of("F", 1L),
                ImmutableMap.of("inside", 1L),
                1,
                1,
                1,
                1,
                ImmutableList.of(new MarkFacts(HOSTILE, 1))),
            false,
            ImmutableList.of(HOSTILE),
            ImmutableList.of(answer),
            ImmutableList.of(new CostRow(HOSTILE, HOSTILE, 2.5, 1, 3, HOSTILE)),
            ImmutableList.of(strategy),
            ImmutableList.of(
                new CalibrationRow(HOSTILE, HOSTILE, "predicted", HOSTILE, HOSTILE, HOSTILE)));
    return new Report(
        Report.SCHEMA,
        HOSTILE,
        1,
        1,
        HOSTILE,
        false,
        ImmutableList.of(HOSTILE, HOSTILE),
        ImmutableList.of(answer),
        ImmutableList.of(
            new Report.Mean(HOSTILE, false, strategy.metrics(), ImmutableMap.of(HOSTILE, 1))),
        ImmutableList.copyOf(MetricCatalog.all()),
        ImmutableList.of(claim()),
        ImmutableList.of(input, input));
  }

  private static ClaimResult claim() {
    Evidence evidence =
        new Evidence(
            HOSTILE,
            HOSTILE,
            HOSTILE,
            HOSTILE,
            1.5,
            HOSTILE,
            HOSTILE,
            2,
            true,
            false,
            HOSTILE + ": ");
    return new ClaimResult(
        HOSTILE,
        "A",
        "minus",
        HOSTILE,
        HOSTILE,
        HOSTILE,
        HOSTILE,
        "depends",
        HOSTILE,
        ImmutableList.of(evidence));
  }

  private HostileReport() {}
}
