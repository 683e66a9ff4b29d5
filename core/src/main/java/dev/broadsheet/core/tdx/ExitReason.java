package dev.broadsheet.core.tdx;

/** VMX exit reasons that RAX bits 15:0 show after a TD exit. */
public final class ExitReason {
  /** A host's interrupt; what a kick causes. */
  public static final int EXTERNAL_INTERRUPT = 1;

  /** EPT violation. */
  public static final int EPT_VIOLATION = 48;

  /** EPT misconfiguration; of the shared tree only. */
  public static final int EPT_MISCONFIG = 49;

  /** TDCALL: TDG.VP.VMCALL. */
  public static final int TDCALL = 77;

  /** Machine check, as RAX shows it when a TD dies of an integrity fault. */
  public static final int MACHINE_CHECK = 41;

  private ExitReason() {}
}
