package dev.broadsheet.core.vm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.core.memslot.KvmMemslot;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** After any sequence of operations a machine of any kind passes its audit, and closes clean. */
class VirtualMachinePropertyTest {
  private static final long MIB = 1L << 20;
  private static final long GIB = 1L << 30;
  private static final int PAGE = 4096;
  private static final int STEPS = 250;

  /** Seconds of the whole class stay small: few seeds, many kinds. */
  private static final long[] SEEDS = {1, 2};

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "kind=plain,shared-backing=thp",
        "kind=plain,shared-backing=h2m,nx-huge-pages=on,eager-split=off",
        "kind=plain,shared-backing=h1g,levels=5,reclaim=rcu",
        "kind=swprot,shared-backing=thp",
        "kind=swprot,shared-backing=h2m,folio=2m,attributes=private",
        "kind=swprot,shared-backing=h1g,format=ept,reclaim=rcu,yield-every=3",
        "kind=swprot,fragmentation=0.5,folio=1g,invalidation=per-range",
        "kind=tdx",
        "kind=tdx,folio=4k,shared-backing=4k",
        "kind=tdx,dynamic-pamt=on",
        "kind=tdx,merge=promote,inhibit=none,dynamic-pamt=on",
        "kind=tdx,merge=fault,inhibit=none",
        "kind=tdx,split=fault",
        "kind=tdx,levels=5,gpaw=52,external=hook-first,shared-backing=h2m,accept-level=4k",
      })
  void machine_anyOperations_passesItsAudit(String spec) {
    for (long seed : SEEDS) {
      run(spec, seed);
    }
  }

  private static void run(String spec, long seed) {
    Random random = new Random(seed);
    VirtualMachine vm = VmFixture.vm(spec + ",vcpus=2,host-gib=8");
    StringBuilder done = new StringBuilder();
    try {
      assertThat(vm.addMemslot(0, 0, 16 * MIB)).isZero();
      assertThat(vm.addMemslot(1, GIB + PAGE, 8 * MIB)).isZero();
      if (vm.spec().isTdx()) {
        assertThat(vm.addInitialPages(2 * MIB, 5 * PAGE)).isZero();
      }
      vm.finalizeTd();
      for (int i = 0; i < STEPS; i++) {
        String step = step(vm, random);
        done.append(step).append('\n');
        if (i % 10 == 9) {
          vm.audit();
        }
      }
      vm.close();
    } catch (RuntimeException | AssertionError e) {
      String tail = done.substring(Math.max(0, done.length() - 600));
      throw new AssertionError("spec %s, seed %d failed after:%n%s".formatted(spec, seed, tail), e);
    }
    assertThat(vm.mmu().direct().liveTables()).as("tables after close, %s", spec).isZero();
    if (vm.mmu().mirror() != null) {
      assertThat(vm.mmu().mirror().liveTables()).as("mirror tables after close").isZero();
    }
  }

  private static String step(VirtualMachine vm, Random random) {
    long base = random.nextBoolean() ? 0 : GIB + PAGE;
    long slotBytes = base == 0 ? 16 * MIB : 8 * MIB;
    long gpa = base + random.nextLong(slotBytes / PAGE) * PAGE;
    long bytes = size(random, base + slotBytes - gpa);
    int vcpu = random.nextInt(2);
    switch (random.nextInt(12)) {
      case 0, 1, 2, 3, 4 -> {
        return touch(vm, random, vcpu, gpa);
      }
      case 5, 6 -> {
        boolean toPrivate = random.nextBoolean();
        return "map %x %x %s %s"
            .formatted(gpa, bytes, toPrivate, vm.mapGpa(vcpu, gpa, bytes, toPrivate));
      }
      case 7 -> {
        int attributes = random.nextBoolean() ? PageAttributes.PRIVATE : 0;
        return "set %x %x %d: %d"
            .formatted(gpa, bytes, attributes, vm.setMemoryAttributes(gpa, bytes, attributes, 0));
      }
      case 8 -> {
        vm.discard(gpa, bytes);
        return "discard %x %x".formatted(gpa, bytes);
      }
      case 9 -> {
        long[] part = new long[1];
        return "prefault %x %x: %d".formatted(gpa, bytes, vm.preFault(vcpu, gpa, bytes, 0, part));
      }
      case 10 -> {
        return changeSlot(vm, random);
      }
      default -> {
        long aligned = gpa & -(2 * MIB);
        return acceptPrivate(vm, vcpu, random.nextBoolean() ? aligned : gpa, 2 * MIB);
      }
    }
  }

  private static long size(Random random, long most) {
    long wanted =
        switch (random.nextInt(4)) {
          case 0 -> PAGE;
          case 1 -> (1 + random.nextInt(30)) * (long) PAGE;
          case 2 -> 2 * MIB;
          default -> (1 + random.nextInt(2000)) * (long) PAGE;
        };
    return Math.min(wanted, most);
  }

  private static String touch(VirtualMachine vm, Random random, int vcpu, long gpa) {
    Access access = Access.values()[random.nextInt(4)];
    boolean isPrivate =
        vm.spec().hasPrivateMemory() && PageAttributes.isPrivate(vm.attributes(gpa >>> 12));
    if (vm.spec().isTdx() && isPrivate && vm.slots().find(gpa >>> 12) == null) {
      // A TD that touches private memory without a slot does not go on from there.
      return "-";
    }
    AccessResult result = vm.access(vcpu, gpa, access, isPrivate);
    if (result.outcome() == AccessOutcome.NOT_ACCEPTED) {
      assertThat(vm.accept(vcpu, gpa, PAGE).outcome()).isEqualTo(AccessOutcome.DONE);
      result = vm.access(vcpu, gpa, access, isPrivate);
      assertThat(result.outcome()).isEqualTo(AccessOutcome.DONE);
    }
    return "%s %x %s: %s".formatted(access, gpa, isPrivate ? "p" : "s", result);
  }

  /** Accepts only what is private, as a guest knows it. */
  private static String acceptPrivate(VirtualMachine vm, int vcpu, long gpa, long bytes) {
    if (!vm.spec().isTdx()) {
      return "-";
    }
    long end = gpa;
    while (end < gpa + bytes
        && PageAttributes.isPrivate(vm.attributes(end >>> 12))
        && vm.slots().find(end >>> 12) != null) {
      end += PAGE;
    }
    if (end == gpa) {
      return "-";
    }
    return "accept %x %x: %s".formatted(gpa, end - gpa, vm.accept(vcpu, gpa, end - gpa));
  }

  private static String changeSlot(VirtualMachine vm, Random random) {
    int id = random.nextInt(2);
    KvmMemslot slot = vm.slots().byId(id);
    if (slot == null) {
      long gpa = id == 0 ? 0 : GIB + PAGE;
      return "add %d: %d".formatted(id, vm.addMemslot(id, gpa, id == 0 ? 16 * MIB : 8 * MIB));
    }
    if (random.nextInt(4) == 0) {
      return "remove %d: %d".formatted(id, vm.removeMemslot(id));
    }
    int errno = vm.setFlags(id, slot.flags() ^ KvmMemslot.LOG_DIRTY_PAGES);
    return "log %d: %d, %d words".formatted(id, errno, vm.fetchDirtyLog(id).length);
  }
}
