package dev.broadsheet.api;

import java.io.Serial;

/**
 * A strategy cannot work in this virtual machine: there is no page table, no free software bit, no
 * host frame to key by. Thrown from {@link TrackingStrategy#create}; the message is one line that
 * says what is missing and what would do.
 */
public final class UnmetRequirementException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  /** Reports what is missing and what would do, in one line. */
  public UnmetRequirementException(String message) {
    super(message);
  }
}
