package dev.broadsheet.conformance;

/**
 * What the kit says about one rule.
 *
 * @param rule which
 * @param result pass, fail, or not applicable
 * @param checks how many cases, schedules or values were looked at
 * @param misses for R4 the uniform blocks that were not allowed large; 0 for other rules
 * @param message one line: what was asked, expected and found; or why the rule does not apply
 * @param repeat hand it to {@link Conformance#repeat} to see the failure again; empty without one
 */
public record RuleVerdict(
    Rule rule, Result result, long checks, long misses, String message, String repeat) {
  /** The ways in which a rule ends. */
  public enum Result {
    /** The rule holds in all that was looked at. */
    PASS,
    /** The rule is broken. */
    FAIL,
    /** The rule could not be judged; the message says why. */
    NOT_APPLICABLE
  }

  static RuleVerdict pass(Rule rule, long checks, String message) {
    return new RuleVerdict(rule, Result.PASS, checks, 0, message, "");
  }

  static RuleVerdict fail(Rule rule, long checks, String message, String repeat) {
    return new RuleVerdict(rule, Result.FAIL, checks, 0, message, repeat);
  }

  static RuleVerdict notApplicable(Rule rule, String why) {
    return new RuleVerdict(rule, Result.NOT_APPLICABLE, 0, 0, why, "");
  }

  /** Returns whether the rule is broken. */
  public boolean failed() {
    return result == Result.FAIL;
  }

  /** Returns {@code R3 FAIL message}, and the repeat line if there is one. */
  @Override
  public String toString() {
    String text = rule + " " + result.name().replace('_', ' ') + " " + message;
    return repeat.isEmpty() ? text : text + System.lineSeparator() + "  repeat: " + repeat;
  }
}
