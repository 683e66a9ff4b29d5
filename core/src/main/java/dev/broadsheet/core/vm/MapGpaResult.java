package dev.broadsheet.core.vm;

/**
 * What the guest sees of a MapGPA call.
 *
 * @param status value of R10: 0, or one of the constants in {@link MapGpa}
 * @param next value of R11: first address that was not done; on success behind the range
 * @param chunks how many exits to user space were made
 */
public record MapGpaResult(long status, long next, int chunks) {
  /** Returns whether the whole range was converted. */
  public boolean isSuccess() {
    return status == MapGpa.SUCCESS;
  }
}
