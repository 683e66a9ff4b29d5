package dev.broadsheet.conformance;

import dev.broadsheet.api.Geometry;
import dev.broadsheet.api.LpageInfo;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.StrategyDescription;
import dev.broadsheet.api.StrategyTrait;
import dev.broadsheet.api.TrackerContext;
import dev.broadsheet.api.TrackingStrategy;
import dev.broadsheet.api.Transitions;
import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.core.memory.Rcu;
import dev.broadsheet.core.memslot.Memslots;
import dev.broadsheet.core.strategy.ConfiguredStrategy;
import dev.broadsheet.core.strategy.StandaloneContext;
import dev.broadsheet.core.strategy.StrategyRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * The strategy under test: its provider, its options, the other strategies that it may create, and
 * what surrounds its trackers.
 *
 * @param configured the strategy with its options
 * @param strategies turns a spec into a strategy, for wrappers
 * @param surroundings adds to the context of a standalone tracker what the strategy needs, such as
 *     page tables
 */
public record Subject(
    ConfiguredStrategy configured,
    Function<String, ConfiguredStrategy> strategies,
    UnaryOperator<TrackerContext> surroundings) {

  /** Returns a strategy of a registry, with the options of the spec, standing alone. */
  public static Subject of(StrategyRegistry registry, String spec) {
    return new Subject(registry.configure(spec), registry::configure, UnaryOperator.identity());
  }

  /**
   * Returns a strategy with its default options, which need not be registered, standing alone
   * beside those of the class path.
   */
  public static Subject of(TrackingStrategy strategy) {
    List<TrackingStrategy> all = new ArrayList<>();
    all.add(strategy);
    for (TrackingStrategy other : StrategyRegistry.load().all()) {
      if (!other.id().equals(strategy.id())) {
        all.add(other);
      }
    }
    return of(StrategyRegistry.of(all), strategy.id());
  }

  /** Returns the same strategy in other surroundings. */
  public Subject in(UnaryOperator<TrackerContext> others) {
    return new Subject(configured, strategies, others);
  }

  /** Returns the same strategy with other options. */
  Subject with(ConfiguredStrategy other) {
    return new Subject(other, strategies, surroundings);
  }

  StrategyDescription description() {
    return configured.strategy().description();
  }

  boolean has(StrategyTrait trait) {
    return description().has(trait);
  }

  TrackerContext context(
      KernelMemory memory,
      Rcu rcu,
      Memslots slots,
      LpageInfo lpageInfo,
      Transitions transitions,
      int initialAttributes) {
    return surroundings.apply(
        new StandaloneContext(
            memory,
            rcu,
            slots,
            lpageInfo,
            initialAttributes,
            transitions,
            Geometry.standard(),
            strategies,
            configured.options()));
  }

  PageAttributeTracker create(TrackerContext context) {
    return configured.strategy().create(context);
  }

  /** Returns the strategy as reports name it. */
  @Override
  public String toString() {
    return configured.toString();
  }
}
