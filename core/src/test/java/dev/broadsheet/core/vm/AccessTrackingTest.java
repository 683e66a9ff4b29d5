package dev.broadsheet.core.vm;

import static dev.broadsheet.api.PageTables.Tree.DIRECT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.broadsheet.core.memslot.KvmMemslot;
import dev.broadsheet.core.mmu.MmuCounter;
import org.junit.jupiter.api.Test;

/** EPT without A/D bits: aging takes permissions away, the lockless fault gives them back. */
class AccessTrackingTest {
  private static final long MIB2 = 1L << 21;

  /** From the layout's table: R, X saved in 54 and 56, RWX clear, A/D type 1 in bit 52. */
  private static final long RWX = 7;

  private static final long SAVED_R_AND_X = 1L << 54 | 1L << 56;
  private static final long AD_DISABLED = 1L << 52;

  @Test
  void age_takesPermissions_andTheNextAccessGivesThemBackWithoutTheLock() {
    try (VirtualMachine vm = VmFixture.vm("kind=plain,ad-bits=off,shared-backing=4k,host-gib=1")) {
      vm.addMemslot(0, 0, MIB2);
      vm.access(0, 0x3000, Access.WRITE, false);
      assertThat(leaf(vm) & (RWX | AD_DISABLED)).isEqualTo(RWX | AD_DISABLED);

      assertThat(vm.age(0, MIB2)).isTrue();

      assertThat(leaf(vm) & (RWX | SAVED_R_AND_X)).isEqualTo(SAVED_R_AND_X);
      assertThat(vm.mappingLevel(3, DIRECT)).as("still mapped for KVM").isEqualTo(1);
      assertThat(vm.age(0, MIB2)).isFalse();
      vm.audit();

      assertThat(vm.access(0, 0x3000, Access.READ, false).faults()).isEqualTo(1);

      assertThat(leaf(vm) & (RWX | SAVED_R_AND_X)).as("W waits for a write").isEqualTo(RWX & ~2);
      assertThat(vm.counters().get(MmuCounter.FAST_FIXED)).isEqualTo(1);
      assertThat(vm.access(0, 0x3000, Access.WRITE, false).faults()).isEqualTo(1);
      assertThat(leaf(vm) & RWX).isEqualTo(RWX);
      assertThat(vm.counters().get(MmuCounter.FAST_FIXED)).isEqualTo(2);
      assertThat(vm.age(0, MIB2)).isTrue();
      vm.audit();
    }
  }

  @Test
  void preFault_leavesAnUntouchedLeaf() {
    try (VirtualMachine vm = VmFixture.vm("kind=plain,ad-bits=off,shared-backing=4k,host-gib=1")) {
      vm.addMemslot(0, 0, MIB2);
      vm.enterGuest(0);
      assertThat(vm.preFault(0, 0x3000, 4096, 0, new long[1])).isZero();
      assertThat(vm.age(0, MIB2)).isFalse();
      vm.access(0, 0x3000, Access.READ, false);
      assertThat(vm.age(0, MIB2)).isTrue();
    }
  }

  @Test
  void age_loggedPage_writeIsStillLogged() {
    try (VirtualMachine vm = VmFixture.vm("kind=swprot,format=ept,ad-bits=off,host-gib=1")) {
      vm.addMemslot(0, 0, MIB2);
      vm.access(0, 0x3000, Access.WRITE, false);
      // A slot with a guest_memfd cannot be logged; aging alone is checked there.
      assertThat(vm.age(0, MIB2)).isTrue();
      vm.audit();
    }
    try (VirtualMachine vm = VmFixture.vm("kind=plain,ad-bits=off,shared-backing=4k,host-gib=1")) {
      vm.addMemslot(0, 0, MIB2);
      vm.access(0, 0x3000, Access.WRITE, false);
      vm.setFlags(0, KvmMemslot.LOG_DIRTY_PAGES);
      vm.age(0, MIB2);
      vm.access(0, 0x3000, Access.READ, false);
      assertThat(vm.fetchDirtyLog(0)[0]).isZero();
      vm.access(0, 0x3000, Access.WRITE, false);
      assertThat(vm.fetchDirtyLog(0)[0]).isEqualTo(1L << 3);
      vm.audit();
    }
  }

  @Test
  void specification_adBitsOff_whereHardwareHasThem_isRefused() {
    assertThatThrownBy(() -> VmFixture.vm("kind=tdx,ad-bits=off"))
        .hasMessageContaining("kind=plain or kind=swprot");
    assertThatThrownBy(() -> VmFixture.vm("kind=swprot,ad-bits=off"))
        .hasMessageContaining("format=ept");
    assertThatThrownBy(() -> VmFixture.vm("kind=plain,ad-bits=off,dirty-log=dirty-bit"))
        .hasMessageContaining("dirty-log=write-protect");
  }

  private static long leaf(VirtualMachine vm) {
    long[] found = new long[1];
    vm.forEachLeaf((mirror, gfn, level, spte) -> found[0] = gfn == 3 ? spte : found[0]);
    return found[0];
  }
}
