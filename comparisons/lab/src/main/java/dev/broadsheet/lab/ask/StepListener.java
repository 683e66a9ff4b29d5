package dev.broadsheet.lab.ask;

/** Told when a step of an experiment is done; called from several threads. */
@FunctionalInterface
public interface StepListener {
  /** One more step is done. */
  void done(int steps, int all, String step);
}
