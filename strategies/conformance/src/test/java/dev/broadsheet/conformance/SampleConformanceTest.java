package dev.broadsheet.conformance;

/** The JUnit adapter, on the sound sample. */
class SampleConformanceTest extends TrackingStrategyConformance {
  @Override
  protected String strategy() {
    return "sample";
  }

  @Override
  protected Subject subject() {
    return Subject.of(new SampleStrategy(null));
  }

  @Override
  protected Settings settings() {
    return Settings.quick().withSeed(2);
  }
}
