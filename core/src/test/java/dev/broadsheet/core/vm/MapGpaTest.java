package dev.broadsheet.core.vm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.core.tdx.guest.MapGpa;
import dev.broadsheet.core.vm.attributes.YieldHook;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MapGpaTest {
  private static final long MIB2 = 1L << 21;
  private static final long PAGE = 4096;
  private static final long LIMIT = 1L << 47;

  @ParameterizedTest
  @CsvSource({
    "0x1000, 0, INVALID_OPERAND",
    "0x1000, 0x7fffffffffffffff, INVALID_OPERAND",
    "-4096, 0x1000, INVALID_OPERAND",
    "0x800000000000, 0x1000, INVALID_OPERAND",
    "0x7ffffffff000, 0x2000, INVALID_OPERAND",
    "0x1001, 0x1000, ALIGN_ERROR",
    "0x1000, 0x1001, ALIGN_ERROR"
  })
  void mapGpa_badOperands_areRefusedEitherWay(String gpa, String bytes, MapGpa.Status status) {
    try (VirtualMachine vm = VmFixture.vm("kind=tdx,host-gib=1")) {
      for (boolean toPrivate : new boolean[] {true, false}) {
        long from = Long.decode(gpa);
        MapGpaResult result = vm.mapGpa(0, from, Long.decode(bytes), toPrivate);
        assertThat(result).isEqualTo(new MapGpaResult(status.value(), from, 0));
      }
      assertThat(vm.geometry().gfnLimit() << 12).isEqualTo(LIMIT);
    }
  }

  /** Chunks begin where the one before ended: 0x1000 to 0x201000, and so on. */
  @Test
  void mapGpa_interruptDuringTheSecondChunk_answersRetryBehindIt() {
    try (VirtualMachine vm = VmFixture.vm("kind=swprot,attributes=private,host-gib=1")) {
      vm.addMemslot(0, 0, 8 * MIB2);
      int[] windows = new int[1];
      vm.setYieldHook(
          (phase, next) -> {
            if (phase == YieldHook.Phase.INVALIDATED && ++windows[0] == 2) {
              vm.interrupt(0);
            }
          });

      MapGpaResult first = vm.mapGpa(0, PAGE, 5 * MIB2, false);

      long behind = PAGE + 2 * MIB2;
      assertThat(first).isEqualTo(new MapGpaResult(1, behind, 2));
      assertThat(first.mustRetry()).isTrue();
      assertThat(vm.attributes((behind >>> 12) - 1)).isEqualTo(PageAttributes.SHARED);
      assertThat(vm.attributes(behind >>> 12)).isEqualTo(PageAttributes.PRIVATE);
      vm.audit();

      MapGpaResult second = vm.mapGpa(0, first.next(), 3 * MIB2, false);

      assertThat(second).isEqualTo(new MapGpaResult(0, PAGE + 5 * MIB2, 3));
      vm.audit();
    }
  }

  @Test
  void mapGpa_interruptDuringTheLastChunk_isDone() {
    try (VirtualMachine vm = VmFixture.vm("kind=swprot,attributes=private,host-gib=1")) {
      vm.addMemslot(0, 0, 2 * MIB2);
      vm.setYieldHook((phase, next) -> vm.interrupt(0));
      assertThat(vm.mapGpa(0, 0, MIB2, false)).isEqualTo(new MapGpaResult(0, MIB2, 1));
    }
  }

  @Test
  void convert_interruptedAgainAndAgain_goesOnFromR11() {
    try (VirtualMachine vm = VmFixture.vm("kind=tdx,interrupt-every=1,host-gib=1")) {
      vm.addMemslot(0, 0, 8 * MIB2);
      vm.finalizeTd();
      assertThat(vm.mapGpa(0, 0, 5 * MIB2, false)).isEqualTo(new MapGpaResult(1, MIB2, 1));
      assertThat(vm.convert(0, MIB2, 4 * MIB2, false)).isEqualTo(new MapGpaResult(0, 5 * MIB2, 4));
      for (long gfn = 0; gfn < 5 * 512; gfn++) {
        assertThat(vm.attributes(gfn)).isEqualTo(PageAttributes.SHARED);
      }
      assertThat(vm.attributes(5 * 512)).isEqualTo(PageAttributes.PRIVATE);
      vm.audit();
    }
  }
}
