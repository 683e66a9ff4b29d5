package dev.broadsheet.core.vm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.broadsheet.core.host.Errno;
import dev.broadsheet.core.memory.FailingMemory;
import dev.broadsheet.core.memory.PlainMemory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a vCPU stocks, in which order, and what a failure midway does. */
class VcpuCachesTest {
  private static final long MIB2 = 1L << 21;
  private static final int CAPACITY = 40;

  private final List<String> asked = new ArrayList<>();
  private final PlainMemory plain = new PlainMemory();
  private final FailingMemory memory =
      new FailingMemory(
          plain,
          label -> {
            if (!label.startsWith("mmu.")) {
              return false;
            }
            asked.add(label);
            return true;
          });

  private VirtualMachine vm(String spec) {
    VirtualMachine vm =
        VirtualMachine.create(
            VmSpec.parse(spec),
            NaiveStrategy.configured(),
            other -> {
              throw new IllegalArgumentException(other);
            },
            memory,
            plain.rcu());
    assertThat(vm.addMemslot(0, 0, 8 * MIB2)).isZero();
    asked.clear();
    return vm;
  }

  private static List<String> times(int count, String label) {
    return Collections.nCopies(count, label);
  }

  @Test
  void topUp_first_fillsEachCacheToItsCapacityInTheKernelsOrder() {
    try (VirtualMachine vm = vm("kind=plain,host-gib=1,shared-backing=4k")) {
      assertThat(vm.enterGuest(0)).isZero();
      List<String> expected = new ArrayList<>(times(CAPACITY, "mmu.pte_list_desc"));
      expected.addAll(times(CAPACITY, "mmu.table.direct"));
      expected.addAll(times(CAPACITY, "mmu.header.direct"));
      assertThat(asked).isEqualTo(expected);
    }
  }

  @Test
  void topUp_stockedAboveTheMinimum_asksForNothing() {
    try (VirtualMachine vm = vm("kind=plain,host-gib=1,shared-backing=4k")) {
      // The root and three tables for the first page, then one for each further 2M block.
      for (int block = 0; block < 8; block++) {
        vm.access(0, block * MIB2, Access.WRITE, false);
      }
      assertThat(asked).hasSize(3 * CAPACITY);
    }
  }

  @ParameterizedTest
  @CsvSource({
    // allocation that fails, with all after it; whether there is no root; what is asked for later
    "14, true, 107", // 13 descriptors: below their minimum of 14
    "15, true, 80", // 14 descriptors are enough, but there is no table
    "45, true, 76", // 4 tables
    "46, true, 40", // 5 tables are enough, but there is no header
    "85, true, 36", // 4 headers
    "86, false, 0",
    "120, false, 0",
  })
  void topUp_memoryRunsDryMidway_failsOnlyBelowTheMinimum(
      long failing, boolean fails, int askedLater) {
    try (VirtualMachine vm = vm("kind=plain,host-gib=1,shared-backing=4k")) {
      memory.failFrom(failing);
      assertThat(vm.enterGuest(0)).isEqualTo(fails ? Errno.ENOMEM : 0);
      memory.disarm();
      asked.clear();
      assertThat(vm.enterGuest(0)).isZero();
      // What was obtained stayed, and a cache at its minimum is not filled up.
      assertThat(asked).hasSize(askedLater);
    }
  }

  @Test
  void topUp_ofATd_stocksTheMirrorFirst() {
    try (VirtualMachine vm = vm("kind=tdx,host-gib=1")) {
      assertThat(vm.enterGuest(0)).isZero();
      List<String> expected = new ArrayList<>(times(CAPACITY, "mmu.pte_list_desc"));
      for (String tree : List.of("mirror", "direct")) {
        expected.addAll(times(CAPACITY, "mmu.table." + tree));
        expected.addAll(times(CAPACITY, "mmu.header." + tree));
      }
      assertThat(asked).isEqualTo(expected);
    }
  }
}
