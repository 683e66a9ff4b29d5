package dev.broadsheet.conformance.trial;

import dev.broadsheet.api.Frames;
import dev.broadsheet.api.Geometry;
import dev.broadsheet.api.LpageInfo;
import dev.broadsheet.api.OptionValues;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageTables;
import dev.broadsheet.api.TrackerContext;
import dev.broadsheet.api.Transitions;
import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.core.strategy.StandalonePageTables;
import java.util.Optional;

/** A context with page tables put beside another one. */
final class TableContext implements TrackerContext {
  private final TrackerContext inner;
  private final StandalonePageTables tables;

  TableContext(TrackerContext inner, boolean twoTrees) {
    this.inner = inner;
    this.tables =
        new StandalonePageTables(
            inner.memory(), inner.geometry().rootLevel(), twoTrees, StandalonePageTables.FREE_BITS);
  }

  @Override
  public Optional<PageTables> pageTables() {
    return Optional.of(tables);
  }

  @Override
  public KernelMemory memory() {
    return inner.memory();
  }

  @Override
  public int initialAttributes() {
    return inner.initialAttributes();
  }

  @Override
  public LpageInfo lpageInfo() {
    return inner.lpageInfo();
  }

  @Override
  public Frames frames() {
    return inner.frames();
  }

  @Override
  public Transitions transitions() {
    return inner.transitions();
  }

  @Override
  public void defer(Runnable action) {
    inner.defer(action);
  }

  @Override
  public PageAttributeTracker create(String spec) {
    return inner.create(spec);
  }

  @Override
  public Geometry geometry() {
    return inner.geometry();
  }

  @Override
  public OptionValues options() {
    return inner.options();
  }
}
