package dev.broadsheet.core.vm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.core.mmu.MmuCounter;
import dev.broadsheet.core.vm.attributes.YieldHook;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** vCPUs as threads, against conversions, holes and slot changes; an audit at every quiet point. */
class VirtualMachineConcurrencyTest {
  private static final long MIB2 = 1L << 21;
  private static final int PAGE = 4096;
  private static final int VCPUS = 3;
  private static final int ROUNDS = 6;
  private static final int STEPS = 300;
  private static final long BYTES = 4 * MIB2;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "kind=swprot,shared-backing=h2m",
        "kind=swprot,shared-backing=thp,invalidation=per-range,yield-every=5",
        "kind=tdx",
        "kind=tdx,external=hook-first,shared-backing=h2m"
      })
  void machine_threadsAtOnce_passesItsAudit(String spec) throws Exception {
    try (VirtualMachine vm =
        VmFixture.vm(spec + ",concurrency=threads,host-gib=4,vcpus=" + VCPUS)) {
      vm.addMemslot(0, 0, BYTES);
      vm.addMemslot(1, 1L << 30, BYTES);
      vm.finalizeTd();
      ExecutorService threads = Executors.newFixedThreadPool(VCPUS + 2);
      for (int round = 0; round < ROUNDS; round++) {
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < VCPUS; i++) {
          int vcpu = i;
          long seed = 100L * round + i;
          running.add(threads.submit(() -> guest(vm, vcpu, new Random(seed))));
        }
        long seed = 7L * round;
        running.add(threads.submit(() -> convert(vm, new Random(seed))));
        running.add(threads.submit(() -> changeHost(vm, new Random(seed + 1))));
        for (Future<?> future : running) {
          future.get(60, TimeUnit.SECONDS);
        }
        vm.audit();
      }
      threads.shutdown();
      assertThat(vm.counters().get(MmuCounter.RET_PF_FIXED)).isPositive();
    }
  }

  private static void guest(VirtualMachine vm, int vcpu, Random random) {
    for (int i = 0; i < STEPS; i++) {
      long gpa = random.nextLong(BYTES / PAGE) * PAGE;
      boolean isPrivate = PageAttributes.isPrivate(vm.attributes(gpa >>> 12));
      AccessResult result = vm.access(vcpu, gpa, Access.values()[random.nextInt(4)], isPrivate);
      if (result.outcome() == AccessOutcome.NOT_ACCEPTED) {
        vm.accept(vcpu, gpa, PAGE);
      }
    }
  }

  private static void convert(VirtualMachine vm, Random random) {
    for (int i = 0; i < STEPS / 4; i++) {
      long gpa = random.nextLong(BYTES / PAGE) * PAGE;
      long bytes = Math.min(BYTES - gpa, (1 + random.nextInt(700)) * (long) PAGE);
      vm.mapGpa(0, gpa, bytes, random.nextBoolean());
    }
  }

  private static void changeHost(VirtualMachine vm, Random random) {
    for (int i = 0; i < STEPS / 8; i++) {
      long gpa = random.nextLong(BYTES / PAGE) * PAGE;
      vm.discard(gpa, Math.min(BYTES - gpa, 37L * PAGE));
      if (i % 4 == 0) {
        vm.removeMemslot(1);
        assertThat(vm.addMemslot(1, 1L << 30, BYTES)).isZero();
      }
    }
  }

  /**
   * A fault on an unchanged page of a block while another page of it is converted: nothing forbids
   * a 2M mapping yet, so the invalidation must cover the whole block. Re-creates the bug that KVM
   * had before.
   */
  @Test
  void conversion_edgeGuardsLeftOut_isFoundByTheAudit() {
    assertThat(overlaps("defect=none")).isFalse();
    assertThat(overlaps("defect=no-edge-guards")).isTrue();
  }

  /** Returns whether a shared access to the rest of a 2M block went through during a conversion. */
  private static boolean overlaps(String defect) {
    VirtualMachine vm =
        VmFixture.vm("kind=swprot,shared-backing=h2m,host-gib=4,max-level=2m," + defect);
    vm.addMemslot(0, 0, BYTES);
    boolean[] through = new boolean[1];
    vm.setYieldHook(
        (phase, next) -> {
          if (phase == YieldHook.Phase.INVALIDATED) {
            AccessResult result = vm.access(0, 100 * PAGE, Access.WRITE, false);
            through[0] |= result.outcome() == AccessOutcome.DONE && result.level() == 2;
          }
        });
    vm.setMemoryAttributes(PAGE, PAGE, PageAttributes.PRIVATE, 0);
    boolean rejected;
    try {
      vm.audit();
      rejected = false;
    } catch (IllegalStateException e) {
      rejected = true;
    }
    assertThat(rejected).isEqualTo(through[0]);
    return rejected;
  }
}
