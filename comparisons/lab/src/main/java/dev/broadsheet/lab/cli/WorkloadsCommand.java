package dev.broadsheet.lab.cli;

import static java.util.Objects.requireNonNull;

import dev.broadsheet.lab.trace.BundledTraces;
import java.io.PrintWriter;
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
    description = "List the recorded traces that come with the lab, or say all about one.")
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
      table.lines().forEach(out::println);
    } else {
      String what = BundledTraces.all().get(name);
      if (what == null) {
        throw new UsageException(
            "Unknown workload '%s'. Known: %s."
                .formatted(name, String.join(", ", BundledTraces.all().keySet())));
      }
      out.println(name + ": " + what);
      out.println();
      out.println("Recorded from a real guest. 'trace info " + name + "' reads it and says more;");
      out.println("'compare --trace " + name + "' runs it.");
    }
    out.flush();
    return 0;
  }
}
