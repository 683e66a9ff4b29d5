package dev.broadsheet.core.vm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.core.tdx.OperandId;
import dev.broadsheet.core.tdx.SeamcallLeaf;
import dev.broadsheet.core.tdx.TdxModule;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Calls of a small life that may find the module busy, or be interrupted, do so: the first, second,
 * fourth, ... of each leaf. The machine gets on, and passes its audit.
 */
class FailedSeamcallTest {
  private static final long MIB2 = 1L << 21;
  private static final int PAGE = 4096;

  @ParameterizedTest
  @EnumSource(
      value = SeamcallLeaf.class,
      names = {
        "TDH_MEM_SEPT_ADD",
        "TDH_MEM_PAGE_AUG",
        "TDH_MEM_RANGE_BLOCK",
        "TDH_MEM_TRACK",
        "TDH_MEM_PAGE_REMOVE",
        "TDH_MEM_PAGE_DEMOTE",
        "TDH_MEM_PAGE_PROMOTE",
        "TDH_VP_ENTER"
      })
  void machine_eachCallBusyInTurn_getsOn(SeamcallLeaf leaf) {
    long calls = live(leaf, 0, false);
    assertThat(calls).as("calls of %s in a life", leaf).isPositive();
    for (long n = 1; n <= calls; n *= 2) {
      live(leaf, n, false);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = SeamcallLeaf.class,
      names = {"TDH_MEM_PAGE_DEMOTE", "TDH_MEM_PAGE_PROMOTE"})
  void machine_eachCallInterruptedInTurn_getsOn(SeamcallLeaf leaf) {
    long calls = live(leaf, 0, true);
    assertThat(calls).as("calls of %s in a life", leaf).isPositive();
    for (long n = 1; n <= calls; n *= 2) {
      live(leaf, n, true);
    }
  }

  /** Lives, with the n-th call of a leaf failing; returns how many were made. */
  private static long live(SeamcallLeaf leaf, long n, boolean interrupted) {
    VirtualMachine vm = VmFixture.vm("kind=tdx,merge=fault,inhibit=none,host-gib=1,vcpus=2");
    vm.addMemslot(0, 0, 4 * MIB2);
    TdxModule module = vm.module();
    long before = module.counters().of(leaf);
    if (n > 0 && interrupted) {
      module.faults().interrupt(leaf, n);
    } else if (n > 0) {
      module.faults().busy(leaf, n, OperandId.RCX);
    }
    assertThat(vm.addInitialPages(3 * MIB2, PAGE)).isZero();
    vm.finalizeTd();
    vm.accept(0, 0, 2 * MIB2);
    touch(vm, 1, 0);
    vm.setMemoryAttributes(PAGE, PAGE, 0, 0);
    touch(vm, 0, PAGE);
    vm.audit();
    vm.setMemoryAttributes(PAGE, PAGE, PageAttributes.PRIVATE, 0);
    vm.accept(1, PAGE, PAGE);
    touch(vm, 0, PAGE);
    vm.mapGpa(0, MIB2 / 2, MIB2, false);
    vm.audit();
    vm.mapGpa(0, MIB2 / 2, MIB2, true);
    vm.accept(0, MIB2 / 2, MIB2);
    vm.convert(0, 0, 2 * MIB2, true);
    touch(vm, 1, 3 * MIB2);
    vm.audit();
    long made = module.counters().of(leaf) - before;
    vm.close();
    assertThat(vm.mmu().direct().liveTables()).isZero();
    return made;
  }

  private static void touch(VirtualMachine vm, int vcpu, long gpa) {
    AccessResult result =
        vm.access(vcpu, gpa, Access.WRITE, PageAttributes.isPrivate(vm.attributes(gpa >>> 12)));
    assertThat(result.outcome()).as("access to 0x%x", gpa).isEqualTo(AccessOutcome.DONE);
  }
}
