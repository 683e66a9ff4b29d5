package dev.broadsheet.core.memory;

import java.util.SortedMap;

/**
 * What was done while the locks of one label were held.
 *
 * @param label the locks' label
 * @param acquisitions how often one was taken
 * @param referencesPerHold memory references between taking and releasing it
 * @param tallies per tally how often it was counted in one hold, zeroes included
 */
public record LockSummary(
    String label, long acquisitions, Spread referencesPerHold, SortedMap<String, Spread> tallies) {}
