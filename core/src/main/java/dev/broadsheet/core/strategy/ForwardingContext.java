package dev.broadsheet.core.strategy;

import dev.broadsheet.api.Frames;
import dev.broadsheet.api.Geometry;
import dev.broadsheet.api.LpageInfo;
import dev.broadsheet.api.OptionValues;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageTables;
import dev.broadsheet.api.TrackerContext;
import dev.broadsheet.api.Transitions;
import dev.broadsheet.api.memory.KernelMemory;
import java.util.Optional;

/**
 * A context that is another one but for what a subclass replaces: for whoever watches what a
 * tracker takes. As thread-safe as the other one.
 */
public class ForwardingContext implements TrackerContext {
  private final TrackerContext inner;

  /** Creates a context that is {@code inner}. */
  public ForwardingContext(TrackerContext inner) {
    this.inner = inner;
  }

  /** Returns the other context. */
  protected final TrackerContext inner() {
    return inner;
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
  public Optional<PageTables> pageTables() {
    return inner.pageTables();
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
