package dev.broadsheet.core.vm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageTables;
import dev.broadsheet.core.memslot.KvmMemslot;
import dev.broadsheet.core.memslot.MemslotRequest;
import dev.broadsheet.core.mmu.MmuCounter;
import org.junit.jupiter.api.Test;

class VirtualMachineTest {
  private static final long GIB = 1L << 30;
  private static final long MIB2 = 1L << 21;
  private static final PageTables.Tree DIRECT = PageTables.Tree.DIRECT;

  @Test
  void access_plainHugetlb_maps1GOnce() {
    try (VirtualMachine vm = VmFixture.vm("kind=plain,shared-backing=h1g")) {
      assertThat(vm.addMemslot(0, GIB, 2 * GIB)).isZero();

      assertThat(vm.access(0, GIB + 0x5000, Access.WRITE, false).faults()).isEqualTo(1);
      assertThat(vm.access(0, GIB + 0x7000, Access.READ, false).faults()).isZero();
      assertThat(vm.mappingLevel((GIB + 0x5000) >> 12, DIRECT)).isEqualTo(3);
      vm.audit();
    }
  }

  @Test
  void conversion_inside2MLeaf_zapsItWholeAndMapsSmallAfter() {
    try (VirtualMachine vm = VmFixture.vm("kind=swprot,shared-backing=h2m")) {
      assertThat(vm.addMemslot(0, GIB, GIB)).isZero();
      vm.access(0, GIB, Access.WRITE, false);
      assertThat(vm.mappingLevel(GIB >> 12, DIRECT)).isEqualTo(2);

      assertThat(vm.setMemoryAttributes(GIB + 0x1000, 0x1000, PageAttributes.PRIVATE, 0)).isZero();

      assertThat(vm.mappingLevel(GIB >> 12, DIRECT)).isZero();
      assertThat(vm.access(0, GIB, Access.WRITE, false).faults()).isEqualTo(1);
      assertThat(vm.mappingLevel(GIB >> 12, DIRECT)).isEqualTo(1);
      assertThat(vm.counters().get(MmuCounter.REFAULTS_BY_CONVERSION)).isEqualTo(1);
      vm.audit();
    }
  }

  @Test
  void conversion_backToUniform_nextFaultReplacesTheTable() {
    try (VirtualMachine vm = VmFixture.vm("kind=swprot,shared-backing=h2m")) {
      vm.addMemslot(0, GIB, GIB);
      vm.setMemoryAttributes(GIB + 0x1000, 0x1000, PageAttributes.PRIVATE, 0);
      vm.access(0, GIB, Access.WRITE, false);
      vm.access(0, GIB + 0x1000, Access.WRITE, true);
      vm.setMemoryAttributes(GIB + 0x1000, 0x1000, PageAttributes.SHARED, 0);

      vm.access(0, GIB + 0x2000, Access.READ, false);

      assertThat(vm.mappingLevel(GIB >> 12, DIRECT)).isEqualTo(2);
      assertThat(vm.counters().get(MmuCounter.PROMOTES)).isEqualTo(1);
      vm.audit();
    }
  }

  @Test
  void access_privateWithoutGuestMemfd_exitsWithMemoryFault() {
    try (VirtualMachine vm = VmFixture.vm("kind=swprot")) {
      vm.setMemslot(MemslotRequest.of(0, 0, GIB, MIB2, GIB), null, null);
      vm.setMemoryAttributes(GIB, MIB2, PageAttributes.PRIVATE, 0);

      assertThat(vm.access(0, GIB, Access.READ, true).outcome())
          .isEqualTo(AccessOutcome.MEMORY_FAULT);
      vm.audit();
    }
  }

  @Test
  void access_withoutSlot_makesAnMmioEntryOnce() {
    try (VirtualMachine vm = VmFixture.vm("kind=plain")) {
      vm.addMemslot(0, 0, MIB2);

      assertThat(vm.access(0, GIB, Access.READ, false).outcome()).isEqualTo(AccessOutcome.MMIO);
      assertThat(vm.access(0, GIB, Access.WRITE, false).outcome()).isEqualTo(AccessOutcome.MMIO);
      assertThat(vm.counters().get(MmuCounter.MMIO_SPTES)).isEqualTo(1);

      vm.addMemslot(1, 4 * GIB, MIB2);
      vm.access(0, GIB, Access.WRITE, false);
      assertThat(vm.counters().get(MmuCounter.MMIO_SPTES))
          .as("the generation moved on with the slots")
          .isEqualTo(2);
      vm.audit();
    }
  }

  @Test
  void removeMemslot_defaultMachine_makesTheRootObsolete() {
    try (VirtualMachine vm = VmFixture.vm("kind=plain")) {
      vm.addMemslot(0, 0, MIB2);
      vm.addMemslot(1, GIB, MIB2);
      vm.access(0, 0, Access.WRITE, false);
      vm.access(0, GIB, Access.WRITE, false);

      assertThat(vm.removeMemslot(1)).isZero();

      assertThat(vm.mappingLevel(0, DIRECT)).isZero();
      assertThat(vm.preFault(0, 0, 0x1000, 0, new long[1])).isEqualTo(4);
      assertThat(vm.access(0, 0, Access.WRITE, false).faults()).isEqualTo(1);
      vm.audit();
    }
  }

  @Test
  void mapGpa_of5MiB_isThreeChunks() {
    try (VirtualMachine vm = VmFixture.vm("kind=swprot,attributes=private")) {
      vm.addMemslot(0, 0, GIB);

      MapGpaResult result = vm.mapGpa(0, 0x1000, 5L << 20, false);

      assertThat(result.isSuccess()).isTrue();
      assertThat(result.chunks()).isEqualTo(3);
      assertThat(vm.attributes(0)).isEqualTo(PageAttributes.PRIVATE);
      assertThat(vm.attributes(1)).isEqualTo(PageAttributes.SHARED);
      vm.audit();
    }
  }

  @Test
  void nxHugePages_fetch_maps4KUntilTheWorkerTakesTheTableBack() {
    try (VirtualMachine vm = VmFixture.vm("kind=plain,shared-backing=h2m,nx-huge-pages=on")) {
      vm.addMemslot(0, 0, 2 * MIB2);
      vm.access(0, 0, Access.EXECUTE, false);
      vm.access(0, 0x5000, Access.WRITE, false);
      assertThat(vm.mappingLevel(5, DIRECT)).as("beside the code").isEqualTo(1);
      assertThat(vm.mmu().nxHugePages().size()).isEqualTo(1);

      assertThat(vm.recoverNxHugePages(60)).isEqualTo(1);

      vm.access(0, 0x5000, Access.WRITE, false);
      assertThat(vm.mappingLevel(5, DIRECT)).isEqualTo(2);
      vm.audit();
    }
  }

  @Test
  void age_touchedOnce_isYoungOnce() {
    try (VirtualMachine vm = VmFixture.vm("kind=plain")) {
      vm.addMemslot(0, 0, MIB2);
      assertThat(vm.age(0, MIB2)).isFalse();
      vm.access(0, 0x3000, Access.READ, false);
      assertThat(vm.age(0, MIB2)).isTrue();
      assertThat(vm.age(0, MIB2)).isFalse();
      assertThat(vm.access(0, 0x3000, Access.READ, false).faults()).isZero();
      assertThat(vm.age(0, MIB2)).isTrue();
    }
  }

  @Test
  void dirtyLog_byDirtyBit_noticesWritesWithoutFaults() {
    try (VirtualMachine vm = VmFixture.vm("kind=plain,dirty-log=dirty-bit,shared-backing=4k")) {
      vm.addMemslot(0, 0, MIB2);
      vm.access(0, 0x3000, Access.WRITE, false);
      vm.setFlags(0, KvmMemslot.LOG_DIRTY_PAGES);
      assertThat(vm.fetchDirtyLog(0)[0]).isZero();

      assertThat(vm.access(0, 0x3000, Access.WRITE, false).faults()).isZero();

      assertThat(vm.fetchDirtyLog(0)[0]).isEqualTo(1L << 3);
      assertThat(vm.fetchDirtyLog(0)[0]).isZero();
      vm.audit();
    }
  }
}
