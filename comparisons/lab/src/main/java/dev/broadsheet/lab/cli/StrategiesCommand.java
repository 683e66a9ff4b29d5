package dev.broadsheet.lab.cli;

import static java.util.Objects.requireNonNull;

import dev.broadsheet.api.StrategyDescription;
import dev.broadsheet.api.StrategyOption;
import dev.broadsheet.api.TrackingStrategy;
import dev.broadsheet.core.strategy.StrategyRegistry;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Lists the strategies, or says all about one. */
@Command(
    name = "strategies",
    mixinStandardHelpOptions = true,
    description = "List the strategies, or say all about one.")
final class StrategiesCommand implements Callable<Integer> {
  @Parameters(arity = "0..1", paramLabel = "NAME", description = "An id or alias.")
  private @Nullable String name;

  @Option(names = "--plugins", paramLabel = "DIR", description = "Folder of plug-in JARs.")
  private @Nullable Path plugins;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    StrategyRegistry registry = Inputs.registry(plugins);
    PrintWriter out = requireNonNull(spec, "picocli sets it").commandLine().getOut();
    if (name == null) {
      TextTable table = new TextTable("lll", "strategy", "also", "what it is");
      for (TrackingStrategy strategy : registry.all()) {
        StrategyDescription description = strategy.description();
        table.add(strategy.id(), aliases(description), description.sentence());
      }
      table.lines().forEach(out::println);
    } else {
      describe(out, registry.find(name));
    }
    out.flush();
    return 0;
  }

  private static String aliases(StrategyDescription description) {
    return String.join(", ", description.aliases().stream().sorted().toList());
  }

  private static void describe(PrintWriter out, TrackingStrategy strategy) {
    StrategyDescription description = strategy.description();
    out.println(strategy.id() + ": " + description.title());
    out.println();
    out.println(description.sentence());
    out.println();
    out.println("source   " + description.source());
    if (!description.aliases().isEmpty()) {
      out.println("also     " + aliases(description));
    }
    for (var trait : description.traits().stream().sorted().toList()) {
      out.println("trait    " + trait);
    }
    for (StrategyOption option : strategy.options()) {
      out.println(
          "option   %s=%s (default %s): %s"
              .formatted(
                  option.name(),
                  option.open() ? "TEXT" : String.join("|", option.values()),
                  option.defaultValue(),
                  option.sentence()));
    }
  }
}
