package dev.broadsheet.conformance;

import java.util.List;

/** Some rules that are looked at together. Stateless. */
interface RuleGroup {
  /** Returns the rules, in order. */
  List<Rule> rules();

  /** Judges one of the rules. */
  RuleVerdict judge(Rule rule, Subject subject, Settings settings);

  /**
   * Judges one of the rules on one case again.
   *
   * @param what what a verdict of this group said behind the rule
   * @throws IllegalArgumentException if the text is not understood
   */
  RuleVerdict repeat(Rule rule, Subject subject, String what);
}
