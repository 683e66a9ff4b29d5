package dev.broadsheet.api;

import java.util.List;

/**
 * A design for tracking which guest pages are private, shared or mixed: what {@code ServiceLoader}
 * finds.
 *
 * <p>An implementation is public, has a public constructor without parameters, keeps no state, and
 * is registered with {@code @AutoService(TrackingStrategy.class)} (and {@code provides} in a named
 * module). Listing, describing and configuring strategies never needs a virtual machine (R1), so
 * {@link #id()}, {@link #description()} and {@link #options()} answer constants and cannot fail.
 *
 * <p>Safe for use from many threads.
 */
public interface TrackingStrategy {
  /**
   * Returns the name under which plans, files and reports know this strategy (R1).
   *
   * <p>Kebab case ({@code [a-z][a-z0-9]*(-[a-z0-9]+)*}), unique among all strategies, and
   * permanent: an id that was published is never given to another design.
   */
  String id();

  /** Returns title, one sentence, source, aliases, traits and attribute bits. */
  StrategyDescription description();

  /** Returns the knobs of this strategy in the order in which they are shown; none by default. */
  default List<StrategyOption> options() {
    return List.of();
  }

  /**
   * Creates the state for one virtual machine, with no memslots yet.
   *
   * <p>Software bits and header words of {@link PageTables} are reserved here, before any table
   * exists.
   *
   * @param context all that the tracker may touch; its {@link TrackerContext#options()} hold a
   *     value for every declared option
   * @throws dev.broadsheet.api.memory.KernelOutOfMemoryException if there is no memory; nothing is
   *     left allocated then
   * @throws UnmetRequirementException if the context lacks what this strategy needs, such as page
   *     tables or a free software bit; the message says what
   */
  PageAttributeTracker create(TrackerContext context);
}
