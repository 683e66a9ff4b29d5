package dev.broadsheet.lab.trace.importer;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;

/**
 * What an import found in its files.
 *
 * @param lines lines read in all
 * @param used lines by name of the event that were understood
 * @param unused lines by name of events that say nothing about a guest's memory
 * @param malformed lines that could not be understood
 * @param problems the first of them
 * @param lost notes of the log that events were lost
 * @param untimed events of files without times, left out because there are several files
 * @param memoryFrom how the guest's memory was found
 */
public record ImportReport(
    long lines,
    ImmutableMap<String, Long> used,
    ImmutableMap<String, Long> unused,
    long malformed,
    ImmutableList<Problem> problems,
    long lost,
    long untimed,
    String memoryFrom) {
  /** A line that could not be understood. */
  public record Problem(String file, long line, String text) {
    @Override
    public String toString() {
      return "%s:%d: %s".formatted(file, line, text);
    }
  }
}
