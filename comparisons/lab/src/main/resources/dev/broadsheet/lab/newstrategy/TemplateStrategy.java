package templatepackage;

import com.google.auto.service.AutoService;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.StrategyDescription;
import dev.broadsheet.api.StrategyOption;
import dev.broadsheet.api.TrackerContext;
import dev.broadsheet.api.TrackingStrategy;
import java.util.List;
import java.util.Set;

/** What Broadsheet finds in this JAR: the strategy's name and how to create a tracker. */
@AutoService(TrackingStrategy.class)
public final class TemplateStrategy implements TrackingStrategy {
  @Override
  public String id() {
    return "template-id";
  }

  @Override
  public StrategyDescription description() {
    return new StrategyDescription(
        "Sorted runs",
        "Sorted runs of equal attributes in one array; a level is allowed if one run covers its block.",
        "Written by broadsheet new-strategy, to be replaced",
        /* aliases= */ Set.of(),
        /* traits= */ Set.of(),
        PageAttributes.PRIVATE);
  }

  @Override
  public List<StrategyOption> options() {
    return List.of();
  }

  @Override
  public PageAttributeTracker create(TrackerContext context) {
    return new TemplateTracker(context);
  }
}
