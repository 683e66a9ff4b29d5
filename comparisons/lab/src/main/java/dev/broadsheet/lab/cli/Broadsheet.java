package dev.broadsheet.lab.cli;

import static java.util.Objects.requireNonNull;

import dev.broadsheet.lab.cli.tdx.TdxCommand;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The root of the command line: {@code comparisons/broadsheet}. */
@Command(
    name = "broadsheet",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    description = "The laboratory for large-page tracking in confidential virtual machines.",
    footer = {
      "",
      "Begin with: broadsheet compare",
      "Exit status: 0; 1 a rule, audit, comparison or check failed; 2 wrong use or bad input."
    })
public final class Broadsheet implements Runnable {
  /** The commands, in the order in which help lists them. */
  private static final List<Class<?>> COMMANDS =
      List.of(
          CompareCommand.class,
          AskCommand.class,
          StrategiesCommand.class,
          WorkloadsCommand.class,
          MetricsCommand.class,
          ClaimsCommand.class,
          CalibrateCommand.class,
          ReplayCommand.class,
          VerifyCommand.class,
          NewStrategyCommand.class,
          TraceCommand.class,
          TdxCommand.class,
          CommandLine.HelpCommand.class);

  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "Print stack traces of errors.")
  private boolean debug;

  @Spec private @Nullable CommandSpec spec;

  private Broadsheet() {}

  /** Runs the program and exits with its status. */
  public static void main(String[] args) {
    System.exit(run(args));
  }

  /** Runs a command line and returns the exit status, for tests and other programs. */
  public static int run(String... args) {
    CommandLine commandLine = commandLine();
    int status;
    try {
      status = commandLine.execute(args);
    } catch (OutOfMemoryError e) {
      commandLine.getErr().println("broadsheet: " + outOfMemory());
      return Errors.WRONG_USE;
    }
    // Both: the writer flushes into System.out, which keeps its errors to itself.
    if (commandLine.getOut().checkError() || System.out.checkError()) {
      commandLine
          .getErr()
          .println("broadsheet: standard output cannot be written (closed, or a full disk).");
      return status == 0 ? Errors.WRONG_USE : status;
    }
    return status;
  }

  private static String outOfMemory() {
    return "the heap of %d MiB is full; set JAVA_OPTS=-Xmx8g or so, or give less to do."
        .formatted(Runtime.getRuntime().maxMemory() >>> 20);
  }

  static CommandLine commandLine() {
    CommandLine commandLine = new CommandLine(new Broadsheet());
    for (Class<?> command : COMMANDS) {
      commandLine.addSubcommand(command);
    }
    Errors errors = new Errors();
    return commandLine
        .setParameterExceptionHandler(errors)
        .setExecutionExceptionHandler(errors)
        .setExitCodeExceptionMapper(Errors::exitCode)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpAutoWidth(true);
  }

  boolean debug() {
    return debug;
  }

  @Override
  public void run() {
    CommandLine self = requireNonNull(spec, "picocli sets it").commandLine();
    self.usage(self.getOut());
  }
}
