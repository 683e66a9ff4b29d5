package dev.broadsheet.conformance;

import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.StrategyDescription;
import dev.broadsheet.api.StrategyOption;
import dev.broadsheet.api.TrackerContext;
import dev.broadsheet.api.TrackingStrategy;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A small strategy that keeps all rules, or breaks one on purpose. */
final class SampleStrategy implements TrackingStrategy {
  private static final StrategyOption MODE =
      StrategyOption.choice("mode", "There is no difference.", "one", "other");

  private final @Nullable Defect defect;
  private final AtomicLong asked = new AtomicLong();
  private final AtomicInteger created = new AtomicInteger();

  SampleStrategy(@Nullable Defect defect) {
    this.defect = defect;
  }

  @Override
  public String id() {
    return "sample";
  }

  @Override
  public StrategyDescription description() {
    String title =
        defect == Defect.UNSTABLE_DESCRIPTION ? "Sample " + asked.incrementAndGet() : "Sample";
    return new StrategyDescription(
        title,
        "A list of runs, copied at each change.",
        "This kit.",
        Set.of(),
        Set.of(),
        PageAttributes.PRIVATE);
  }

  @Override
  public List<StrategyOption> options() {
    return List.of(MODE);
  }

  @Override
  public PageAttributeTracker create(TrackerContext context) {
    if (defect == Defect.REFUSES_OPTION && context.options().get(MODE).equals("other")) {
      throw new IllegalArgumentException("no such mode");
    }
    return new SampleTracker(context, defect, created.incrementAndGet() & 63);
  }
}
