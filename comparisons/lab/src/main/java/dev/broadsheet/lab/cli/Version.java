package dev.broadsheet.lab.cli;

import dev.broadsheet.lab.metrics.MetricCatalog;
import dev.broadsheet.lab.report.Report;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints. */
public final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    return new String[] {
      "broadsheet " + Report.productVersion(),
      "trace format 1, metrics %d, results %d"
          .formatted(MetricCatalog.VERSION, Report.SCHEMA_VERSION)
    };
  }
}
