package dev.broadsheet.lab.report;

import dev.broadsheet.lab.metrics.Metric;
import dev.broadsheet.lab.metrics.MetricGroup;
import dev.broadsheet.lab.report.Report.ClaimResult;
import dev.broadsheet.lab.report.Report.Evidence;
import dev.broadsheet.lab.report.ReportModel.Answer;
import dev.broadsheet.lab.report.ReportModel.CalibrationRow;
import dev.broadsheet.lab.report.ReportModel.CodeRow;
import dev.broadsheet.lab.report.ReportModel.CostRow;
import dev.broadsheet.lab.report.ReportModel.LockRow;
import dev.broadsheet.lab.report.ReportModel.Provenance;
import dev.broadsheet.lab.report.ReportModel.SizeRow;
import dev.broadsheet.lab.report.ReportModel.StrategyResult;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** {@code report.md}: verdict, all metrics by group, event accounting, provenance. */
final class MarkdownReport {
  private final Report report;
  private final StringBuilder text = new StringBuilder();

  private MarkdownReport(Report report) {
    this.report = report;
  }

  static void write(Report report, OutputStream out) throws IOException {
    out.write(new MarkdownReport(report).render().getBytes(StandardCharsets.UTF_8));
  }

  private String render() {
    line(
        "# Broadsheet: "
            + report.inputs().stream()
                .map(input -> escape(input.trace().name()))
                .collect(Collectors.joining(", ")));
    verdict(report.verdict(), report.answers());
    claims();
    if (report.inputs().size() == 1) {
      input(report.inputs().get(0), "##");
    } else {
      means();
      for (ReportModel input : report.inputs()) {
        line("");
        line("## " + escape(input.trace().name()));
        verdict(input.verdict(), input.answers());
        input(input, "###");
      }
    }
    versions();
    return text.toString();
  }

  private void verdict(List<String> sentences, List<Answer> answers) {
    line("");
    for (String sentence : sentences) {
      line("- " + escape(sentence));
    }
    if (answers.isEmpty()) {
      return;
    }
    line("");
    line("| for | choose | because | at the price of |");
    line("|---|---|---|---|");
    for (Answer answer : answers) {
      line(
          "| %s | %s | %s | %s |"
              .formatted(
                  escape(answer.question()),
                  escape(String.join(", ", answer.winners())),
                  escape(answer.value()),
                  escape(answer.price())));
    }
  }

  private void claims() {
    line("");
    line("## Claims of 2022");
    line("");
    row(List.of("", "claim", "author", "verdict", "evidence"));
    line("|---|---|---|---|---|");
    for (ClaimResult claim : report.claims()) {
      String assumption =
          claim.assumption().isEmpty() ? "" : " (taking for granted: " + claim.assumption() + ")";
      String because = claim.because().isEmpty() ? "" : ": " + claim.because();
      row(
          List.of(
              claim.option() + (claim.sign().equals("plus") ? " +" : " −"),
              escape(claim.text() + assumption),
              escape(claim.author()),
              "**" + claim.verdict() + "**" + escape(because),
              claim.evidence().stream()
                  .map(evidence -> escape(where(evidence) + evidence.words()))
                  .collect(Collectors.joining("<br>"))));
    }
  }

  private String where(Evidence evidence) {
    return report.inputs().size() == 1 ? "" : evidence.input() + ": ";
  }

  private void calibration(ReportModel model, String level) {
    if (model.calibration().isEmpty()) {
      return;
    }
    line("");
    line(level + " Calibration");
    line("");
    row(List.of("figure", "published", "is", "here", "difference", "note"));
    line("|---|---|---|---|---|---|");
    for (CalibrationRow row : model.calibration()) {
      row(
          List.of(
              escape(row.figure()),
              escape(row.published()),
              row.role(),
              escape(row.measured()),
              escape(row.difference()),
              escape(row.note())));
    }
  }

  private void code(List<StrategyResult> ran, String level) {
    line("");
    line(level + " Code of the design");
    line("");
    row(List.of("strategy", "part", "classes", "methods", "branches", "instructions"));
    line("|---|---|---:|---:|---:|---:|");
    for (StrategyResult strategy : ran) {
      for (CodeRow row : strategy.code()) {
        row(
            List.of(
                escape(strategy.spec()),
                row.by() + " " + escape(row.part()),
                Units.count(row.classes()),
                Units.count(row.methods()),
                Units.count(row.branches()),
                Units.count(row.instructions())));
      }
    }
  }

  private void means() {
    line("");
    line("## Means over the inputs");
    line("");
    Scoreboard board = Scoreboard.ofMeans(report);
    row(
        Stream.concat(Stream.of("strategy"), board.columns().stream().map(metric -> metric.label()))
            .toList());
    line("|---" + "|---:".repeat(board.columns().size()) + "|");
    for (Scoreboard.Row each : board.rows()) {
      row(
          Stream.concat(
                  Stream.of(escape(each.spec())), each.cells().stream().map(Scoreboard.Cell::text))
              .toList());
    }
  }

  private void input(ReportModel model, String level) {
    List<StrategyResult> ran = model.ran();
    calibration(model, level);
    for (MetricGroup group : MetricGroup.values()) {
      group(group, ran, level);
    }
    locks(ran, level);
    sizes(ran, level);
    costs(model, level);
    code(ran, level);
    events(model, ran, level);
    failures(model);
    provenance(model, level);
  }

  private void group(MetricGroup group, List<StrategyResult> ran, String level) {
    line("");
    line(level + " " + group.title());
    line("");
    head("metric", ran);
    for (Metric metric : report.metrics()) {
      if (metric.group() == group) {
        List<String> cells =
            new ArrayList<>(List.of("%s (%s)".formatted(metric.label(), metric.id())));
        ran.forEach(s -> cells.add(MetricText.of(metric, s.metric(metric.id()))));
        row(cells);
      }
    }
  }

  private void locks(List<StrategyResult> ran, String level) {
    line("");
    line(level + " Work done under each lock");
    line("");
    line("Per hold, half of the holds / 99 of 100 / the worst.");
    line("");
    line("| lock | strategy | taken | references | SEAMCALLs | allocations |");
    line("|---|---|---:|---:|---:|---:|");
    for (String label :
        ran.stream().flatMap(s -> s.locks().stream().map(LockRow::label)).distinct().toList()) {
      for (StrategyResult strategy : ran) {
        for (LockRow lock : strategy.locks()) {
          if (lock.label().equals(label)) {
            row(
                List.of(
                    escape(label),
                    escape(strategy.spec()),
                    Units.count(lock.acquisitions()),
                    Units.ranks(lock.referencesEach()),
                    Units.ranks(lock.seamcallsEach()),
                    Units.ranks(lock.allocationsEach())));
          }
        }
      }
    }
  }

  private void sizes(List<StrategyResult> ran, String level) {
    line("");
    line(level + " What a conversion costs by its size");
    line("");
    line("MapGPA calls of a size; the tracker's loads and stores per call.");
    line("");
    head("pages", ran);
    for (long from :
        ran.stream()
            .flatMap(s -> s.conversionSizes().stream().map(SizeRow::fromPages))
            .distinct()
            .sorted()
            .toList()) {
      List<String> cells = new ArrayList<>(List.of(Units.count(from) + " and more"));
      for (StrategyResult strategy : ran) {
        String cell = "";
        for (SizeRow size : strategy.conversionSizes()) {
          if (size.fromPages() == from) {
            cell = Units.decimal((double) size.trackerReferences() / size.calls(), 1);
          }
        }
        cells.add(cell);
      }
      row(cells);
    }
  }

  private void costs(ReportModel model, String level) {
    line("");
    line(level + " The cost model");
    line("");
    line("Times are modelled, not measured: counts times these constants, one after the other.");
    line("");
    line("| key | one of it is | ns | range | from |");
    line("|---|---|---:|---:|---|");
    for (CostRow cost : model.costs()) {
      row(
          List.of(
              escape(cost.key()),
              escape(cost.what()),
              Units.decimal(cost.nanos(), 1),
              Units.decimal(cost.low(), 1) + " to " + Units.decimal(cost.high(), 1),
              escape(cost.origin())));
    }
  }

  private void events(ReportModel model, List<StrategyResult> ran, String level) {
    line("");
    line(level + " What became of every event");
    line("");
    line(
        "The trace has %s event lines: %s. Conversions by place: %s."
            .formatted(
                Units.count(model.trace().events()),
                pairs(model.trace().lines()),
                pairs(model.trace().conversions())));
    line("");
    if (!ran.isEmpty()) {
      head("event", ran);
      for (String event : ran.get(0).events().keySet()) {
        List<String> cells = new ArrayList<>(List.of(escape(event)));
        ran.forEach(s -> cells.add(Units.count(s.events().getOrDefault(event, 0L))));
        row(cells);
      }
      line("");
      line(level + " SEAMCALLs");
      line("");
      head("leaf", ran);
      for (String leaf :
          ran.stream().flatMap(s -> s.seamcalls().keySet().stream()).distinct().sorted().toList()) {
        List<String> cells = new ArrayList<>(List.of(escape(leaf)));
        ran.forEach(s -> cells.add(Units.count(s.seamcalls().getOrDefault(leaf, 0L))));
        row(cells);
      }
    }
  }

  private void failures(ReportModel model) {
    for (StrategyResult strategy : model.strategies()) {
      if (!strategy.failure().isEmpty()) {
        line("");
        line("**%s failed**: %s".formatted(escape(strategy.spec()), escape(strategy.failure())));
      }
    }
  }

  private void provenance(ReportModel model, String level) {
    Provenance provenance = model.provenance();
    line("");
    line(level + " Provenance");
    line("");
    line("- repeat: `" + escape(provenance.command()) + "`");
    line(
        "- trace: %s, sha256 `%s`"
            .formatted(escape(provenance.traceName()), provenance.traceSha256()));
    line("- machine: " + escape(pairs(provenance.machine())));
    line(
        "- overlap: %s; modelled caches: %s"
            .formatted(escape(provenance.overlap()), escape(provenance.caches())));
    for (ReportModel.SlotFacts slot : provenance.slots()) {
      line(
          "- memslot %d: 0x%s, %s, %s"
              .formatted(slot.id(), slot.gpa(), Units.bytes(slot.bytes()), escape(slot.purpose())));
    }
  }

  private static String pairs(Map<String, ?> values) {
    return values.entrySet().stream()
        .map(entry -> entry.getKey() + "=" + entry.getValue())
        .collect(Collectors.joining(", "));
  }

  private void versions() {
    line("");
    if (report.inputs().size() > 1) {
      line("Repeat all of it: `" + escape(report.command()) + "`");
      line("");
    }
    line(
        "broadsheet %s, trace format %d, metrics %d, %s"
            .formatted(
                escape(report.product()),
                report.traceFormat(),
                report.metricsVersion(),
                report.schema()));
  }

  private void head(String first, List<StrategyResult> ran) {
    List<String> names = new ArrayList<>(List.of(first));
    ran.forEach(s -> names.add(escape(s.spec())));
    row(names);
    line("|---" + "|---:".repeat(ran.size()) + "|");
  }

  private void row(List<String> cells) {
    line("| " + String.join(" | ", cells) + " |");
  }

  private void line(String line) {
    text.append(line).append('\n');
  }

  /** Keeps text from breaking out of a table or becoming HTML. */
  private static String escape(String raw) {
    return raw.replace("\\", "\\\\")
        .replace("|", "\\|")
        .replace("<", "&lt;")
        .replace("\r", " ")
        .replace("\n", " ");
  }
}
