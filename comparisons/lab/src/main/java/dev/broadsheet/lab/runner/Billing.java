package dev.broadsheet.lab.runner;

import com.google.common.collect.ImmutableMap;
import dev.broadsheet.core.memory.EndedOperation;
import dev.broadsheet.core.memory.MemoryMeter;
import dev.broadsheet.core.memory.OperationKind;
import dev.broadsheet.core.memory.Tally;
import dev.broadsheet.core.tdx.SeamcallLeaf;
import dev.broadsheet.core.vm.OperationHook;
import dev.broadsheet.core.vm.TdObserver;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;

/**
 * Tells the meter which operation of the machine memory references belong to, and books SEAMCALLs
 * and kicks by operation.
 */
final class Billing implements OperationHook, TdObserver {
  static final String FAULT = "fault";
  static final String CONVERT = "convert";
  static final String SLOT = "slot";
  static final String ACCEPT = "accept";

  /** Faults by which user space adds pages before a TD runs. */
  static final String BUILD = "build";

  /** The runner's own questions; in no report. */
  static final String CHECK = "check";

  /** Name of the tally of SEAMCALLs. */
  static final String SEAMCALL = "seamcall";

  /** Name of the tally of kicks. */
  static final String KICK = "kick";

  private final MemoryMeter meter;
  private final OperationKind fault;
  private final OperationKind convert;
  private final OperationKind slot;
  private final OperationKind accept;
  private final OperationKind build;
  private final OperationKind check;
  private final Tally seamcall;
  private final Tally kick;

  /** Names of the operations that are open, the innermost first. */
  private final Deque<String> open = new ArrayDeque<>();

  private final Map<String, Map<SeamcallLeaf, Long>> seamcalls = new LinkedHashMap<>();
  private final Map<String, Long> flushes = new LinkedHashMap<>();
  private LongSupplier flushCounter = () -> 0;
  private long flushesSeen;
  private boolean isBuilding;
  private BiConsumer<String, EndedOperation> listener = (kind, ended) -> {};

  Billing(MemoryMeter meter) {
    this.meter = meter;
    this.fault = meter.operation(FAULT);
    this.convert = meter.operation(CONVERT);
    this.slot = meter.operation(SLOT);
    this.accept = meter.operation(ACCEPT);
    this.build = meter.operation(BUILD);
    this.check = meter.operation(CHECK);
    this.seamcall = meter.tally(SEAMCALL);
    this.kick = meter.tally(KICK);
    open.push(MemoryMeter.OUTSIDE);
  }

  /** Sets who sees each operation when it has ended. */
  void listen(BiConsumer<String, EndedOperation> newListener) {
    listener = newListener;
  }

  /** Sets what counts the flushes of all TLBs, where they are no kicks. */
  void countFlushes(LongSupplier counter) {
    flushCounter = counter;
  }

  /** Books the flushes since the last change of operations on the one that made them. */
  private void bookFlushes() {
    long now = flushCounter.getAsLong();
    if (now != flushesSeen) {
      flushes.merge(open.element(), now - flushesSeen, Long::sum);
      flushesSeen = now;
    }
  }

  /** Returns the flushes that were made within a kind of operation. */
  long flushes(String kind) {
    bookFlushes();
    return flushes.getOrDefault(kind, 0L);
  }

  Tally seamcallTally() {
    return seamcall;
  }

  private OperationKind kind(Kind begun) {
    return switch (begun) {
      case FAULT -> isBuilding ? build : fault;
      case CONVERT -> convert;
      case SLOT -> slot;
      case ACCEPT -> accept;
    };
  }

  @Override
  public void begin(Kind begun) {
    bookFlushes();
    OperationKind operation = kind(begun);
    open.push(operation.name());
    meter.beginOperation(operation);
  }

  @Override
  public void end(Kind ended) {
    bookFlushes();
    meter.endOperation();
    listener.accept(open.pop(), meter.ended());
  }

  @Override
  public void called(SeamcallLeaf leaf) {
    meter.count(seamcall, 1);
    seamcalls
        .computeIfAbsent(open.element(), kind -> new EnumMap<>(SeamcallLeaf.class))
        .merge(leaf, 1L, Long::sum);
  }

  @Override
  public void kicked() {
    meter.count(kick, 1);
  }

  /** Bills faults in an action as the building of a TD. */
  void building(Runnable action) {
    isBuilding = true;
    try {
      action.run();
    } finally {
      isBuilding = false;
    }
  }

  /** Runs the runner's own questions without billing them to the machine. */
  void unbilled(Runnable questions) {
    meter.beginOperation(check);
    meter.pauseCaches(true);
    open.push(CHECK);
    try {
      questions.run();
    } finally {
      open.pop();
      meter.pauseCaches(false);
      meter.endOperation();
    }
  }

  /** Returns the SEAMCALLs by leaf that were made within a kind of operation. */
  ImmutableMap<SeamcallLeaf, Long> seamcalls(String kind) {
    return ImmutableMap.copyOf(seamcalls.getOrDefault(kind, Map.of()));
  }

  /** Returns the kinds of operations that a report shows, work outside them included. */
  static ImmutableMap<String, String> reported() {
    return ImmutableMap.of(
        BUILD,
        "pages added before start",
        SLOT,
        "memslots",
        FAULT,
        "faults",
        ACCEPT,
        "accepts, without their faults",
        CONVERT,
        "conversions",
        MemoryMeter.OUTSIDE,
        "discards, entries, the rest");
  }
}
