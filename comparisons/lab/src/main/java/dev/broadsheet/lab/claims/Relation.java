package dev.broadsheet.lab.claims;

/** How a measured value has to stand to another for a claim to hold. */
public enum Relation {
  /** Nothing at all. */
  ZERO("zero"),
  /** Something. */
  POSITIVE("more than zero"),
  /** Less than the other. */
  BELOW("less than"),
  /** No more than the other. */
  AT_MOST("at most"),
  /** More than the other. */
  ABOVE("more than"),
  /** No less than the other. */
  AT_LEAST("at least");

  private final String words;

  Relation(String words) {
    this.words = words;
  }

  /** Returns the relation in words. */
  public String words() {
    return words;
  }

  /** Returns whether it needs something to compare with. */
  boolean hasLimit() {
    return this != ZERO && this != POSITIVE;
  }

  /** Returns whether a value stands so to a limit; without a limit, to zero. */
  boolean holds(double value, double limit) {
    return switch (this) {
      case ZERO -> value == 0;
      case POSITIVE -> value > 0;
      case BELOW -> value < limit;
      case AT_MOST -> value <= limit;
      case ABOVE -> value > limit;
      case AT_LEAST -> value >= limit;
    };
  }
}
