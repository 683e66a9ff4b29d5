package dev.broadsheet.core.vm;

import static dev.broadsheet.api.PageTables.Tree.DIRECT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.broadsheet.core.host.Errno;
import dev.broadsheet.core.memslot.KvmMemslot;
import dev.broadsheet.core.mmu.MmuCounter;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DirtyLogTest {
  private static final long MIB2 = 1L << 21;
  private static final long[] ALL = allOnes(16);

  private static long[] allOnes(int words) {
    long[] bitmap = new long[words];
    Arrays.fill(bitmap, -1);
    return bitmap;
  }

  @Test
  void fetch_manualProtect_leavesTheBitsUntilTheyAreCleared() {
    try (VirtualMachine vm =
        VmFixture.vm("kind=plain,manual-protect=on,shared-backing=4k,host-gib=1")) {
      vm.addMemslot(0, 0, 2 * MIB2);
      vm.access(0, 0x3000, Access.WRITE, false);
      vm.setFlags(0, KvmMemslot.LOG_DIRTY_PAGES);
      assertThat(vm.access(0, 0x3000, Access.WRITE, false).faults()).isEqualTo(1);

      assertThat(vm.fetchDirtyLog(0)[0]).isEqualTo(1L << 3);
      assertThat(vm.fetchDirtyLog(0)[0]).isEqualTo(1L << 3);
      assertThat(vm.access(0, 0x3000, Access.WRITE, false).faults()).as("not protected").isZero();

      assertThat(vm.clearDirtyLog(0, 0, 64, new long[] {1L << 3})).isZero();

      assertThat(vm.fetchDirtyLog(0)[0]).isZero();
      assertThat(vm.access(0, 0x3000, Access.WRITE, false).faults()).isEqualTo(1);
      assertThat(vm.fetchDirtyLog(0)[0]).isEqualTo(1L << 3);
      vm.audit();
    }
  }

  @Test
  void clear_badRanges_areRefused() {
    try (VirtualMachine vm = VmFixture.vm("kind=plain,manual-protect=on,host-gib=1")) {
      vm.addMemslot(0, 0, 100 * 4096);
      assertThat(vm.clearDirtyLog(0, 0, 64, ALL)).as("not logged").isEqualTo(Errno.ENOENT);
      assertThat(vm.clearDirtyLog(7, 0, 64, ALL)).as("no slot").isEqualTo(Errno.ENOENT);
      vm.setFlags(0, KvmMemslot.LOG_DIRTY_PAGES);
      assertThat(vm.clearDirtyLog(0, 1, 64, ALL)).isEqualTo(Errno.EINVAL);
      assertThat(vm.clearDirtyLog(0, 0, 63, ALL)).isEqualTo(Errno.EINVAL);
      assertThat(vm.clearDirtyLog(0, 64, 64, ALL)).isEqualTo(Errno.EINVAL);
      assertThat(vm.clearDirtyLog(0, 64, 36, ALL)).as("to the slot's end").isZero();
      assertThat(vm.clearDirtyLog(0, 0, 100, ALL)).isZero();
    }
  }

  /** The block stays huge and writable until user space clears a page of it. */
  @ParameterizedTest
  @ValueSource(strings = {"eager-split=on", "eager-split=off", "dirty-log=dirty-bit"})
  void log_initiallySet_meetsHugeLeavesWhenPagesAreCleared(String how) {
    try (VirtualMachine vm =
        VmFixture.vm(
            "kind=plain,manual-protect=initially-set,shared-backing=h2m,host-gib=1," + how)) {
      vm.addMemslot(0, 0, 2 * MIB2);
      vm.access(0, 0, Access.WRITE, false);
      vm.access(0, MIB2, Access.WRITE, false);

      vm.setFlags(0, KvmMemslot.LOG_DIRTY_PAGES);

      assertThat(vm.fetchDirtyLog(0)).containsOnly(-1L);
      assertThat(vm.mappingLevel(0, DIRECT)).isEqualTo(2);
      assertThat(vm.access(0, 0, Access.WRITE, false).faults()).isZero();

      assertThat(vm.clearDirtyLog(0, 0, 64, new long[] {-1L})).isZero();

      assertThat(vm.mappingLevel(512, DIRECT)).as("the other block").isEqualTo(2);
      assertThat(vm.fetchDirtyLog(0)[0]).isZero();
      vm.access(0, 0x5000, Access.WRITE, false);
      assertThat(vm.mappingLevel(5, DIRECT)).isEqualTo(1);
      assertThat(vm.fetchDirtyLog(0)[0]).isEqualTo(1L << 5);
      vm.audit();
    }
  }

  @Test
  void loggingEnds_since613_hugeLeafTakesTheTablesPlaceAtOnce() {
    assertThat(levelAfterLogging("kernel=6.16")).isEqualTo(2);
    assertThat(levelAfterLogging("kernel=6.12")).isZero();
  }

  private static int levelAfterLogging(String kernel) {
    try (VirtualMachine vm = VmFixture.vm("kind=plain,shared-backing=h2m,host-gib=1," + kernel)) {
      vm.addMemslot(0, 0, 2 * MIB2);
      vm.access(0, 0x9000, Access.WRITE, false);
      vm.setFlags(0, KvmMemslot.LOG_DIRTY_PAGES);
      assertThat(vm.mappingLevel(9, DIRECT)).isEqualTo(1);
      long flushes = vm.counters().get(MmuCounter.TLB_FLUSHES);

      vm.setFlags(0, 0);

      assertThat(vm.counters().get(MmuCounter.TLB_FLUSHES)).isGreaterThan(flushes);
      vm.audit();
      int level = vm.mappingLevel(9, DIRECT);
      vm.access(0, 0x9000, Access.WRITE, false);
      assertThat(vm.mappingLevel(9, DIRECT)).isEqualTo(2);
      vm.audit();
      return level;
    }
  }
}
