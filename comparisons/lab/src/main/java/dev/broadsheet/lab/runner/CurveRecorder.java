package dev.broadsheet.lab.runner;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.core.memory.MemoryMeter;
import dev.broadsheet.core.vm.VirtualMachine;

/** Samples of a run at equal distances in events. */
final class CurveRecorder {
  private static final int SAMPLES = 240;

  private final VirtualMachine vm;
  private final MemoryMeter meter;
  private final Oracle oracle;
  private final Billing billing;
  private final long every;
  private final ImmutableList.Builder<Long> event = ImmutableList.builder();
  private final ImmutableList.Builder<Long> tracker = ImmutableList.builder();
  private final ImmutableList.Builder<Long> machine = ImmutableList.builder();
  private final ImmutableList.Builder<Long> small = ImmutableList.builder();
  private final ImmutableList.Builder<Long> large = ImmutableList.builder();
  private final ImmutableList.Builder<Long> huge = ImmutableList.builder();
  private final ImmutableList.Builder<Long> runs = ImmutableList.builder();
  private final ImmutableList.Builder<Long> allowed = ImmutableList.builder();
  private final ImmutableList.Builder<Long> allowedHuge = ImmutableList.builder();
  private final long[] allowedNow = new long[2];
  private long next;

  CurveRecorder(VirtualMachine vm, MemoryMeter meter, Oracle oracle, Billing billing, long events) {
    this.vm = vm;
    this.meter = meter;
    this.oracle = oracle;
    this.billing = billing;
    this.every = Math.max(1, events / SAMPLES);
  }

  /** Takes a sample if it is time for one. */
  void after(long events, boolean isLast) {
    if (events < next && !isLast) {
      return;
    }
    next = events - events % every + every;
    event.add(events);
    tracker.add(meter.groupFootprint(BilledStrategy.TRACKER).bytes());
    machine.add(meter.groupFootprint(BilledStrategy.MACHINE).bytes());
    small.add(leaves(1));
    large.add(leaves(2));
    huge.add(leaves(3));
    runs.add((long) oracle.truth().runs());
    billing.unbilled(
        () -> {
          allowedNow[0] = oracle.allowedBlocks(PageLevel.PG_LEVEL_2M);
          allowedNow[1] = oracle.allowedBlocks(PageLevel.PG_LEVEL_1G);
        });
    allowed.add(allowedNow[0]);
    allowedHuge.add(allowedNow[1]);
  }

  private long leaves(int level) {
    return vm.counters().leaves(false, level) + vm.counters().leaves(true, level);
  }

  /** Returns the columns by name. */
  ImmutableMap<String, ImmutableList<Long>> columns() {
    return ImmutableMap.of(
        "event", event.build(),
        "trackerBytes", tracker.build(),
        "machineBytes", machine.build(),
        "leaves4k", small.build(),
        "leaves2m", large.build(),
        "leaves1g", huge.build(),
        "runs", runs.build(),
        "allowed2m", allowed.build(),
        "allowed1g", allowedHuge.build());
  }
}
