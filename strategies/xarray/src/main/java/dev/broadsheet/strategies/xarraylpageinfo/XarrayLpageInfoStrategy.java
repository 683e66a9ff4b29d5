package dev.broadsheet.strategies.xarraylpageinfo;

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

/** Option D: an xarray, and counters in lpage_info. See the package page. */
@AutoService(TrackingStrategy.class)
public final class XarrayLpageInfoStrategy implements TrackingStrategy {
  static final StrategyOption STORE =
      StrategyOption.choice(
          "store",
          "One entry per 4K page, or one for each aligned run of slots of a node.",
          "page",
          "range");

  /** Creates the provider. */
  public XarrayLpageInfoStrategy() {}

  @Override
  public String id() {
    return "xarray-lpage-info";
  }

  @Override
  public StrategyDescription description() {
    return new StrategyDescription(
        "Xarray with lpage_info counters",
        "An xarray of what differs from the default; mixed blocks are counted in lpage_info.",
        "Xiaoyao Li, 14 Jul 2022, Re: [PATCH v7 000/102] KVM TDX basic feature support, option D",
        Set.of("D"),
        Set.of(),
        PageAttributes.PRIVATE);
  }

  @Override
  public List<StrategyOption> options() {
    return List.of(AttributeXArray.ABSENT, STORE);
  }

  @Override
  public PageAttributeTracker create(TrackerContext context) {
    return new XarrayLpageInfoTracker(context);
  }
}
