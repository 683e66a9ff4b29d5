package dev.broadsheet.lab.workload;

/**
 * A figure that somebody measured on a real machine, and what it is to a workload.
 *
 * @param id what a calibration calls it
 * @param what what was counted
 * @param published the figure as it was published
 * @param role how the workload uses it
 * @param note from where, and what to think of it
 */
public record PublishedFigure(String id, String what, String published, Role role, String note) {
  /** What a figure is to a workload. */
  public enum Role {
    /** Put in: place, number and order of accesses. Reproducing it proves nothing. */
    INPUT,
    /** A free input was chosen so that this comes out. Reproducing it proves nothing. */
    FITTED,
    /** Comes out of the machine that runs the workload; can be wrong. */
    PREDICTED
  }
}
