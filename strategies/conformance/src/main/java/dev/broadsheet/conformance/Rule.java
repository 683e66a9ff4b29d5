package dev.broadsheet.conformance;

/** The twelve rules of {@code api/CONTRACT.md}, by number. */
public enum Rule {
  /** Ids and options are constants. */
  R1("ids and options are constant, unique and complete", true),
  /** The truth. */
  R2("a conversion changes its range and nothing else", true),
  /** No wrong large page. */
  R3("no effective level covers two attributes", true),
  /** No large page missed. */
  R4("uniform blocks are allowed large", false),
  /** Nothing to do is nothing done. */
  R5("converting to what holds changes nothing", true),
  /** Partitions. */
  R6("a conversion and its partitions end alike", true),
  /** Words of others. */
  R7("only own large-page words and reasons are touched", true),
  /** Failures. */
  R8("failed, rejected and cancelled calls leave all as before", true),
  /** Overlap. */
  R9("overlapping reads see old or new and end", true),
  /** Where state lives. */
  R10("all state is kernel memory", true),
  /** Giving back. */
  R11("memory is given back", true),
  /** Determinism. */
  R12("same calls, same answers, same work", true);

  private final String title;
  private final boolean must;

  Rule(String title, boolean must) {
    this.title = title;
    this.must = must;
  }

  /** Returns the rule in a few words. */
  public String title() {
    return title;
  }

  /** Returns whether the rule is a must; R4 is a should that is counted. */
  public boolean isMust() {
    return must;
  }
}
