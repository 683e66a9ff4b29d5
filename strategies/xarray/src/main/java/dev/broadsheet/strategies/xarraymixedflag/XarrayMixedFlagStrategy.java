package dev.broadsheet.strategies.xarraymixedflag;

import com.google.auto.service.AutoService;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.StrategyDescription;
import dev.broadsheet.api.StrategyOption;
import dev.broadsheet.api.TrackerContext;
import dev.broadsheet.api.TrackingStrategy;
import dev.broadsheet.strategies.xarray.AttributeXArray;
import java.util.List;
import java.util.Set;

/** What Linux merged: an xarray of pages and a mixed flag in lpage_info. See the package page. */
@AutoService(TrackingStrategy.class)
public final class XarrayMixedFlagStrategy implements TrackingStrategy {
  static final StrategyOption WALK =
      StrategyOption.choice(
          "walk",
          "How a range is stored: one descent per run of pages in a node, or one per page as Linux does.",
          "cursor",
          "index");

  static final StrategyOption DEFECT =
      StrategyOption.choice(
          "defect",
          "For testing the tests: slot-end writes the word of a block that ends behind its slot.",
          "none",
          "slot-end");

  /** Creates the provider. */
  public XarrayMixedFlagStrategy() {}

  @Override
  public String id() {
    return "xarray-mixed-flag";
  }

  @Override
  public StrategyDescription description() {
    return new StrategyDescription(
        "Xarray with mixed flag",
        "An xarray entry per 4K page, and bit 31 of the large-page words for mixed blocks.",
        "merged in Linux 6.8; Chao Peng, Sean Christopherson, KVM_SET_MEMORY_ATTRIBUTES",
        Set.of(),
        Set.of(),
        PageAttributes.PRIVATE);
  }

  @Override
  public List<StrategyOption> options() {
    return List.of(AttributeXArray.ABSENT, WALK, DEFECT);
  }

  @Override
  public PageAttributeTracker create(TrackerContext context) {
    return new XarrayMixedFlagTracker(context);
  }
}
