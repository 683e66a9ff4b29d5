package dev.broadsheet.lab.cli;

import static java.util.Objects.requireNonNull;

import dev.broadsheet.api.TrackingStrategy;
import dev.broadsheet.core.strategy.StrategyRegistry;
import dev.broadsheet.lab.newstrategy.StrategyProject;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes a Maven project with a strategy that works, to begin one's own from. */
@Command(
    name = "new-strategy",
    mixinStandardHelpOptions = true,
    description = "Write a Maven project with a small working strategy, to begin one's own from.")
final class NewStrategyCommand implements Callable<Integer> {
  @Parameters(paramLabel = "NAME", description = "Id of the strategy, such as hot-pages.")
  private String name = "";

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "The project's folder, new or empty. Default: NAME.")
  private @Nullable Path out;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    StrategyProject project = new StrategyProject(name);
    requireNewId();
    Path folder = out == null ? Path.of(name) : out;
    project.write(folder);
    PrintWriter printer = requireNonNull(spec, "picocli sets it").commandLine().getOut();
    printer.println("wrote " + folder);
    project.files().keySet().forEach(file -> printer.println("  " + file));
    printer.println("next: read %s".formatted(folder.resolve("README.md")));
    printer.flush();
    return 0;
  }

  private void requireNewId() {
    for (TrackingStrategy known : StrategyRegistry.load().all()) {
      if (known.id().equals(name) || known.description().aliases().contains(name)) {
        throw new UsageException(
            "The name '%s' is taken by %s of this program; ids are unique, choose another."
                .formatted(name, known.id()));
      }
    }
  }
}
