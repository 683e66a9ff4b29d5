package dev.broadsheet.lab.trace.importer;

import com.google.common.collect.ImmutableList;

/**
 * How logs are imported.
 *
 * @param name name of the trace in its header
 * @param strict whether a malformed line or a lost event ends the import
 * @param ramBytes RAM of the guest in QEMU's q35 layout; 0 to learn the memory from the logs
 * @param hostRanges host addresses of guest memory, beside those that QEMU's log tells
 * @param shiftNanos what is added to the times of each file, in order; missing ones are 0
 * @param deriveConversions whether an access that contradicts the last conversion is preceded by a
 *     conversion of its page; otherwise it is left out
 * @param deriveAccepts whether the first private access to a page is preceded by its accept
 */
public record ImportOptions(
    String name,
    boolean strict,
    long ramBytes,
    ImmutableList<HostRange> hostRanges,
    ImmutableList<Long> shiftNanos,
    boolean deriveConversions,
    boolean deriveAccepts) {
  /** Guest memory at a host address. */
  public record HostRange(long hva, long gpa, long bytes) {}

  /** Returns what holds if nothing is said. */
  public static ImportOptions defaults(String name) {
    return new ImportOptions(name, false, 0, ImmutableList.of(), ImmutableList.of(), false, false);
  }
}
