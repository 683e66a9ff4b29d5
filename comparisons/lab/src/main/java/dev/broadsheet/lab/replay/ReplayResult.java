package dev.broadsheet.lab.replay;

/**
 * What a replay came to.
 *
 * @param scripts number of scripts
 * @param steps number of operations
 * @param differences answers that are not those recorded
 * @param compared answers that were compared
 * @param notApplicable recorded answers that the strategy does not have
 */
public record ReplayResult(
    long scripts, long steps, long differences, long compared, long notApplicable) {
  /** Returns the last line of a checked replay. */
  public String summary() {
    return "%d scripts, %d steps, %d differences, %d answers compared, %d not applicable"
        .formatted(scripts, steps, differences, compared, notApplicable);
  }
}
