package dev.broadsheet.core.tdx.pamt;

import org.jspecify.annotations.Nullable;

/** What a physical page is used for, as the PAMT records it. */
public enum PageType {
  /** Not given to any TD. */
  PT_NDA(0),
  /** Inside a reserved area of a TDMR. */
  PT_RSVD(1),
  /** Private page of a TD. */
  PT_REG(3),
  /** Root page of a TD. */
  PT_TDR(4),
  /** Page of a TDCS or TDVPS; one of them is the root of the Secure EPT. */
  PT_TDCX(5),
  /** First page of a vCPU's control structure. */
  PT_TDVPR(6),
  /** Secure EPT table. */
  PT_EPT(8),
  /** Holds PAMT entries of a 2M range (dynamic PAMT, later modules). */
  PT_PAMT(15);

  private static final @Nullable PageType[] BY_VALUE = new @Nullable PageType[16];

  static {
    for (PageType type : values()) {
      BY_VALUE[type.value] = type;
    }
  }

  private final int value;

  PageType(int value) {
    this.value = value;
  }

  /** Returns the number in the PAMT entry. */
  public int value() {
    return value;
  }

  /**
   * Returns the type with this number.
   *
   * @throws IllegalStateException if there is none
   */
  public static PageType of(int value) {
    PageType type = BY_VALUE[value];
    if (type == null) {
      throw new IllegalStateException("PAMT entry of unknown type " + value);
    }
    return type;
  }
}
