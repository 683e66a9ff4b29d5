package dev.broadsheet.strategies.bounds;

import com.google.auto.service.AutoService;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.StrategyDescription;
import dev.broadsheet.api.TrackerContext;
import dev.broadsheet.api.TrackingStrategy;
import java.util.Set;

/** The upper bound: sorted runs, every large page that can be. See the package page. */
@AutoService(TrackingStrategy.class)
public final class ReferenceStrategy implements TrackingStrategy {
  /** Creates the provider. */
  public ReferenceStrategy() {}

  @Override
  public String id() {
    return "reference";
  }

  @Override
  public StrategyDescription description() {
    return new StrategyDescription(
        "Reference",
        "Sorted runs of equal attributes; a level is allowed if one run covers its block.",
        "the simplest truth; upper bound of large pages",
        Set.of(),
        Set.of(),
        PageAttributes.PRIVATE);
  }

  @Override
  public PageAttributeTracker create(TrackerContext context) {
    return new RunsTracker(context, PageLevel.PG_LEVEL_1G);
  }
}
