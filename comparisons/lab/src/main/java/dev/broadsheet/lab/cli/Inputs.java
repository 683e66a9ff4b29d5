package dev.broadsheet.lab.cli;

import dev.broadsheet.core.strategy.StrategyRegistry;
import dev.broadsheet.lab.trace.BundledTraces;
import dev.broadsheet.lab.trace.Trace;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Finds what the user names. */
final class Inputs {
  private Inputs() {}

  /**
   * Returns the strategies of the program and those of a folder of JARs.
   *
   * @throws UsageException if the folder is none
   */
  static StrategyRegistry registry(@Nullable Path plugins) {
    if (plugins == null) {
      return StrategyRegistry.load();
    }
    if (!Files.isDirectory(plugins)) {
      throw new UsageException(
          "No folder '%s' for --plugins; give one that holds JARs.".formatted(plugins));
    }
    return StrategyRegistry.loadWithPlugins(plugins);
  }

  /**
   * Returns the trace of a name or path.
   *
   * @throws UsageException if there is none; the message lists the bundled ones
   */
  static Trace trace(String nameOrPath) {
    try {
      return BundledTraces.find(nameOrPath);
    } catch (NoSuchFileException | InvalidPathException e) {
      throw new UsageException(
          "No trace '%s': neither a file nor a bundled trace. Bundled: %s."
              .formatted(nameOrPath, String.join(", ", BundledTraces.all().keySet())),
          e);
    }
  }
}
