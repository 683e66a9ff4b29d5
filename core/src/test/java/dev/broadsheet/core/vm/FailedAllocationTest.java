package dev.broadsheet.core.vm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageTables;
import dev.broadsheet.core.host.Errno;
import dev.broadsheet.core.memory.FailingMemory;
import dev.broadsheet.core.memory.PlainMemory;
import dev.broadsheet.core.memslot.KvmMemslot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each allocation of a small life fails in turn; the machine stays whole and goes on. */
class FailedAllocationTest {
  private static final long MIB2 = 1L << 21;
  private static final int PAGE = 4096;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "kind=plain,shared-backing=h2m",
        "kind=swprot,shared-backing=h2m",
        "kind=tdx,shared-backing=h2m",
        "kind=tdx,shared-backing=h2m,external=hook-first,dynamic-pamt=on"
      })
  void machine_eachAllocationFails_staysWhole(String spec) {
    long n = 1;
    while (live(spec, n)) {
      n++;
    }
    assertThat(n).as("allocations of a life").isBetween(100L, 5000L);
  }

  /** The TDX module's memory runs dry while a mirror entry is frozen for it. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void fault_moduleHasNoMemory_releasesTheMirrorEntry(long n) {
    PlainMemory plain = new PlainMemory();
    FailingMemory memory = new FailingMemory(plain, label -> label.equals("sept.directory"));
    VirtualMachine vm = vm("kind=tdx", memory, plain);
    assertThat(vm.addMemslot(0, 0, 4 * MIB2)).isZero();
    vm.finalizeTd();
    memory.failAt(n);
    AccessResult refused = vm.accept(0, 0, PAGE);
    assertThat(refused.outcome()).isEqualTo(AccessOutcome.ERROR);
    assertThat(refused.errno()).isEqualTo(Errno.ENOMEM);
    assertThat(memory.lastFailure()).isPresent();
    vm.audit();
    assertThat(vm.accept(0, 0, PAGE).outcome()).isEqualTo(AccessOutcome.DONE);
    vm.audit();
    vm.close();
    assertThat(vm.mmu().direct().liveTables()).isZero();
  }

  /** Neither may a demote that finds no memory leave its leaf blocked. */
  @Test
  void convert_moduleHasNoMemoryForDemote_leavesTheLeaf() {
    PlainMemory plain = new PlainMemory();
    FailingMemory memory = new FailingMemory(plain, label -> label.equals("sept.page-table"));
    VirtualMachine vm = vm("kind=tdx,dynamic-pamt=on", memory, plain);
    assertThat(vm.addMemslot(0, 0, 4 * MIB2)).isZero();
    vm.finalizeTd();
    assertThat(vm.accept(0, 0, MIB2).outcome()).isEqualTo(AccessOutcome.DONE);
    assertThat(vm.mappingLevel(0, PageTables.Tree.MIRROR)).isEqualTo(2);
    memory.failAt(1);
    assertThat(vm.setMemoryAttributes(PAGE, PAGE, 0, 0)).isEqualTo(Errno.ENOMEM);
    assertThat(memory.lastFailure()).isPresent();
    vm.audit();
    assertThat(vm.access(0, PAGE, Access.WRITE, true).outcome()).isEqualTo(AccessOutcome.DONE);
    assertThat(vm.mappingLevel(0, PageTables.Tree.MIRROR)).isEqualTo(2);
    assertThat(vm.setMemoryAttributes(PAGE, PAGE, 0, 0)).isZero();
    assertThat(vm.access(0, 0, Access.WRITE, true).outcome()).isEqualTo(AccessOutcome.DONE);
    vm.audit();
    vm.close();
  }

  private static VirtualMachine vm(String spec, FailingMemory memory, PlainMemory plain) {
    return VirtualMachine.create(
        VmSpec.parse(spec + ",host-gib=1"),
        NaiveStrategy.configured(),
        other -> {
          throw new IllegalArgumentException(other);
        },
        memory,
        plain.rcu());
  }

  /** Memory runs dry at the n-th allocation, for a while; returns whether it did. */
  private static boolean live(String spec, long n) {
    PlainMemory plain = new PlainMemory();
    FailingMemory memory =
        new FailingMemory(
            plain,
            label ->
                label.startsWith("mmu.")
                    || label.startsWith("sept.")
                    || label.equals("lpage_info"));
    VirtualMachine vm = vm(spec, memory, plain);
    memory.failFrom(n);
    int added = vm.addMemslot(0, 0, 4 * MIB2);
    assertThat(added).isIn(0, Errno.ENOMEM);
    if (added != 0) {
      memory.disarm();
      assertThat(vm.addMemslot(0, 0, 4 * MIB2)).isZero();
    }
    if (vm.addInitialPages(3 * MIB2, PAGE) != 0) {
      memory.disarm();
      assertThat(vm.addInitialPages(3 * MIB2, PAGE)).isZero();
    }
    vm.finalizeTd();
    guest(vm);
    vm.audit();
    boolean failed = memory.lastFailure().isPresent();
    memory.disarm();
    guest(vm);
    assertThat(vm.access(0, 0, Access.WRITE, vm.attributes(0) != 0).outcome())
        .isEqualTo(AccessOutcome.DONE);
    vm.audit();
    vm.close();
    assertThat(vm.mmu().direct().liveTables()).isZero();
    return failed;
  }

  private static void guest(VirtualMachine vm) {
    vm.accept(0, 0, 2 * MIB2);
    touch(vm, 0);
    vm.setMemoryAttributes(PAGE, PAGE, 0, 0);
    touch(vm, PAGE);
    vm.setFlags(0, KvmMemslot.LOG_DIRTY_PAGES);
    vm.setMemoryAttributes(PAGE, PAGE, PageAttributes.PRIVATE, 0);
    vm.accept(0, PAGE, PAGE);
    vm.setFlags(0, 0);
    touch(vm, 0);
  }

  private static void touch(VirtualMachine vm, long gpa) {
    vm.access(0, gpa, Access.WRITE, PageAttributes.isPrivate(vm.attributes(gpa >>> 12)));
  }
}
