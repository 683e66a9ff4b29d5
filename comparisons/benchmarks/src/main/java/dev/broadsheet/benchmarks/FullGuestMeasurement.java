package dev.broadsheet.benchmarks;

import dev.broadsheet.core.vm.VirtualMachine;
import java.util.Locale;
import java.util.Map;

/**
 * Java heap of one machine whose guest has accepted all of its memory: does it fit, and what does a
 * mapped page cost? Measured as the heap in use after a collection; {@code comparisons/bench full}
 * gives the process 8 GiB.
 */
final class FullGuestMeasurement {
  private static final long PAGES_PER_GIB = 1L << 18;

  private FullGuestMeasurement() {}

  /**
   * Builds the machine, maps everything, and prints what it holds.
   *
   * @param gib the guest's memory
   * @param vm knobs of the machine
   */
  static void print(int gib, String vm) {
    long pages = gib * PAGES_PER_GIB;
    long before = usedAfterCollection();
    try (VirtualMachine machine = Machine.start(vm, "xarray-lpage-info[store=range]", pages)) {
      long empty = usedAfterCollection();
      for (long gfn = 0; gfn < pages; gfn += PAGES_PER_GIB) {
        Machine.faultsOf(
            machine.accept(0, Machine.gpa(Machine.FIRST_GFN + gfn), PAGES_PER_GIB << 12));
      }
      long full = usedAfterCollection();
      Map<String, Long> books = machine.books();
      long leaves4K = books.getOrDefault("leaves.mirror.4K", 0L);
      long leaves2M = books.getOrDefault("leaves.mirror.2M", 0L);
      if (leaves4K + 512 * leaves2M != pages) {
        throw new IllegalStateException(
            "%d pages of 4K and %d of 2M are mapped, not %d pages in all"
                .formatted(leaves4K, leaves2M, pages));
      }
      System.out.printf(
          Locale.ROOT,
          "| %d GiB | %s | %d x 4K, %d x 2M | %.1f MiB | %.1f MiB | %.3f | %.0f MiB |%n",
          gib,
          vm,
          leaves4K,
          leaves2M,
          mib(empty - before),
          mib(full - before),
          (double) (full - empty) / (leaves4K + leaves2M),
          mib(Runtime.getRuntime().maxMemory()));
    }
  }

  static void printHeader() {
    System.out.println(
        "| guest | machine | mapped | heap, nothing mapped | heap, all mapped | bytes per leaf | -Xmx"
            + " |");
    System.out.println("|---|---|---|---|---|---|---|");
  }

  private static double mib(long bytes) {
    return bytes / (double) (1 << 20);
  }

  private static long usedAfterCollection() {
    Runtime runtime = Runtime.getRuntime();
    long used = Long.MAX_VALUE;
    for (int i = 0; i < 4; i++) {
      System.gc();
      used = Math.min(used, runtime.totalMemory() - runtime.freeMemory());
    }
    return used;
  }
}
