package dev.broadsheet.lab.ask;

import dev.broadsheet.core.memory.Footprint;
import dev.broadsheet.core.tdx.ModuleMemory;
import dev.broadsheet.lab.runner.MeteredMachine;

/** How much of a machine's memory the host's kernel allocates. */
final class HostBytes {
  private HostBytes() {}

  /**
   * Returns the bytes that the kernel holds: tracker, page tables, words, stocks. The pages that it
   * gave to the TDX module are counted by {@code tables.sept.bytes} and {@code tdx.pamt-bytes}.
   */
  static long kernels(MeteredMachine machine) {
    return machine.meter().footprints().stream()
        .filter(footprint -> ModuleMemory.isKernels(footprint.label()))
        .mapToLong(Footprint::bytes)
        .sum();
  }
}
