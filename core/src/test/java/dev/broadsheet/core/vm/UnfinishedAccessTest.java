package dev.broadsheet.core.vm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.broadsheet.core.tdx.SeamcallLeaf;
import dev.broadsheet.core.vm.attributes.YieldHook;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a TD's vCPU whose private access did not finish: the zero-step defence. */
class UnfinishedAccessTest {
  private static final long MIB2 = 1L << 21;
  private static final int PAGE = 4096;

  /** More faults than the module tolerates. */
  private static final int MANY = 20;

  private final VirtualMachine vm = VmFixture.vm("kind=tdx,host-gib=1,vcpus=2");

  UnfinishedAccessTest() {
    vm.addMemslot(0, 0, 4 * MIB2);
    vm.finalizeTd();
    vm.accept(0, 0, MIB2);
    vm.accept(0, 3 * MIB2, PAGE);
  }

  @AfterEach
  void close() {
    vm.audit();
    vm.close();
  }

  private AccessOutcome touch(long gpa) {
    return vm.access(0, gpa, Access.WRITE, true).outcome();
  }

  private long entries() {
    return vm.module().counters().of(SeamcallLeaf.TDH_VP_ENTER);
  }

  /** Runs while the invalidation of a conversion is open. */
  private void during(Runnable action) {
    vm.setYieldHook(
        (phase, next) -> {
          if (phase == YieldHook.Phase.INVALIDATED) {
            action.run();
          }
        });
  }

  /** The page that is converted, and one beside it that faults as the block is guarded. */
  @ParameterizedTest
  @ValueSource(longs = {MIB2 + PAGE, MIB2})
  void access_toldRetryAgainAndAgain_staysOutsideAndMayGoElsewhere(long gpa) {
    during(
        () -> {
          assertThat(touch(gpa)).isEqualTo(AccessOutcome.RETRY);
          long before = entries();
          for (int i = 0; i < MANY; i++) {
            assertThat(touch(gpa)).isEqualTo(AccessOutcome.RETRY);
          }
          assertThat(entries()).as("entries while told RETRY").isEqualTo(before);
          assertThat(touch(3 * MIB2)).isEqualTo(AccessOutcome.DONE);
          assertThat(touch(gpa)).isEqualTo(AccessOutcome.RETRY);
        });
    assertThat(vm.setMemoryAttributes(MIB2 + PAGE, PAGE, 0, 0)).isZero();
    assertThat(touch(3 * MIB2)).isEqualTo(AccessOutcome.DONE);
    assertThat(vm.accept(0, MIB2, PAGE).outcome()).isEqualTo(AccessOutcome.DONE);
  }

  @Test
  void access_toldRetryAtManyPages_isUnderNoSuspicion() {
    during(
        () -> {
          for (int i = 0; i < MANY; i++) {
            assertThat(touch((i + 1L) * PAGE)).isEqualTo(AccessOutcome.RETRY);
          }
          assertThat(touch(3 * MIB2)).isEqualTo(AccessOutcome.DONE);
        });
    vm.setMemoryAttributes(PAGE, MANY * PAGE, 0, 0);
    assertThat(touch(3 * MIB2)).isEqualTo(AccessOutcome.DONE);
  }

  @Test
  void access_pageThatWaitsForAcceptOverAndOver_keepsTheVcpuOutUntilAnotherAccepts() {
    long page = 2 * MIB2;
    for (int i = 0; i < MANY; i++) {
      assertThat(touch(page)).isEqualTo(AccessOutcome.NOT_ACCEPTED);
    }
    assertThat(touch(3 * MIB2)).isEqualTo(AccessOutcome.NOT_ACCEPTED);
    assertThat(vm.accept(0, page, PAGE).outcome()).isEqualTo(AccessOutcome.NOT_ACCEPTED);
    assertThat(vm.accept(1, page, MIB2).outcome()).isEqualTo(AccessOutcome.DONE);
    assertThat(touch(3 * MIB2)).isEqualTo(AccessOutcome.DONE);
  }

  @Test
  void access_memoryFaultOverAndOver_isMendedBeforeTheGuestGoesOn() {
    vm.setMemoryAttributes(PAGE, PAGE, 0, 0);
    for (int i = 0; i < MANY; i++) {
      assertThat(touch(PAGE)).isEqualTo(AccessOutcome.MEMORY_FAULT);
    }
    assertThat(touch(3 * MIB2)).as("the entry is refused").isEqualTo(AccessOutcome.MEMORY_FAULT);
  }
}
