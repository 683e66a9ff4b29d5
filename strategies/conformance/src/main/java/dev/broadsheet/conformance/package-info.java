/**
 * The rules of {@code api/CONTRACT.md} as verdicts, for strategies of this house and others.
 *
 * <pre>
 *   Conformance                  runs all rules on one strategy: a list of RuleVerdict
 *   TrackingStrategyConformance  the same as JUnit tests; one method to implement
 *   XxxRules                     one class per group of rules
 *   TestMachine                  slots, large-page words and kernel memory around one tracker
 *   Truth                        the naive truth beside it
 *   CaseGenerator, CaseShrinker  region-shaped operations, and the smallest case that still fails
 *   AssertingTracker             asserts both sides of the SPI
 * </pre>
 *
 * <p>Everything is seeded: the same settings give the same verdicts, and the last part of a verdict
 * repeats its case.
 */
@NullMarked
package dev.broadsheet.conformance;

import org.jspecify.annotations.NullMarked;
