package dev.broadsheet.lab.runner;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.core.memory.AccessGroup;
import dev.broadsheet.core.memory.EndedOperation;
import dev.broadsheet.core.memory.Tally;
import dev.broadsheet.lab.report.ReportModel.SizeRow;
import java.util.Map;
import java.util.TreeMap;

/** What MapGPA calls cost by their size, in classes of powers of two of pages. */
final class ConversionSizes {
  private final AccessGroup tracker;
  private final Tally allocation;
  private final Tally seamcall;
  private final Map<Integer, Sums> byClass = new TreeMap<>();
  private Sums call = new Sums();

  /** Sums over the calls of one class. */
  private static final class Sums {
    long calls;
    long pages;
    long trackerReferences;
    long trackerLines;
    long machineReferences;
    long allocations;
    long seamcalls;
    long zaps;

    void add(Sums other) {
      calls += other.calls;
      pages += other.pages;
      trackerReferences += other.trackerReferences;
      trackerLines += other.trackerLines;
      machineReferences += other.machineReferences;
      allocations += other.allocations;
      seamcalls += other.seamcalls;
      zaps += other.zaps;
    }
  }

  ConversionSizes(AccessGroup tracker, Tally allocation, Tally seamcall) {
    this.tracker = tracker;
    this.allocation = allocation;
    this.seamcall = seamcall;
  }

  /** A piece of the call that is under way ended. */
  void piece(EndedOperation ended) {
    call.trackerReferences += ended.references(tracker);
    call.trackerLines += ended.lines(tracker);
    call.machineReferences += ended.references() - ended.references(tracker);
    call.allocations += ended.tally(allocation);
    call.seamcalls += ended.tally(seamcall);
  }

  /** The call ended. */
  void called(long pages, long zaps) {
    call.calls = 1;
    call.pages = pages;
    call.zaps = zaps;
    int sizeClass = Long.SIZE - 1 - Long.numberOfLeadingZeros(Math.max(1, pages));
    byClass.computeIfAbsent(sizeClass, key -> new Sums()).add(call);
    call = new Sums();
  }

  ImmutableList<SizeRow> rows() {
    ImmutableList.Builder<SizeRow> rows = ImmutableList.builder();
    byClass.forEach(
        (sizeClass, sums) ->
            rows.add(
                new SizeRow(
                    1L << sizeClass,
                    sums.calls,
                    sums.pages,
                    sums.trackerReferences,
                    sums.trackerLines,
                    sums.machineReferences,
                    sums.allocations,
                    sums.seamcalls,
                    sums.zaps)));
    return rows.build();
  }
}
