package dev.broadsheet.core.strategy;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import dev.broadsheet.api.OptionValues;
import dev.broadsheet.api.StrategyDescription;
import dev.broadsheet.api.StrategyOption;
import dev.broadsheet.api.StrategySpec;
import dev.broadsheet.api.TrackingStrategy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * All strategies that can be run, by id and alias: those that {@code ServiceLoader} finds, and
 * those of a folder of plug-in JARs.
 *
 * <p>Loading is strict (rule R1): duplicate or malformed ids and aliases, duplicate option names
 * and providers that throw end in a {@link StrategyLoadException} that names the class and its JAR.
 * Immutable and safe for use from many threads.
 */
public final class StrategyRegistry {
  private static final Pattern KEBAB_CASE = Pattern.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*");

  private final ImmutableSortedMap<String, TrackingStrategy> byId;
  private final ImmutableSortedMap<String, TrackingStrategy> byAlias;

  private StrategyRegistry(
      Map<String, TrackingStrategy> byId, Map<String, TrackingStrategy> byAlias) {
    this.byId = ImmutableSortedMap.copyOf(byId);
    this.byAlias = ImmutableSortedMap.copyOf(byAlias);
  }

  /** Returns the strategies that the class path or module path provides. */
  public static StrategyRegistry load() {
    return of(fromLoader(ServiceLoader.load(TrackingStrategy.class)));
  }

  /**
   * Returns the strategies of the class path and those of every JAR in a folder.
   *
   * @throws StrategyLoadException if the folder cannot be read, a JAR holds no provider or was
   *     built for another major version of the SPI
   */
  public static StrategyRegistry loadWithPlugins(Path folder) {
    List<TrackingStrategy> found =
        new ArrayList<>(fromLoader(ServiceLoader.load(TrackingStrategy.class)));
    found.addAll(PluginJars.load(folder));
    return of(found);
  }

  /**
   * Returns a registry of the given strategies alone.
   *
   * @throws StrategyLoadException if ids, aliases or options are malformed or given twice
   */
  public static StrategyRegistry of(Iterable<? extends TrackingStrategy> strategies) {
    Map<String, TrackingStrategy> byId = new TreeMap<>();
    Map<String, TrackingStrategy> byAlias = new TreeMap<>();
    for (TrackingStrategy strategy : strategies) {
      String id = checkedId(strategy);
      TrackingStrategy other = byId.putIfAbsent(id, strategy);
      if (other != null) {
        throw new StrategyLoadException(
            "Two strategies have the id '%s': %s and %s. Remove one of the two JARs."
                .formatted(id, describe(other.getClass()), describe(strategy.getClass())));
      }
      checkOptions(strategy);
    }
    for (TrackingStrategy strategy : byId.values()) {
      for (String alias : checkedDescription(strategy).aliases()) {
        TrackingStrategy other = byAlias.put(alias, strategy);
        if (other == null) {
          other = byId.get(alias);
        }
        if (other != null && other != strategy) {
          throw new StrategyLoadException(
              "The alias '%s' of %s is taken by %s. Choose another alias."
                  .formatted(alias, describe(strategy.getClass()), describe(other.getClass())));
        }
      }
    }
    return new StrategyRegistry(byId, byAlias);
  }

  static List<TrackingStrategy> fromLoader(ServiceLoader<TrackingStrategy> loader) {
    List<TrackingStrategy> found = new ArrayList<>();
    Iterator<ServiceLoader.Provider<TrackingStrategy>> providers = loader.stream().iterator();
    try {
      while (providers.hasNext()) {
        found.add(providers.next().get());
      }
    } catch (ServiceConfigurationError error) {
      throw new StrategyLoadException(
          "A strategy cannot be loaded: %s. Mend its constructor or remove its JAR."
              .formatted(rootMessage(error)),
          error);
    }
    return found;
  }

  private static String rootMessage(Throwable error) {
    Throwable cause = error.getCause();
    return cause == null
        ? String.valueOf(error.getMessage())
        : error.getMessage() + " (" + cause + ")";
  }

  private static String checkedId(TrackingStrategy strategy) {
    String id;
    try {
      id = strategy.id();
    } catch (RuntimeException e) {
      throw new StrategyLoadException(
          "id() of %s throws %s. An id is a constant.".formatted(describe(strategy.getClass()), e),
          e);
    }
    if (id == null || !KEBAB_CASE.matcher(id).matches()) {
      throw new StrategyLoadException(
          "'%s' is no id: %s. An id is kebab case, such as xarray-lpage-info."
              .formatted(id, describe(strategy.getClass())));
    }
    return id;
  }

  private static StrategyDescription checkedDescription(TrackingStrategy strategy) {
    try {
      StrategyDescription description = strategy.description();
      if (description != null) {
        return description;
      }
    } catch (RuntimeException e) {
      throw new StrategyLoadException(
          "description() of %s throws %s. A description is a constant."
              .formatted(describe(strategy.getClass()), e),
          e);
    }
    throw new StrategyLoadException(
        "description() of %s is null. Give a StrategyDescription."
            .formatted(describe(strategy.getClass())));
  }

  private static void checkOptions(TrackingStrategy strategy) {
    Set<String> names = new HashSet<>();
    for (StrategyOption option : strategy.options()) {
      if (!KEBAB_CASE.matcher(option.name()).matches() || !names.add(option.name())) {
        throw new StrategyLoadException(
            "Option '%s' of %s is malformed or declared twice. Names are kebab case and unique."
                .formatted(option.name(), describe(strategy.getClass())));
      }
    }
  }

  /** Returns the class and where it was loaded from, for messages. */
  static String describe(Class<?> type) {
    var source = type.getProtectionDomain().getCodeSource();
    return source == null
        ? type.getName()
        : type.getName() + " in " + Path.of(source.getLocation().getPath()).getFileName();
  }

  /** Returns all strategies, sorted by id. */
  public ImmutableList<TrackingStrategy> all() {
    return byId.values().asList();
  }

  /**
   * Returns the strategy with an id or alias.
   *
   * @throws IllegalArgumentException if there is none; the message lists the known ids
   */
  public TrackingStrategy find(String idOrAlias) {
    TrackingStrategy strategy = byId.get(idOrAlias);
    if (strategy == null) {
      strategy = byAlias.get(idOrAlias);
    }
    if (strategy == null) {
      throw new IllegalArgumentException(
          "Unknown strategy '%s'. Known: %s."
              .formatted(idOrAlias, String.join(", ", byId.keySet())));
    }
    return strategy;
  }

  /**
   * Reads a spec such as {@code A}, {@code xarray-lpage-info} or {@code
   * memslot-array[encoding=packed]}.
   *
   * @throws IllegalArgumentException if it is malformed, or the strategy, an option or a value is
   *     unknown; the message lists the known ones
   */
  public ConfiguredStrategy configure(String spec) {
    StrategySpec parsed = StrategySpec.parse(spec);
    TrackingStrategy strategy = find(parsed.id());
    return new ConfiguredStrategy(
        strategy,
        OptionValues.of(strategy.id(), strategy.options(), parsed.options()),
        new StrategySpec(strategy.id(), parsed.options()));
  }
}
