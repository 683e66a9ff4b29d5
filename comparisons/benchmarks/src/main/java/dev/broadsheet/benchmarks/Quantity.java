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
    /** Nanoseconds of one operation; with several threads, of one operation of all together. */
    NANOS,
    /** Bytes of Java heap allocated by one operation. */
    ALLOCATED_BYTES
  }

  static Quantity nanos(Subject subject) {
    return new Quantity(subject, Metric.NANOS, 1);
  }

  static Quantity allocatedBytes(Subject subject) {
    return new Quantity(subject, Metric.ALLOCATED_BYTES, 1);
  }

  /** Returns this quantity divided by a number of parts. */
  Quantity per(double parts) {
    return new Quantity(subject, metric, per * parts);
  }
}
