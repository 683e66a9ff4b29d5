package dev.broadsheet.lab.report;

import dev.broadsheet.lab.report.AtomicOutput.Content;

/** A form in which a report is written. */
public enum ReportFormat {
  /** One self-contained page. */
  HTML("index.html"),
  /** Tables for a mail or a merge request. */
  MD("report.md"),
  /** One line per strategy and metric. */
  CSV("results.csv"),
  /** Everything, by the published schema. */
  JSON("results.json");

  private final String file;

  ReportFormat(String file) {
    this.file = file;
  }

  /** Returns the name of the file. */
  public String file() {
    return file;
  }

  /** Returns the file's content for a report. */
  public Content content(Report report) {
    return switch (this) {
      case HTML -> out -> HtmlReport.write(report, out);
      case MD -> out -> MarkdownReport.write(report, out);
      case CSV -> out -> CsvReport.write(report, out);
      case JSON -> out -> JsonReport.write(report, out);
    };
  }
}
