/**
 * The rules of {@code api/CONTRACT.md} as verdicts, for strategies of this house and others.
 *
 * <pre>
 *   Conformance                  runs all rules on one strategy: a list of RuleVerdict
 *   TrackingStrategyConformance  the same as JUnit tests; one method to implement
 *   TransitionsConformance       pins what a tracker tells of blocks that turn, for those that tell
 *   XxxRules                     one class per group of rules
 *   Surroundings                 where it is judged: alone, in page tables, under the whole machine
 *   TestMachine                  slots, large-page words and kernel memory around one tracker
 *   WholeMachine                 a virtual machine around one tracker, with a guest that faults
 *   Truth                        the naive truth beside either
 *   CaseGenerator, CaseShrinker  region-shaped operations, and the smallest case that still fails
 *   ToldTransitions              what a tracker tells of blocks that turned, against what became of them
 *   GuestShape                   guests for which the bytes of a strategy are measured
 *   AssertingTracker             asserts both sides of the SPI
 * </pre>
 *
 * <p>Everything is seeded: the same settings give the same verdicts, and the last part of a verdict
 * repeats its case.
 */
@NullMarked
package dev.broadsheet.conformance;

import org.jspecify.annotations.NullMarked;
