package dev.broadsheet.core.vm;

import dev.broadsheet.core.memory.OwnLines;

/** What an access came to. One per vCPU, reused by its next access. */
public final class AccessResult extends OwnLines {
  AccessOutcome outcome = AccessOutcome.DONE;
  int faults;
  int errno;
  int level;
  long status;
  long accepted;
  boolean isPrivate;

  /** Creates a result that nothing was written to yet. */
  AccessResult() {}

  AccessResult begin(boolean privateAccess) {
    if (outcome != AccessOutcome.DONE) { // to store a reference costs the collector's barrier
      outcome = AccessOutcome.DONE;
    }
    faults = 0;
    errno = 0;
    level = 0;
    status = 0;
    accepted = 0;
    isPrivate = privateAccess;
    return this;
  }

  AccessResult end(AccessOutcome ended) {
    outcome = ended;
    return this;
  }

  /** Returns how it ended. */
  public AccessOutcome outcome() {
    return outcome;
  }

  /** Returns how many faults it took. */
  public int faults() {
    return faults;
  }

  /** Returns the error number, positive, with {@link AccessOutcome#ERROR}. */
  public int errno() {
    return errno;
  }

  /** Returns the level of the mapping, 1 to 3, with {@link AccessOutcome#DONE}. */
  public int level() {
    return level;
  }

  /** Returns the TDX status of a refused accept. */
  public long status() {
    return status;
  }

  /**
   * Returns the bytes that the guest has of an accept, from its first: all of them if it is done.
   */
  public long acceptedBytes() {
    return accepted;
  }

  /** Returns whether the access was private. */
  public boolean isPrivate() {
    return isPrivate;
  }

  /** Returns the outcome in words. */
  @Override
  public String toString() {
    return "%s, %d faults, level %d, errno %d".formatted(outcome, faults, level, errno);
  }
}
