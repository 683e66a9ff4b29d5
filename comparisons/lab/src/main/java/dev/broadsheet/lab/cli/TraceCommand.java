package dev.broadsheet.lab.cli;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Groups what can be done with traces. */
@Command(
    name = "trace",
    mixinStandardHelpOptions = true,
    description = "Look at, shorten, generate and import traces.",
    subcommands = {
      TraceInfoCommand.class,
      TraceCutCommand.class,
      TraceGenerateCommand.class,
      TraceImportCommand.class
    })
final class TraceCommand implements Runnable {
  @Spec private @Nullable CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        requireNonNull(spec, "picocli sets it").commandLine(),
        "Missing what to do with a trace: info, cut, generate or import");
  }
}
