package dev.broadsheet.benchmarks;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.core.vm.VirtualMachine;
import java.io.IOException;

/**
 * What the time of a replay is per fault and per converted page. How many of each there are depends
 * on the strategy, so one more replay counts them.
 */
final class ReplayRates {
  private static final String TD = "kind=tdx,folio=4k,shared-backing=4k";
  private static final double NANOS_PER_MICRO = 1000;

  private ReplayRates() {}

  /**
   * Returns the rates of a measured replay.
   *
   * @param target a replay over its floor, the accessed pages into two bare trees
   * @param trace name or file; empty for the boot trace
   */
  static ImmutableList<Observation> of(Target target, Measurements measurements, String trace)
      throws IOException {
    Quantity replay = target.over();
    Quantity floor = target.under().get(0);
    String strategy = replay.subject().params().getOrDefault("strategy", "reference");
    RecordedEvents events = RecordedEvents.read(trace.isEmpty() ? "td-boot-1g-1v" : trace);
    long faults = faults(events, strategy);
    double nanos = measurements.median(replay);
    double perFault = nanos / faults;
    double perInserts = measurements.median(floor) / events.accessedPages();
    return ImmutableList.of(
        Observation.atMost(
            target.id() + "-per-fault",
            strategy + ", time per fault / two bare radix inserts",
            4,
            perFault / perInserts,
            ""),
        Observation.watched(
            target.id() + "-faults",
            strategy + ", faults of the replay",
            NANOS_PER_MICRO / perFault,
            " million/s"),
        Observation.watched(
            target.id() + "-converted",
            strategy + ", converted pages of the replay",
            NANOS_PER_MICRO * events.convertedPages() / nanos,
            " million/s"));
  }

  private static long faults(RecordedEvents events, String strategy) {
    try (VirtualMachine machine = Machine.without(TD + ",vcpus=" + events.vcpus(), strategy)) {
      events.addSlots(machine);
      return events.replay(machine);
    }
  }
}
