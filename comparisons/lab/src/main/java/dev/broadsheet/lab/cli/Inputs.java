package dev.broadsheet.lab.cli;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.api.StrategySpec;
import dev.broadsheet.core.strategy.ConfiguredStrategy;
import dev.broadsheet.core.strategy.StrategyRegistry;
import dev.broadsheet.lab.runner.Comparison;
import dev.broadsheet.lab.trace.BundledTraces;
import dev.broadsheet.lab.trace.Trace;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
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

  /**
   * Returns the strategies of a list, or all.
   *
   * @throws UsageException if there is none, or one is named twice
   */
  static ImmutableList<ConfiguredStrategy> strategies(
      @Nullable String list, StrategyRegistry registry) {
    if (registry.all().isEmpty()) {
      throw new UsageException(
          "No strategy is on the class path; build the whole project, or give --plugins.");
    }
    if (list == null) {
      return Comparison.all(registry);
    }
    if (list.isBlank()) {
      throw new UsageException(
          "No strategy in --strategies ''; name one or more, or leave the option out for all.");
    }
    List<ConfiguredStrategy> chosen = new ArrayList<>();
    for (String text : StrategySpec.splitList(list)) {
      ConfiguredStrategy strategy = registry.configure(text);
      if (chosen.stream().anyMatch(other -> other.toString().equals(strategy.toString()))) {
        throw new UsageException(
            "Strategy '%s' is named twice in --strategies; name it once.".formatted(strategy));
      }
      chosen.add(strategy);
    }
    return ImmutableList.copyOf(chosen);
  }

  /**
   * Returns the formats of a list, in the order of their type.
   *
   * @throws UsageException if there is none such; the message lists the known
   */
  static <F extends Enum<F>> Set<F> formats(String list, Class<F> type) {
    Set<F> formats = EnumSet.noneOf(type);
    for (String name : list.split(",", -1)) {
      try {
        formats.add(Enum.valueOf(type, name.strip().toUpperCase(Locale.ROOT)));
      } catch (IllegalArgumentException e) {
        throw new UsageException(
            "Unknown format '%s' in --format. Known: %s."
                .formatted(
                    name,
                    EnumSet.allOf(type).stream()
                        .map(format -> format.name().toLowerCase(Locale.ROOT))
                        .collect(Collectors.joining(", "))),
            e);
      }
    }
    return formats;
  }

  /** Returns a word as a shell needs it. */
  static String quoted(String word) {
    return word.matches("[A-Za-z0-9_./,=:+-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
