package dev.broadsheet.core.tdx.seamcall;

import dev.broadsheet.core.tdx.OperandId;
import dev.broadsheet.core.tdx.Registers;
import dev.broadsheet.core.tdx.SeamcallLeaf;
import dev.broadsheet.core.tdx.TdxStatus;

/**
 * Initialisation of the module: SYS.INIT, SYS.LP.INIT, SYS.CONFIG, SYS.KEY.CONFIG, in this order,
 * make it ready; SYS.SHUTDOWN ends it.
 */
public final class SystemState {
  /** Steps of the initialisation. */
  public enum Step {
    /** Loaded. */
    INIT_PENDING,
    /** TDH.SYS.INIT is done. */
    LP_INIT_PENDING,
    /** TDH.SYS.LP.INIT is done on one processor. */
    CONFIG_PENDING,
    /** TDH.SYS.CONFIG is done. */
    KEY_CONFIG_PENDING,
    /** All functions work. */
    READY,
    /** TDH.SYS.SHUTDOWN is done. */
    SHUTDOWN
  }

  /** Field id of TDX_FEATURES0. */
  public static final long FEATURES0 = 0x0a00_0003_0000_0008L;

  private volatile Step step;

  SystemState(boolean ready) {
    step = ready ? Step.READY : Step.INIT_PENDING;
  }

  /** Returns the step that is reached. */
  public Step step() {
    return step;
  }

  /** Returns what stops every function but the exempt ones, or 0. */
  public long check(SeamcallLeaf leaf) {
    Step now = step;
    if (now == Step.READY || isExempt(leaf)) {
      return 0;
    }
    return now == Step.SHUTDOWN
        ? TdxStatus.TDX_SYS_SHUTDOWN.value()
        : TdxStatus.TDX_SYS_NOT_READY.value();
  }

  private boolean isExempt(SeamcallLeaf leaf) {
    return switch (leaf) {
      case TDH_SYS_INIT, TDH_SYS_LP_INIT, TDH_SYS_CONFIG, TDH_SYS_KEY_CONFIG, TDH_SYS_SHUTDOWN ->
          step != Step.SHUTDOWN;
      case TDH_SYS_RD -> step != Step.SHUTDOWN;
      default -> false;
    };
  }

  long init(SeamcallFrame frame, Registers regs) {
    return advance(Step.INIT_PENDING, Step.LP_INIT_PENDING, TdxStatus.TDX_SYS_INIT_NOT_PENDING);
  }

  long lpInit(SeamcallFrame frame, Registers regs) {
    return advance(
        Step.LP_INIT_PENDING, Step.CONFIG_PENDING, TdxStatus.TDX_SYS_LP_INIT_NOT_PENDING);
  }

  long config(SeamcallFrame frame, Registers regs) {
    return advance(
        Step.CONFIG_PENDING, Step.KEY_CONFIG_PENDING, TdxStatus.TDX_SYS_CONFIG_NOT_PENDING);
  }

  long keyConfig(SeamcallFrame frame, Registers regs) {
    return advance(Step.KEY_CONFIG_PENDING, Step.READY, TdxStatus.TDX_SYS_KEY_CONFIG_NOT_PENDING);
  }

  long shutdown(SeamcallFrame frame, Registers regs) {
    step = Step.SHUTDOWN;
    return TdxStatus.TDX_SUCCESS.value();
  }

  /** TDH.SYS.RD: the only field is TDX_FEATURES0. */
  long read(SeamcallFrame frame, Registers regs) {
    if (regs.rdx != FEATURES0) {
      return TdxStatus.TDX_METADATA_FIELD_ID_INCORRECT.with(OperandId.RDX);
    }
    regs.rdx = -1;
    regs.r8 = frame.platform.config.features0();
    return TdxStatus.TDX_SUCCESS.value();
  }

  private synchronized long advance(Step from, Step to, TdxStatus otherwise) {
    if (step != from) {
      return otherwise.value();
    }
    step = to;
    return TdxStatus.TDX_SUCCESS.value();
  }
}
