package dev.broadsheet.core.vm;

import dev.broadsheet.core.tdx.guest.MapGpa;

/**
 * What the guest sees of a MapGPA call.
 *
 * @param status value of R10: that of a {@link MapGpa.Status}
 * @param next first address that was not done, without the shared bit; on success behind the range
 * @param chunks how many exits to user space were made
 */
public record MapGpaResult(long status, long next, int chunks) {
  /** Returns whether the whole range was converted. */
  public boolean isSuccess() {
    return status == MapGpa.Status.SUCCESS.value();
  }

  /** Returns whether the guest should call again from {@link #next}. */
  public boolean mustRetry() {
    return status == MapGpa.Status.RETRY.value();
  }
}
