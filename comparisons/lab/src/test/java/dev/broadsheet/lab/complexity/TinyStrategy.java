package dev.broadsheet.lab.complexity;

import dev.broadsheet.api.Conversion;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.OneStepConversion;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.PageType;
import dev.broadsheet.api.StrategyDescription;
import dev.broadsheet.api.StrategyOption;
import dev.broadsheet.api.TrackerContext;
import dev.broadsheet.api.TrackingStrategy;
import java.util.List;
import java.util.Set;

/** A strategy whose branches can be counted by hand; it tracks nothing. */
final class TinyStrategy implements TrackingStrategy {
  @Override
  public String id() {
    return "tiny";
  }

  @Override
  public StrategyDescription description() {
    return new StrategyDescription("", "", "", Set.of(), Set.of(), PageAttributes.PRIVATE);
  }

  @Override
  public List<StrategyOption> options() {
    return List.of();
  }

  @Override
  public PageAttributeTracker create(TrackerContext context) {
    return new Tracker();
  }

  /** What both the look-up and the conversion use: one branch. */
  private static final class Shared {
    static int sign(long gfn) {
      return gfn > 0 ? 1 : 0;
    }

    /** Nobody calls it: in no count. */
    static int unused(long gfn) {
      return gfn > 0 ? gfn > 1 ? 2 : 1 : 0;
    }
  }

  private static final class Tracker implements PageAttributeTracker {
    @Override
    public int defaultAttributes() {
      return PageAttributes.SHARED;
    }

    @Override
    public int attributes(long gfn) {
      return Shared.sign(gfn);
    }

    @Override
    public PageType type(long gfn, PageLevel level) {
      return PageType.SHARED;
    }

    /** Two cases and, in the lambda, one branch; with the shared one four in all. */
    @Override
    public Conversion prepare(GfnRange range, int attributes) {
      switch (attributes) {
        case 1 -> {
          return OneStepConversion.unchanged();
        }
        case 1000 -> {
          Shared.sign(3);
          return OneStepConversion.unchanged();
        }
        default -> {
          Runnable step =
              () -> {
                if (range.start() > 5) {
                  Shared.sign(4);
                }
              };
          step.run();
          return OneStepConversion.unchanged();
        }
      }
    }

    @Override
    public void memslotAdded(Memslot slot) {}

    @Override
    public void memslotRemoved(Memslot slot) {}

    /** The laboratory's: in no sum. */
    @Override
    public void audit() {
      if (Shared.unused(3) > 1) {
        throw new IllegalStateException();
      }
    }

    @Override
    public void close() {}
  }
}
