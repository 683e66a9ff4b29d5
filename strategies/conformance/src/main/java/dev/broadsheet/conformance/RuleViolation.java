package dev.broadsheet.conformance;

import java.io.Serial;

/** A rule that was found broken; the message says what was asked, expected and found. */
public final class RuleViolation extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private final Rule rule;

  /** Reports a broken rule. */
  public RuleViolation(Rule rule, String message) {
    super(message);
    this.rule = rule;
  }

  RuleViolation(Rule rule, String message, Throwable cause) {
    super(message, cause);
    this.rule = rule;
  }

  /** Returns the rule. */
  public Rule rule() {
    return rule;
  }
}
