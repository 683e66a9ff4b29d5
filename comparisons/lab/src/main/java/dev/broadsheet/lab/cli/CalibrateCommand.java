package dev.broadsheet.lab.cli;

import static java.util.Objects.requireNonNull;

import dev.broadsheet.lab.calibration.Calibration;
import dev.broadsheet.lab.report.ReportModel.CalibrationRow;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Sets the generated boot of a 4 GiB guest beside the figures that were published of one. */
@Command(
    name = "calibrate",
    mixinStandardHelpOptions = true,
    description =
        "Run boot-td-4g and a recorded guest, and say which published figures were put in, which"
            + " fitted, and which are predicted, and how well.")
final class CalibrateCommand implements Callable<Integer> {
  @Parameters(
      arity = "0..1",
      paramLabel = "WORKLOAD",
      description = "boot-td-4g[k=v,...] (default: boot-td-4g).")
  private String workload = Calibration.WORKLOAD;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if (!Calibration.isFor(workload)) {
      throw new UsageException(
          "Figures were published for %s alone, not for '%s'; give %s[k=v,...]."
              .formatted(Calibration.WORKLOAD, workload, Calibration.WORKLOAD));
    }
    PrintWriter out = requireNonNull(spec, "picocli sets it").commandLine().getOut();
    List<CalibrationRow> rows =
        Calibration.of(workload, Inputs.registry(null), Inputs.trace(Calibration.recorded()));
    TextTable table = new TextTable("lllll", "is", "figure", "published", "here", "difference");
    rows.forEach(
        row ->
            table.add(row.role(), row.figure(), row.published(), row.measured(), row.difference()));
    table.lines().forEach(out::println);
    out.println();
    rows.stream()
        .filter(row -> !row.note().isEmpty())
        .forEach(row -> out.println(row.figure() + ": " + row.note() + "."));
    out.flush();
    return 0;
  }
}
