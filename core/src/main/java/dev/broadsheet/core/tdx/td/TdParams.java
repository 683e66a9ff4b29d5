package dev.broadsheet.core.tdx.td;

/**
 * TD_PARAMS: what the host asks of TDH.MNG.INIT. It stands in shared memory, 1024 bytes, 1024-byte
 * aligned; the model keeps the fields that its memory side reads.
 *
 * @param attributes ATTRIBUTES: DEBUG 0, SEPT_VE_DISABLE 28, MIGRATABLE 29, PKS 30, PERFMON 63
 * @param xfam extended features; bits 0 and 1 must be set
 * @param maxVcpus 1 to 576
 * @param numL2Vms number of L2 VMs; the model knows 0 only
 * @param eptpControls memory type in bits 2:0 (6), walk length minus one in bits 5:3 (3 or 4)
 * @param configFlags bit 0 GPAW (52-bit GPAs, 5-level only), bit 1 FLEXIBLE_PENDING_VE
 */
public record TdParams(
    long attributes, long xfam, int maxVcpus, int numL2Vms, long eptpControls, long configFlags) {
  /** ATTRIBUTES: a debug TD; the host may read and write its memory. */
  public static final long DEBUG = 1L;

  /** ATTRIBUTES: touching a pending page exits to the host instead of raising #VE. */
  public static final long SEPT_VE_DISABLE = 1L << 28;

  /** ATTRIBUTES: the TD may be migrated. */
  public static final long MIGRATABLE = 1L << 29;

  /** ATTRIBUTES: supervisor protection keys. */
  public static final long PKS = 1L << 30;

  /** ATTRIBUTES: performance monitoring. */
  public static final long PERFMON = 1L << 63;

  /** Configuration flag: GPAs of 52 bits, shared bit 51. */
  public static final long GPAW = 1L;

  /** Configuration flag: the guest may change the control of #VE for pending pages. */
  public static final long FLEXIBLE_PENDING_VE = 1L << 1;

  /** EPTP_CONTROLS for write back and a 4-level walk. */
  public static final long EPTP_4_LEVEL = 6 | 3 << 3;

  /** EPTP_CONTROLS for write back and a 5-level walk. */
  public static final long EPTP_5_LEVEL = 6 | 4 << 3;

  /** Returns what Linux asks for: 4 levels, no #VE for pending pages, up to 576 vCPUs. */
  public static TdParams defaults() {
    return new TdParams(SEPT_VE_DISABLE, 3, 576, 0, EPTP_4_LEVEL, 0);
  }

  /** Returns the same with other attributes. */
  public TdParams withAttributes(long value) {
    return new TdParams(value, xfam, maxVcpus, numL2Vms, eptpControls, configFlags);
  }

  /** Returns the same with another limit of vCPUs. */
  public TdParams withMaxVcpus(int value) {
    return new TdParams(attributes, xfam, value, numL2Vms, eptpControls, configFlags);
  }

  /** Returns the same with other EPTP_CONTROLS. */
  public TdParams withEptpControls(long value) {
    return new TdParams(attributes, xfam, maxVcpus, numL2Vms, value, configFlags);
  }

  /** Returns the same with other configuration flags. */
  public TdParams withConfigFlags(long value) {
    return new TdParams(attributes, xfam, maxVcpus, numL2Vms, eptpControls, value);
  }
}
