package dev.broadsheet.core.strategy;

import dev.broadsheet.api.Frames;
import dev.broadsheet.api.Geometry;
import dev.broadsheet.api.LpageInfo;
import dev.broadsheet.api.OptionValues;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.PageTables;
import dev.broadsheet.api.TrackerContext;
import dev.broadsheet.api.Transitions;
import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.core.memory.Rcu;
import dev.broadsheet.core.memslot.LpageInfoWords;
import dev.broadsheet.core.memslot.Memslots;
import java.util.Optional;
import java.util.function.Function;

/**
 * What a tracker gets where there is no virtual machine around it: kernel memory, memslots, page
 * tables in which nothing is mapped, and no host frames.
 *
 * @param memory where all state comes from
 * @param rcu whose grace periods {@link #defer} waits for; the same as the memory's
 * @param slots the slots behind {@link #lpageInfo()}
 * @param lpageInfo the slots' large-page words
 * @param initialAttributes what a gfn has that was never converted
 * @param transitions who is told when blocks become mixed or uniform
 * @param geometry sizes of the machine
 * @param strategies turns a spec into a strategy with its options, as {@link
 *     StrategyRegistry#configure} does
 * @param options the options of this tracker's strategy
 * @param pageTables tables that carry state and map nothing; they cost nothing until they are used
 */
public record StandaloneContext(
    KernelMemory memory,
    Rcu rcu,
    Memslots slots,
    LpageInfo lpageInfo,
    int initialAttributes,
    Transitions transitions,
    Geometry geometry,
    Function<String, ConfiguredStrategy> strategies,
    OptionValues options,
    Optional<PageTables> pageTables)
    implements TrackerContext {
  /** Tells nobody about transitions. */
  public static final Transitions NO_TRANSITIONS =
      new Transitions() {
        @Override
        public void becameMixed(long gfn, PageLevel level) {}

        @Override
        public void becameUniform(long gfn, PageLevel level, int attributes) {}
      };

  private static final Frames NO_FRAMES =
      new Frames() {
        @Override
        public long count() {
          return 0;
        }

        @Override
        public long pfn(long gfn) {
          return NONE;
        }

        @Override
        public int folioOrder(long gfn) {
          return 0;
        }
      };

  /** Creates a context with page tables of its own: two trees, as for a confidential machine. */
  public StandaloneContext(
      KernelMemory memory,
      Rcu rcu,
      Memslots slots,
      LpageInfo lpageInfo,
      int initialAttributes,
      Transitions transitions,
      Geometry geometry,
      Function<String, ConfiguredStrategy> strategies,
      OptionValues options) {
    this(
        memory,
        rcu,
        slots,
        lpageInfo,
        initialAttributes,
        transitions,
        geometry,
        strategies,
        options,
        Optional.of(
            new StandalonePageTables(
                memory,
                geometry.rootLevel(),
                /* twoTrees= */ true,
                StandalonePageTables.FREE_BITS)));
  }

  /** Returns a context for a strategy over slots of its own, with standard sizes. */
  public static StandaloneContext of(
      KernelMemory memory,
      Rcu rcu,
      Memslots slots,
      int initialAttributes,
      Function<String, ConfiguredStrategy> strategies,
      ConfiguredStrategy strategy) {
    return new StandaloneContext(
        memory,
        rcu,
        slots,
        new LpageInfoWords(slots),
        initialAttributes,
        NO_TRANSITIONS,
        Geometry.standard(),
        strategies,
        strategy.options());
  }

  /** Returns the same context for another strategy. */
  public StandaloneContext withOptions(OptionValues others) {
    return new StandaloneContext(
        memory,
        rcu,
        slots,
        lpageInfo,
        initialAttributes,
        transitions,
        geometry,
        strategies,
        others,
        pageTables);
  }

  @Override
  public Frames frames() {
    return NO_FRAMES;
  }

  @Override
  public void defer(Runnable action) {
    rcu.call(action);
  }

  @Override
  public PageAttributeTracker create(String spec) {
    ConfiguredStrategy other = strategies.apply(spec);
    return other.strategy().create(withOptions(other.options()));
  }
}
