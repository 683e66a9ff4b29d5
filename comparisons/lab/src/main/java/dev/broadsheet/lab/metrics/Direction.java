package dev.broadsheet.lab.metrics;

/** Which way a metric is better. */
public enum Direction {
  /** Less is better. */
  LOWER,
  /** More is better. */
  HIGHER,
  /** Neither: a fact about the run. */
  NEUTRAL
}
