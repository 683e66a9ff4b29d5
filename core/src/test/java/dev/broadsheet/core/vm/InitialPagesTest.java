package dev.broadsheet.core.vm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.broadsheet.core.host.Errno;
import org.junit.jupiter.api.Test;

/** Pages that are part of the TD's measurement. */
final class InitialPagesTest {
  private static final long MIB = 1L << 20;

  @Test
  void initialPages_areRefusedOnceTheTdIsFinal() {
    try (VirtualMachine vm = VmFixture.vm("kind=tdx,vcpus=1,host-gib=8")) {
      assertThat(vm.addMemslot(0, 0, 16 * MIB)).isZero();
      assertThat(vm.addInitialPages(2 * MIB, MIB)).isZero();
      vm.finalizeTd();

      assertThat(vm.addInitialPages(4 * MIB, MIB)).isEqualTo(Errno.EINVAL);
      assertThat(vm.accept(0, 4 * MIB, MIB).outcome()).isEqualTo(AccessOutcome.DONE);
      vm.audit();
    }
  }
}
