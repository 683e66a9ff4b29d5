package dev.broadsheet.api.support;

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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A context of memory alone, all of whose pages are shared at first; notes which blocks turn. */
final class HeapContext implements TrackerContext {
  final HeapMemory memory = new HeapMemory();
  final List<String> told = new ArrayList<>();

  @Override
  public KernelMemory memory() {
    return memory;
  }

  @Override
  public int initialAttributes() {
    return 0;
  }

  @Override
  public Transitions transitions() {
    return new Transitions() {
      @Override
      public void becameMixed(long gfn, PageLevel level) {
        told.add("%s 0x%x mixed".formatted(level.label(), gfn));
      }

      @Override
      public void becameUniform(long gfn, PageLevel level, int attributes) {
        told.add("%s 0x%x uniform %d".formatted(level.label(), gfn, attributes));
      }
    };
  }

  @Override
  public void defer(Runnable action) {
    memory.deferred.add(action);
  }

  @Override
  public Geometry geometry() {
    return Geometry.standard();
  }

  @Override
  public LpageInfo lpageInfo() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Optional<PageTables> pageTables() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Frames frames() {
    throw new UnsupportedOperationException();
  }

  @Override
  public PageAttributeTracker create(String spec) {
    throw new UnsupportedOperationException();
  }

  @Override
  public OptionValues options() {
    throw new UnsupportedOperationException();
  }
}
