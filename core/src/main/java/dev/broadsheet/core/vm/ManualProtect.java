package dev.broadsheet.core.vm;

/**
 * Who protects logged pages again: the call that fetches the log, or one of its own ({@code
 * KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2}).
 */
enum ManualProtect {
  /** Fetching clears and protects. */
  OFF,
  /** {@code KVM_CLEAR_DIRTY_LOG} clears and protects ({@code MANUAL_PROTECT_ENABLE}). */
  ON,
  /**
   * The same; when logging begins every page is dirty and none protected ({@code INITIALLY_SET}).
   */
  INITIALLY_SET;

  static ManualProtect of(VmSpec spec) {
    return spec.is("manual-protect", "off")
        ? OFF
        : spec.is("manual-protect", "on") ? ON : INITIALLY_SET;
  }

  boolean isOn() {
    return this != OFF;
  }

  boolean isInitiallySet() {
    return this == INITIALLY_SET;
  }
}
