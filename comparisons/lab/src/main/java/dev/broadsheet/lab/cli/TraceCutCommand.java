package dev.broadsheet.lab.cli;

import static java.util.Objects.requireNonNull;

import dev.broadsheet.lab.report.AtomicOutput;
import dev.broadsheet.lab.trace.TraceCut;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes the beginning of a trace as a trace. */
@Command(
    name = "cut",
    mixinStandardHelpOptions = true,
    description = "Write the beginning of a trace as a trace of its own.")
final class TraceCutCommand implements Callable<Integer> {
  @Parameters(
      index = "0",
      paramLabel = "TRACE",
      description = "Name of a bundled trace, or a file.")
  private String trace = "";

  @Parameters(index = "1", paramLabel = "OUT", description = "The file to write, in gzip.")
  private Path out = Path.of("");

  @Option(names = "--events", paramLabel = "N", description = "Keep at most this many events.")
  private long events = Long.MAX_VALUE;

  @Option(
      names = "--until",
      paramLabel = "MARK",
      description = "Keep everything up to the first mark of this name.")
  private String until = "";

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if (events < 1) {
      throw new UsageException("--events " + events + " keeps nothing; give 1 or more.");
    }
    TraceCut cut = new TraceCut(Inputs.trace(trace), events, until);
    long[] kept = new long[1];
    AtomicOutput.file(out, stream -> kept[0] = cut.writeTo(stream));
    requireNonNull(spec, "picocli sets it")
        .commandLine()
        .getOut()
        .println("%,d events in %s".formatted(kept[0], out));
    return 0;
  }
}
