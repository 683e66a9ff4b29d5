/**
 * Seeded trials of a tracker against a naive truth: region-shaped conversions, slots that come and
 * go, memory that runs dry at each allocation in turn.
 *
 * <p>{@link dev.broadsheet.conformance.trial.StrategyTrial} is the way in. A failure names the seed
 * and the step; the same seed does the same.
 */
@NullMarked
package dev.broadsheet.conformance.trial;

import org.jspecify.annotations.NullMarked;
