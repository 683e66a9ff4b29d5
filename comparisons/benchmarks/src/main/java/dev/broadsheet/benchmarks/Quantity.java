package dev.broadsheet.benchmarks;

/**
 * What is taken from a measured subject.
 *
 * @param subject what is run
 * @param metric which of its figures
 * @param per by how much the figure of one operation is divided: pages of a call, for instance
 */
record Quantity(Subject subject, Metric metric, double per) {
  /** The figures that a run of a subject gives. */
  enum Metric {
    /** Nanoseconds of CPU time of one operation: other work on the machine is not in it. */
    CPU_NANOS,
    /**
     * Nanoseconds on the clock of one operation: for several threads, and where every call is
     * prepared by untimed work.
     */
    ELAPSED_NANOS,
    /** Bytes of Java heap allocated by one operation. */
    ALLOCATED_BYTES
  }

  static Quantity nanos(Subject subject) {
    return new Quantity(subject, Metric.CPU_NANOS, 1);
  }

  static Quantity elapsed(Subject subject) {
    return new Quantity(subject, Metric.ELAPSED_NANOS, 1);
  }

  static Quantity allocatedBytes(Subject subject) {
    return new Quantity(subject, Metric.ALLOCATED_BYTES, 1);
  }

  /** Returns this quantity divided by a number of parts. */
  Quantity per(double parts) {
    return new Quantity(subject, metric, per * parts);
  }
}
