package dev.broadsheet.lab.report;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import dev.broadsheet.lab.metrics.Metric;
import dev.broadsheet.lab.report.ReportModel.StrategyResult;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** {@code results.csv}: one line per input, strategy and metric, exact values. */
final class CsvReport {
  private CsvReport() {}

  static void write(Report report, OutputStream out) throws IOException {
    OutputStreamWriter writer = new OutputStreamWriter(out, StandardCharsets.UTF_8);
    CsvWriter csv = CsvWriter.builder().lineDelimiter(LineDelimiter.LF).build(writer);
    csv.writeRecord("trace", "strategy", "metric", "value", "unit", "better");
    for (ReportModel input : report.inputs()) {
      for (StrategyResult strategy : input.ran()) {
        for (Metric metric : report.metrics()) {
          csv.writeRecord(
              input.trace().name(),
              strategy.spec(),
              metric.id(),
              MetricText.exact(strategy.metric(metric.id())),
              metric.unit(),
              metric.direction().name().toLowerCase(Locale.ROOT));
        }
      }
    }
    csv.flush();
    writer.flush();
  }
}
