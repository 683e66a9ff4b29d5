package templatepackage;

import dev.broadsheet.conformance.TrackingStrategyConformance;

/** The rules R1 to R12, a test for each. */
class TemplateConformanceTest extends TrackingStrategyConformance {
  @Override
  protected String strategy() {
    return "template-id";
  }
}
