package dev.broadsheet.lab.trace.importer;

/** Counts what a merge leaves out, and why. Not safe for use from several threads. */
public final class Dropped {
  long outside;
  long contradicting;
  long elsewhere;

  Dropped() {}

  /** Returns accesses outside the guest's memory: emulated devices. */
  public long outside() {
    return outside;
  }

  /** Returns accesses whose shared bit contradicts the last conversion in the logs. */
  public long contradicting() {
    return contradicting;
  }

  /** Returns unmaps of host memory that is not known to be the guest's. */
  public long elsewhere() {
    return elsewhere;
  }
}
