package dev.broadsheet.benchmarks;

import dev.broadsheet.core.memory.PlainMemory;
import dev.broadsheet.core.memory.Rcu;
import dev.broadsheet.core.strategy.StrategyRegistry;
import dev.broadsheet.core.vm.AccessOutcome;
import dev.broadsheet.core.vm.AccessResult;
import dev.broadsheet.core.vm.VirtualMachine;
import dev.broadsheet.core.vm.VmSpec;

/** Virtual machines for benchmarks: in plain memory, one slot from 1 GiB on, ready to run. */
final class Machine {
  /** First gfn of the slot. */
  static final long FIRST_GFN = 1 << 18;

  private static final int PAGE_SHIFT = 12;

  private Machine() {}

  /**
   * Returns a running machine.
   *
   * @param spec knobs, as {@link VmSpec#parse} reads them
   * @param strategy id and options
   * @param pages size of the slot
   */
  static VirtualMachine start(String spec, String strategy, long pages) {
    VirtualMachine vm = without(spec, strategy);
    int errno = vm.addMemslot(0, gpa(FIRST_GFN), pages << PAGE_SHIFT);
    if (errno != 0) {
      throw new IllegalStateException("no memslot of " + pages + " pages: error " + errno);
    }
    vm.finalizeTd();
    return vm;
  }

  /** Returns a machine without memslots. */
  static VirtualMachine without(String spec, String strategy) {
    Rcu rcu = new Rcu();
    StrategyRegistry registry = StrategyRegistry.load();
    VmSpec knobs = VmSpec.parse(spec);
    return VirtualMachine.create(
        knobs,
        registry.configure(strategy),
        registry::configure,
        new PlainMemory(rcu, knobs.hasThreads()),
        rcu);
  }

  /** Returns the address of a page. */
  static long gpa(long gfn) {
    return gfn << PAGE_SHIFT;
  }

  /** Checks that an access ended well, and with a fault if it had to. */
  static int faultsOf(AccessResult result) {
    if (result.outcome() != AccessOutcome.DONE) {
      throw new IllegalStateException("an access that must end well ended as " + result);
    }
    return result.faults();
  }
}
