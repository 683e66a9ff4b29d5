package dev.broadsheet.lab.cli;

import static java.util.Objects.requireNonNull;

import dev.broadsheet.core.strategy.StrategyRegistry;
import dev.broadsheet.lab.replay.Replay;
import dev.broadsheet.lab.replay.ReplayResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs operation scripts and prints the answers, or compares them with those recorded. */
@Command(
    name = "replay",
    mixinStandardHelpOptions = true,
    description = {
      "Run operation scripts (vec 1, or recordings of a real KVM; plain or gzip) and print each"
          + " answer, or compare it with the one recorded.",
      "Exit status 1 if an answer differs."
    })
final class ReplayCommand implements Callable<Integer> {
  /** What Linux merged: has every answer of the scripts. */
  private static final String DEFAULT_STRATEGY = "xarray-mixed-flag";

  @Option(names = "--check", description = "Compare instead of printing.")
  private boolean check;

  @Option(
      names = "--strategy",
      paramLabel = "ID",
      defaultValue = DEFAULT_STRATEGY,
      description = "Who answers; id[option=value,...]. Default: ${DEFAULT-VALUE}.")
  private String strategy = DEFAULT_STRATEGY;

  @Option(names = "--plugins", paramLabel = "DIR", description = "Folder of plug-in JARs.")
  private @Nullable Path plugins;

  @Parameters(arity = "1..*", paramLabel = "FILE", description = "Scripts.")
  private List<Path> files = List.of();

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    StrategyRegistry registry = Inputs.registry(plugins);
    for (Path file : files) {
      if (Files.isDirectory(file)) {
        throw new UsageException("'%s' is a folder; give script files.".formatted(file));
      }
    }
    Replay replay =
        new Replay(
            registry,
            registry.configure(strategy),
            requireNonNull(spec, "picocli sets it").commandLine().getOut(),
            check);
    ReplayResult result = replay.run(files);
    return check && result.differences() > 0 ? Errors.CHECK_FAILED : 0;
  }
}
