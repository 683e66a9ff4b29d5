package dev.broadsheet.strategies.flatbitmap;

import dev.broadsheet.conformance.TransitionsConformance;
import java.util.List;

/** Which blocks are told of when they turn mixed or uniform. */
class TransitionsTest extends TransitionsConformance {
  @Override
  protected List<String> strategies() {
    return List.of("flat-bitmap");
  }
}
