package dev.broadsheet.lab.ask;

import dev.broadsheet.lab.trace.BundledTraces;
import dev.broadsheet.lab.trace.Trace;
import dev.broadsheet.lab.workload.Parameter;
import dev.broadsheet.lab.workload.Workloads;
import java.io.IOException;

/** The patterns of guest behaviour that experiments share. */
final class Patterns {
  private Patterns() {}

  /** A pattern with the name that tables have for it. */
  record Named(String name, Trace trace) {}

  /** A guest of the experiment's size boots. */
  static Named boot(Experiment experiment) {
    return generated("boot", "boot-td-4g[%s]", experiment);
  }

  /** A guest of the experiment's size lives for the experiment's days. */
  static Named aging(Experiment experiment) {
    return generated("aging", "aging-30d[%s,days=" + experiment.number("days") + "]", experiment);
  }

  /** A generated pattern; {@code %s} stands for the guest's size and the seed. */
  static Named generated(String name, String workload, Experiment experiment) {
    return generated(
        name,
        workload.formatted(
            "ram=%s,seed=%d"
                .formatted(
                    Parameter.sizeText(experiment.number("guest")), experiment.number("seed"))));
  }

  /** A generated pattern that says its own size. */
  static Named generated(String name, String workload) {
    return new Named(name, Workloads.parse(workload));
  }

  /** A trace of a real guest, which has the size that it has. */
  static Named recorded(String name, String trace) throws IOException {
    return new Named(name, BundledTraces.find(trace));
  }
}
