package dev.broadsheet.lab.trace;

/** What kind of guest a trace was recorded from. */
public enum GuestKind {
  /** A TDX guest: private and shared pages, accepts, conversions. */
  TD("td"),
  /** An ordinary guest: one kind of page, accesses and discards only. */
  VM("vm");

  private final String label;

  GuestKind(String label) {
    this.label = label;
  }

  /** Returns the word in the header. */
  public String label() {
    return label;
  }
}
