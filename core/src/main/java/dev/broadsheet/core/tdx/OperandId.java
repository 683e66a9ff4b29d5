package dev.broadsheet.core.tdx;

import org.jspecify.annotations.Nullable;

/**
 * What the low half of a status is about: a register, a field of TD_PARAMS, or an object that the
 * module locks.
 */
public enum OperandId {
  RAX(0),
  /** First operand (page info or TDR). */
  RCX(1),
  /** Second operand (TDR). */
  RDX(2),
  RBX(3),
  RBP(5),
  RSI(6),
  RDI(7),
  /** Third operand (new page). */
  R8(8),
  /** Fourth operand (source page or L2 page 1). */
  R9(9),
  R10(10),
  R11(11),
  R12(12),
  R13(13),
  R14(14),
  R15(15),
  ATTRIBUTES(64),
  XFAM(65),
  EXEC_CONTROLS(66),
  EPTP_CONTROLS(67),
  MAX_VCPUS(68),
  CPUID_CONFIG(69),
  TSC_FREQUENCY(70),
  NUM_L2_VMS(71),
  IA32_ARCH_CAPABILITIES_CONFIG(72),
  PAGE(95),
  TDMR_INFO_PA(96),
  GPA_LIST_ENTRY(97),
  MIG_BUFF_LIST_ENTRY(98),
  NEW_PAGE_LIST_ENTRY(99),
  /** The TDR found through a PAMT owner. */
  TDR(128),
  TDCX(129),
  TDVPR(130),
  REG_PAGE(132),
  TDCS(144),
  TDVPS(145),
  /** The per-TD Secure EPT tree lock. */
  SEPT_TREE(146),
  SEPT_ENTRY(147),
  RTMR(168),
  /** The per-TD epoch lock. */
  TD_EPOCH(169),
  L2_VAPIC_GPA(170),
  MIGSC(171),
  /** The TD operation state lock. */
  OP_STATE(172),
  MIG(173),
  SERVTD_BINDINGS(174),
  METADATA_FIELD(176),
  SYS(184),
  TDMR(185),
  /** Key ownership table. */
  KOT(186),
  KET(187),
  /** Cache write back state. */
  WBCACHE(188);

  private final int id;

  OperandId(int id) {
    this.id = id;
  }

  /** Returns the number in the low half of a status. */
  public int id() {
    return id;
  }

  /** Returns the operand with this number, or null. */
  public static @Nullable OperandId of(int id) {
    for (OperandId operand : values()) {
      if (operand.id == id) {
        return operand;
      }
    }
    return null;
  }
}
