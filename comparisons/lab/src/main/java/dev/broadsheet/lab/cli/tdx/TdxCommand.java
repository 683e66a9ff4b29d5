package dev.broadsheet.lab.cli.tdx;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Groups what can be asked of the TDX module model. */
@Command(
    name = "tdx",
    mixinStandardHelpOptions = true,
    description = "Ask the TDX module model: its tables as CSV, or a script of calls.",
    subcommands = {
      TdxStatusCommand.class,
      TdxLeavesCommand.class,
      TdxStatesCommand.class,
      TdxRunCommand.class
    })
public final class TdxCommand implements Runnable {
  @Spec private @Nullable CommandSpec spec;

  /** Created by picocli. */
  public TdxCommand() {}

  @Override
  public void run() {
    throw new ParameterException(
        requireNonNull(spec, "picocli sets it").commandLine(),
        "Missing what to ask of the TDX module: status, leaves, states or run");
  }
}
