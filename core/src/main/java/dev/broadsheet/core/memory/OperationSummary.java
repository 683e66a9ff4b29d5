package dev.broadsheet.core.memory;

import java.util.SortedMap;

/**
 * What all operations of one kind did.
 *
 * @param kind its name
 * @param count number of operations that ended
 * @param total all groups together
 * @param groups by group, the groups that are registered, zeroes included
 * @param tallies per tally how often it was counted in one operation, zeroes included
 */
public record OperationSummary(
    String kind,
    long count,
    AccessCounts total,
    SortedMap<String, AccessCounts> groups,
    SortedMap<String, Spread> tallies) {
  /**
   * Returns what one group did.
   *
   * @throws IllegalArgumentException if no group of that name is registered
   */
  public AccessCounts group(String name) {
    AccessCounts counts = groups.get(name);
    if (counts == null) {
      throw new IllegalArgumentException(
          "Unknown access group '" + name + "'. Known: " + groups.keySet());
    }
    return counts;
  }
}
