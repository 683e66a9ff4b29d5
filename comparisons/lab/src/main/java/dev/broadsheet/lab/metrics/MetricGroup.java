package dev.broadsheet.lab.metrics;

/** The groups of metrics, in the order of reports. */
public enum MetricGroup {
  /** Bytes of the modelled kernel. */
  MEMORY("memory", "Memory"),
  /** What a page fault touches. */
  FAULT("fault", "Faults"),
  /** What a change of attributes costs. */
  CONVERSION("conversion", "Conversions"),
  /** Which large pages are left. */
  LARGE_PAGES("large", "Large pages"),
  /** Work done under locks. */
  LOCKS("locks", "Locks"),
  /** Calls of the TDX module. */
  TDX("tdx", "TDX module"),
  /** What the cost model makes of the counts. */
  TIME("time", "Modelled times"),
  /** What a design costs those who write and maintain it; no trace changes it. */
  DESIGN("design", "Cost of the design"),
  /** Whether the answers were right. */
  CHECK("check", "Checks");

  private final String id;
  private final String title;

  MetricGroup(String id, String title) {
    this.id = id;
    this.title = title;
  }

  /** Returns the first word of the ids of the group. */
  public String id() {
    return id;
  }

  /** Returns the heading in reports. */
  public String title() {
    return title;
  }
}
