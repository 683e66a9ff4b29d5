package dev.broadsheet.strategies.bounds;

import com.google.auto.service.AutoService;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.StrategyDescription;
import dev.broadsheet.api.StrategyTrait;
import dev.broadsheet.api.TrackerContext;
import dev.broadsheet.api.TrackingStrategy;
import java.util.Set;

/** The lower bound: the same truth, and never a large page. See the package page. */
@AutoService(TrackingStrategy.class)
public final class SmallPagesOnlyStrategy implements TrackingStrategy {
  /** Creates the provider. */
  public SmallPagesOnlyStrategy() {}

  @Override
  public String id() {
    return "small-pages-only";
  }

  @Override
  public StrategyDescription description() {
    return new StrategyDescription(
        "Small pages only",
        "The runs of the reference; no large page is ever allowed.",
        "what TDX in Linux maps without huge page support; lower bound of large pages",
        Set.of(),
        Set.of(StrategyTrait.POLICY_SMALL_ONLY),
        PageAttributes.PRIVATE);
  }

  @Override
  public PageAttributeTracker create(TrackerContext context) {
    return new RunsTracker(context, PageLevel.PG_LEVEL_4K);
  }
}
