package dev.broadsheet.lab.ask;

import dev.broadsheet.core.memory.Footprint;
import dev.broadsheet.lab.runner.MeteredMachine;

/** Which of a machine's memory the host's kernel allocates. */
final class HostBytes {
  private HostBytes() {}

  /**
   * Returns whether memory under a label is the kernel's. The rest is how the model stores what the
   * TDX module keeps in pages that it was given (those are counted by {@code tables.sept.bytes} and
   * {@code tdx.pamt-bytes}) and the content of pages.
   */
  static boolean isKernels(String label) {
    return !label.startsWith("pamt.") && !label.startsWith("sept.") && !label.startsWith("model.");
  }

  /** Returns the bytes that the kernel holds: tracker, page tables, words, stocks. */
  static long kernels(MeteredMachine machine) {
    return machine.meter().footprints().stream()
        .filter(footprint -> isKernels(footprint.label()))
        .mapToLong(Footprint::bytes)
        .sum();
  }
}
