package dev.broadsheet.lab.cli;

import static java.util.Objects.requireNonNull;

import dev.broadsheet.lab.report.AtomicOutput;
import dev.broadsheet.lab.trace.EventCounts;
import dev.broadsheet.lab.trace.EventKind;
import dev.broadsheet.lab.trace.Trace;
import dev.broadsheet.lab.trace.TraceWriter;
import dev.broadsheet.lab.workload.Workloads;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes the events of a workload into a file. */
@Command(
    name = "generate",
    mixinStandardHelpOptions = true,
    description = "Write a workload's events as a trace.")
final class TraceGenerateCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "WORKLOAD",
      description = "Such as boot-td-4g or W6[ram=4g,align=off-by-one,seed=7].")
  private String workload = "";

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "The file to write; in gzip if its name ends in .gz.")
  private Path out = Path.of("");

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    Trace trace = Workloads.parse(workload);
    requireNonNull(spec, "picocli sets it").commandLine().getOut().println(write(trace, out));
    return 0;
  }

  /** Writes a trace and says in one line how many events there are. */
  static String write(Trace trace, Path out) throws IOException {
    EventCounts[] counts = new EventCounts[1];
    boolean packed = out.toString().endsWith(".gz");
    AtomicOutput.file(out, stream -> counts[0] = TraceWriter.copy(trace, stream, packed));
    StringBuilder text = new StringBuilder();
    long sum = 0;
    for (Map.Entry<EventKind, Long> entry : counts[0].toMap().entrySet()) {
      sum += entry.getValue();
      if (entry.getValue() > 0) {
        text.append(", %,d %s".formatted(entry.getValue(), entry.getKey().plural()));
      }
    }
    return "%,d events in %s%s".formatted(sum, out, text);
  }
}
