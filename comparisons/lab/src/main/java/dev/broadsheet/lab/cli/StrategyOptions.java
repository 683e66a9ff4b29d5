package dev.broadsheet.lab.cli;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.core.strategy.ConfiguredStrategy;
import dev.broadsheet.core.strategy.StrategyRegistry;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which strategies a command runs, and where those that are not on the class path come from. */
final class StrategyOptions {
  @Option(
      names = "--strategies",
      paramLabel = "LIST",
      description = "Ids with options, such as A,memslot-array[encoding=packed] (default: all).")
  private @Nullable String strategies;

  @Option(names = "--plugins", paramLabel = "DIR", description = "Folder of plug-in JARs.")
  private @Nullable Path plugins;

  /** Returns all strategies that there are. */
  StrategyRegistry registry() {
    return Inputs.registry(plugins);
  }

  /** Returns whether some were named. */
  boolean areNamed() {
    return strategies != null;
  }

  /**
   * Returns those that were named, or all.
   *
   * @throws UsageException if there is none, or one is named twice
   */
  ImmutableList<ConfiguredStrategy> chosen(StrategyRegistry registry) {
    return Inputs.strategies(strategies, registry);
  }

  /** Adds to a command what repeats the choice. */
  void appendStrategies(StringBuilder command) {
    if (strategies != null) {
      command.append(" --strategies ").append(Inputs.quoted(strategies));
    }
  }

  /** Adds to a command what finds the plug-ins again. */
  void appendPlugins(StringBuilder command) {
    if (plugins != null) {
      command.append(" --plugins ").append(Inputs.quoted(plugins.toString()));
    }
  }
}
