package dev.broadsheet.core.vm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.broadsheet.core.mmu.MmuCounter;
import org.junit.jupiter.api.Test;

class MmioGenerationTest {
  private static final long MIB2 = 1L << 21;
  private static final long HOLE = 64 * MIB2;

  /**
   * A strategy that holds bits 62, 59 and 55 leaves 8 + 3 bits of the generation below the first
   * gap: after 2048 changes of slots an old MMIO entry would look current.
   */
  @Test
  void memslotGeneration_wraps_oldEntriesAreGone() {
    try (VirtualMachine vm = VmFixture.vm("kind=swprot,host-gib=1")) {
      for (String bit : new String[] {"one", "two", "three"}) {
        vm.pageTables().reserveBit(bit);
      }
      vm.addMemslot(0, 0, MIB2); // generation 1
      assertThat(mmio(vm)).isEqualTo(1);
      assertThat(mmio(vm)).as("current: no new entry").isEqualTo(1);
      for (int generation = 2; generation < 2048; generation += 2) {
        vm.addMemslot(1, 1L << 30, 4096);
        vm.removeMemslot(1);
      }
      vm.addMemslot(1, 1L << 30, 4096); // 2048
      assertThat(vm.counters().get(MmuCounter.TABLES_UNLINKED)).as("everything went").isPositive();
      vm.removeMemslot(1); // 2049, which the bits left cannot tell from 1
      assertThat(mmio(vm)).as("not taken for current").isEqualTo(2);
      vm.audit();
    }
  }

  /** Touches the hole; returns how many MMIO entries were ever made. */
  private static long mmio(VirtualMachine vm) {
    AccessResult result = vm.access(0, HOLE, Access.READ, false);
    assertThat(result.outcome()).isEqualTo(AccessOutcome.MMIO);
    return vm.counters().get(MmuCounter.MMIO_SPTES);
  }
}
