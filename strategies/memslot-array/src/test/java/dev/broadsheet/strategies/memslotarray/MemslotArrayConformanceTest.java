package dev.broadsheet.strategies.memslotarray;

import dev.broadsheet.conformance.Settings;
import dev.broadsheet.conformance.TrackingStrategyConformance;
import org.junit.jupiter.api.Nested;

/** R1 to R12 for every encoding. */
class MemslotArrayConformanceTest {
  @Nested
  class Enumerated extends TrackingStrategyConformance {
    @Override
    protected String strategy() {
      return "memslot-array";
    }
  }

  @Nested
  class Bytes extends TrackingStrategyConformance {
    @Override
    protected String strategy() {
      return "memslot-array[encoding=byte]";
    }

    @Override
    protected Settings settings() {
      return Settings.quick();
    }
  }

  @Nested
  class Packed extends TrackingStrategyConformance {
    @Override
    protected String strategy() {
      return "memslot-array[encoding=packed]";
    }
  }
}
