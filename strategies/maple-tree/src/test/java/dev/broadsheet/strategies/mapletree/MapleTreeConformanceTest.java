package dev.broadsheet.strategies.mapletree;

import dev.broadsheet.conformance.TrackingStrategyConformance;

/** R1 to R12. */
class MapleTreeConformanceTest extends TrackingStrategyConformance {
  @Override
  protected String strategy() {
    return "maple-tree";
  }
}
