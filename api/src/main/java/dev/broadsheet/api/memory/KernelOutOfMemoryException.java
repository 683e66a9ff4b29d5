package dev.broadsheet.api.memory;

import java.io.Serial;

/**
 * The kernel has no memory for an allocation: its {@code -ENOMEM}. Whoever asked must leave
 * everything as it was before (rule R8).
 *
 * <p>Unchecked, because in most places the right answer is to let it pass.
 */
public final class KernelOutOfMemoryException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private final String label;
  private final long bytes;

  /**
   * Reports a failed allocation.
   *
   * @param label the label of the array or cache
   * @param bytes the size that was asked for, in bytes
   */
  public KernelOutOfMemoryException(String label, long bytes) {
    super(
        "out of kernel memory: " + bytes + " bytes for '" + label + "'",
        null,
        /* enableSuppression= */ true,
        /* writableStackTrace= */ true);
    this.label = label;
    this.bytes = bytes;
  }

  /** Returns the label of the array or cache that could not be given. */
  public String label() {
    return label;
  }

  /** Returns the size that was asked for, in bytes. */
  public long bytes() {
    return bytes;
  }
}
