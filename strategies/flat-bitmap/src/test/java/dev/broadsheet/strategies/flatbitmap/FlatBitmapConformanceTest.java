package dev.broadsheet.strategies.flatbitmap;

import dev.broadsheet.conformance.TrackingStrategyConformance;

/** R1 to R12. */
class FlatBitmapConformanceTest extends TrackingStrategyConformance {
  @Override
  protected String strategy() {
    return "flat-bitmap";
  }
}
