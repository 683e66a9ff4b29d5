package dev.broadsheet.strategies.xarray;

import dev.broadsheet.conformance.TransitionsConformance;
import java.util.List;

/** Which blocks are told of when they turn mixed or uniform. */
class TransitionsTest extends TransitionsConformance {
  @Override
  protected List<String> strategies() {
    return List.of(
        "xarray-lpage-info",
        "xarray-lpage-info[store=range]",
        "xarray-lpage-info[absent=shared]",
        "xarray-lpage-info[absent=private]",
        "xarray-mixed-flag");
  }
}
