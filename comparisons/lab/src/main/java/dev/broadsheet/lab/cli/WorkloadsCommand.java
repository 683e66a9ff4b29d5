package dev.broadsheet.lab.cli;

import static java.util.Objects.requireNonNull;

import dev.broadsheet.lab.trace.BundledTraces;
import dev.broadsheet.lab.workload.Parameter;
import dev.broadsheet.lab.workload.PublishedFigure;
import dev.broadsheet.lab.workload.Workload;
import dev.broadsheet.lab.workload.Workloads;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Lists what a comparison can run, or says all about one. */
@Command(
    name = "workloads",
    mixinStandardHelpOptions = true,
    description =
        "List what a comparison can run: recorded traces and generators; or say all about one.")
final class WorkloadsCommand implements Callable<Integer> {
  @Parameters(arity = "0..1", paramLabel = "NAME", description = "Name of a workload.")
  private @Nullable String name;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = requireNonNull(spec, "picocli sets it").commandLine().getOut();
    if (name == null) {
      TextTable table = new TextTable("lll", "workload", "kind", "what happens");
      BundledTraces.all().forEach((trace, what) -> table.add(trace, "recorded", what));
      for (Workload workload : Workloads.list()) {
        table.add(workload.id(), workload.isPreset() ? "preset" : "pattern", workload.title());
      }
      table.lines().forEach(out::println);
    } else if (BundledTraces.all().containsKey(name)) {
      out.println(name + ": " + BundledTraces.all().get(name));
      out.println();
      out.println("Recorded from a real guest. 'trace info " + name + "' reads it and says more;");
      out.println("'compare --trace " + name + "' runs it.");
    } else {
      print(out, find(name));
    }
    out.flush();
    return 0;
  }

  private static Workload find(String name) {
    try {
      return Workloads.find(name);
    } catch (IllegalArgumentException unknown) {
      throw new UsageException(
          "%s Recorded: %s."
              .formatted(unknown.getMessage(), String.join(", ", BundledTraces.all().keySet())),
          unknown);
    }
  }

  private static void print(PrintWriter out, Workload workload) {
    out.println(workload.id() + " (" + workload.name() + "): " + workload.title());
    out.println();
    out.println(workload.sentence());
    out.println();
    out.println("From        " + workload.basis());
    out.println("Events      " + workload.mapping());
    if (!workload.limits().isEmpty()) {
      out.println("Not shown   " + workload.limits());
    }
    out.println();
    TextTable table =
        new TextTable("lllll", "parameter", "default", "allowed", "what it is", "default from");
    for (Parameter parameter : workload.parameters()) {
      table.add(
          parameter.name(),
          parameter.defaultText(),
          parameter.kind() == Parameter.Kind.COUNT
              ? parameter.range() + " " + parameter.unit()
              : parameter.range(),
          parameter.sentence(),
          parameter.basis());
    }
    table.add("seed", "1", "any whole number", "Where random places and orders begin.", "");
    table.lines().forEach(out::println);
    if (!workload.calibration().isEmpty()) {
      out.println();
      for (PublishedFigure figure : workload.calibration()) {
        out.println(
            "%-10s %s: %s. %s."
                .formatted(
                    figure.role().name().toLowerCase(Locale.ROOT),
                    figure.what(),
                    figure.published(),
                    figure.note()));
      }
    }
    out.println();
    out.println("Run it:     compare --workload " + workload.create().title());
    out.println("Write it:   trace generate " + workload.id() + " --out FILE.gz");
  }
}
