package dev.broadsheet.core.vm;

import dev.broadsheet.api.Frames;
import dev.broadsheet.api.Geometry;
import dev.broadsheet.api.LpageInfo;
import dev.broadsheet.api.OptionValues;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageTables;
import dev.broadsheet.api.TrackerContext;
import dev.broadsheet.api.Transitions;
import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.core.memory.Rcu;
import dev.broadsheet.core.strategy.ConfiguredStrategy;
import java.util.Optional;
import java.util.function.Function;

/**
 * What a tracker sees of a virtual machine.
 *
 * @param memory where all its state comes from
 * @param rcu grace periods
 * @param initialAttributes what a gfn has that was never converted
 * @param lpageInfo the slots' large-page words
 * @param tables the page tables
 * @param frames host frames
 * @param transitions who is told when blocks become mixed or uniform
 * @param strategies turns a spec into a strategy
 * @param geometry sizes
 * @param options the tracker's options
 */
record VmContext(
    KernelMemory memory,
    Rcu rcu,
    int initialAttributes,
    LpageInfo lpageInfo,
    PageTables tables,
    Frames frames,
    Transitions transitions,
    Function<String, ConfiguredStrategy> strategies,
    Geometry geometry,
    OptionValues options)
    implements TrackerContext {
  @Override
  public Optional<PageTables> pageTables() {
    return Optional.of(tables);
  }

  @Override
  public void defer(Runnable action) {
    rcu.call(action);
  }

  @Override
  public PageAttributeTracker create(String spec) {
    ConfiguredStrategy other = strategies.apply(spec);
    return other
        .strategy()
        .create(
            new VmContext(
                memory,
                rcu,
                initialAttributes,
                lpageInfo,
                tables,
                frames,
                transitions,
                strategies,
                geometry,
                other.options()));
  }
}
