package dev.broadsheet.benchmarks;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.conformance.HeapWalk;
import dev.broadsheet.core.strategy.EmbeddedTracker;
import dev.broadsheet.core.vm.Access;
import dev.broadsheet.core.vm.VirtualMachine;
import java.util.List;
import java.util.Locale;

/**
 * How much Java heap strategies and machines hold, object by object as JOL measures them. The bytes
 * of the modelled kernel are the lab's business; these are what a user's process pays.
 */
final class FootprintMeasurement {
  private static final long GIB = PageLevel.PG_LEVEL_1G.pages();
  private static final int MAPPED_PAGES = 1 << 16;

  private FootprintMeasurement() {}

  /** Prints bytes per page of strategies by content, then of a machine per page mapped. */
  static void print(List<String> strategies, String vm) {
    System.out.println("| strategy | empty | all private | every second page | unit |");
    System.out.println("|---|---|---|---|---|");
    for (String strategy : strategies) {
      System.out.printf(
          Locale.ROOT,
          "| %s | %.3f | %.3f | %.3f | bytes of heap per page of 1 GiB |%n",
          strategy,
          strategyBytesPerPage(strategy, 0, 1),
          strategyBytesPerPage(strategy, GIB, GIB),
          strategyBytesPerPage(strategy, 1, 2));
    }
    System.out.printf(
        Locale.ROOT, "%nmachine %s: %.2f bytes of heap per 4K page mapped%n", vm, machine(vm));
  }

  /**
   * Returns the heap that a strategy holds, beyond an empty one's, per page of a GiB, after the
   * first {@code run} of every {@code step} pages became private.
   */
  static double strategyBytesPerPage(String strategy, long run, long step) {
    try (EmbeddedTracker empty = EmbeddedTracker.open(strategy);
        EmbeddedTracker full = EmbeddedTracker.open(strategy)) {
      full.addSlot(Memslot.aligned(0, new GfnRange(0, GIB)));
      for (long gfn = 0; run > 0 && gfn < GIB; gfn += step) {
        full.convert(GfnRange.ofPages(gfn, run), PageAttributes.PRIVATE);
      }
      long bytes = HeapWalk.exclusive(full).bytes() - HeapWalk.exclusive(empty).bytes();
      return (double) bytes / GIB;
    }
  }

  /** Returns the heap that a machine holds more per page once 256 MiB are mapped at 4K. */
  static double machine(String spec) {
    try (VirtualMachine vm = Machine.start(spec, "reference", MAPPED_PAGES)) {
      touch(vm, 0);
      long before = HeapWalk.exclusive(vm).bytes();
      for (long page = 1; page < MAPPED_PAGES; page++) {
        touch(vm, page);
      }
      return (double) (HeapWalk.exclusive(vm).bytes() - before) / (MAPPED_PAGES - 1);
    }
  }

  private static void touch(VirtualMachine vm, long page) {
    long gpa = Machine.gpa(Machine.FIRST_GFN + page);
    boolean isPrivate = vm.spec().isTdx();
    int faults =
        isPrivate
            ? Machine.faultsOf(vm.accept(0, gpa, 4096))
            : Machine.faultsOf(vm.access(0, gpa, Access.WRITE, false));
    if (faults == 0) {
      throw new IllegalStateException("page %d was mapped before its fault".formatted(page));
    }
  }
}
