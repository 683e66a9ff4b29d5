package dev.broadsheet.lab.cli;

import static java.util.Objects.requireNonNull;

import dev.broadsheet.lab.metrics.Metric;
import dev.broadsheet.lab.metrics.MetricCatalog;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Lists the metrics, or says all about one. */
@Command(
    name = "metrics",
    mixinStandardHelpOptions = true,
    description = "List the metrics, or say all about one.")
final class MetricsCommand implements Callable<Integer> {
  @Parameters(arity = "0..1", paramLabel = "ID", description = "Id of a metric.")
  private @Nullable String id;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = requireNonNull(spec, "picocli sets it").commandLine().getOut();
    if (id == null) {
      TextTable table = new TextTable("llll", "metric", "unit", "better", "what it is");
      for (Metric metric : MetricCatalog.all()) {
        table.add(metric.id(), metric.unit(), better(metric), metric.label());
      }
      table.lines().forEach(out::println);
    } else {
      Metric metric = MetricCatalog.find(id);
      out.println(metric.id() + ": " + metric.label());
      out.println();
      out.println(metric.sentence());
      out.println();
      out.println("unit     " + metric.unit());
      out.println("better   " + better(metric));
      out.println("group    " + metric.group().title());
    }
    out.flush();
    return 0;
  }

  private static String better(Metric metric) {
    return metric.direction().name().toLowerCase(Locale.ROOT);
  }
}
