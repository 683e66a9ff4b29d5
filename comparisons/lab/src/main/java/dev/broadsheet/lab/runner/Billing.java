package dev.broadsheet.lab.runner;

import dev.broadsheet.core.memory.MemoryMeter;
import dev.broadsheet.core.memory.OperationKind;
import dev.broadsheet.core.vm.OperationHook;

/** Tells the meter which operation of the machine memory references belong to. */
final class Billing implements OperationHook {
  static final String FAULT = "fault";
  static final String CONVERT = "convert";
  static final String SLOT = "slot";
  static final String ACCEPT = "accept";

  /** The runner's own questions; in no report. */
  static final String CHECK = "check";

  private final MemoryMeter meter;
  private final OperationKind fault;
  private final OperationKind convert;
  private final OperationKind slot;
  private final OperationKind accept;
  private final OperationKind check;

  Billing(MemoryMeter meter) {
    this.meter = meter;
    this.fault = meter.operation(FAULT);
    this.convert = meter.operation(CONVERT);
    this.slot = meter.operation(SLOT);
    this.accept = meter.operation(ACCEPT);
    this.check = meter.operation(CHECK);
  }

  @Override
  public void begin(Kind kind) {
    meter.beginOperation(
        switch (kind) {
          case FAULT -> fault;
          case CONVERT -> convert;
          case SLOT -> slot;
          case ACCEPT -> accept;
        });
  }

  @Override
  public void end(Kind kind) {
    meter.endOperation();
  }

  /** Runs the runner's own questions without billing them to the machine. */
  void unbilled(Runnable questions) {
    meter.beginOperation(check);
    try {
      questions.run();
    } finally {
      meter.endOperation();
    }
  }
}
