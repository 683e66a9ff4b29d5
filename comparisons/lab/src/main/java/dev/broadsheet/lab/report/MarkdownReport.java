package dev.broadsheet.lab.report;

import dev.broadsheet.lab.metrics.Metric;
import dev.broadsheet.lab.metrics.MetricGroup;
import dev.broadsheet.lab.report.ReportModel.Answer;
import dev.broadsheet.lab.report.ReportModel.Provenance;
import dev.broadsheet.lab.report.ReportModel.StrategyResult;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** {@code report.md}: verdict, all metrics by group, event accounting, provenance. */
final class MarkdownReport {
  private final ReportModel model;
  private final List<StrategyResult> ran;
  private final StringBuilder text = new StringBuilder();

  private MarkdownReport(ReportModel model) {
    this.model = model;
    this.ran = model.strategies().stream().filter(s -> s.failure().isEmpty()).toList();
  }

  static void write(ReportModel model, OutputStream out) throws IOException {
    out.write(new MarkdownReport(model).render().getBytes(StandardCharsets.UTF_8));
  }

  private String render() {
    line("# Broadsheet: " + escape(model.trace().name()));
    line("");
    for (String sentence : model.verdict()) {
      line("- " + escape(sentence));
    }
    line("");
    line("| for | choose | because | at the price of |");
    line("|---|---|---|---|");
    for (Answer answer : model.answers()) {
      line(
          "| %s | %s | %s | %s |"
              .formatted(
                  answer.question(),
                  escape(String.join(", ", answer.winners())),
                  answer.value(),
                  escape(answer.price())));
    }
    for (MetricGroup group : MetricGroup.values()) {
      group(group);
    }
    events();
    failures();
    provenance();
    return text.toString();
  }

  private void group(MetricGroup group) {
    line("");
    line("## " + group.title());
    line("");
    head("metric");
    for (Metric metric : model.metrics()) {
      if (metric.group() == group) {
        List<String> cells =
            new ArrayList<>(List.of("%s (%s)".formatted(metric.label(), metric.id())));
        ran.forEach(s -> cells.add(MetricText.of(metric, s.metric(metric.id()))));
        row(cells);
      }
    }
  }

  private void events() {
    line("");
    line("## What became of every event");
    line("");
    line(
        "The trace has %s event lines: %s. Conversions by place: %s."
            .formatted(
                Units.count(model.trace().events()),
                model.trace().lines(),
                model.trace().conversions()));
    line("");
    if (!ran.isEmpty()) {
      head("event");
      for (String event : ran.get(0).events().keySet()) {
        List<String> cells = new ArrayList<>(List.of(escape(event)));
        ran.forEach(s -> cells.add(Units.count(s.events().getOrDefault(event, 0L))));
        row(cells);
      }
      line("");
      line("## SEAMCALLs");
      line("");
      head("leaf");
      for (String leaf :
          ran.stream().flatMap(s -> s.seamcalls().keySet().stream()).distinct().sorted().toList()) {
        List<String> cells = new ArrayList<>(List.of(escape(leaf)));
        ran.forEach(s -> cells.add(Units.count(s.seamcalls().getOrDefault(leaf, 0L))));
        row(cells);
      }
    }
  }

  private void failures() {
    for (StrategyResult strategy : model.strategies()) {
      if (!strategy.failure().isEmpty()) {
        line("");
        line("**%s failed**: %s".formatted(escape(strategy.spec()), escape(strategy.failure())));
      }
    }
  }

  private void provenance() {
    Provenance provenance = model.provenance();
    line("");
    line("## Provenance");
    line("");
    line("- repeat: `" + escape(provenance.command()) + "`");
    line(
        "- trace: %s, sha256 `%s`"
            .formatted(escape(provenance.traceName()), provenance.traceSha256()));
    line(
        "- broadsheet %s, trace format %d, metrics %d, %s"
            .formatted(
                provenance.product(),
                provenance.traceFormat(),
                provenance.metricsVersion(),
                model.schema()));
    line("- machine: " + escape(provenance.machine().toString()));
    for (ReportModel.SlotFacts slot : provenance.slots()) {
      line(
          "- memslot %d: 0x%s, %s, %s"
              .formatted(slot.id(), slot.gpa(), Units.bytes(slot.bytes()), escape(slot.purpose())));
    }
  }

  private void head(String first) {
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
