package dev.broadsheet.conformance;

import java.io.Serial;

/** A call of the tracker that threw what no rule lets it throw. */
final class TrackerFailure extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  TrackerFailure(String call, Throwable cause) {
    super(call + ": expected that it throws nothing, found " + cause, cause);
  }
}
