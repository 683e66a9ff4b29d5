package dev.broadsheet.core.vm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.core.memory.Interleaving;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two threads in one machine, every order of their steps within a bound, an audit at each end. A
 * step is an access to a word of kernel memory that both touch, a lock, or RCU.
 *
 * <p>To repeat a failure, hand its schedule line to {@link Interleaving#replay}.
 */
class MmuInterleavingTest {
  private static final long PAGE = 4096;
  private static final long MIB2 = 1L << 21;
  private static final String COMMON =
      ",concurrency=threads,vcpus=2,host-gib=1,max-level=2m,shared-backing=h2m";

  /**
   * Orders per scenario: all with one preemption in most, and the first of those with two. The
   * defects below are found within these.
   */
  private static final long SCHEDULES = 80;

  /** What two threads do to one machine. */
  private record Pair(Consumer<VirtualMachine> first, Consumer<VirtualMachine> second) {}

  private static Interleaving.Outcome explore(String spec, Pair pair) {
    return Interleaving.of(
            stage -> {
              VirtualMachine vm =
                  VirtualMachine.create(
                      VmSpec.parse(spec + COMMON),
                      SteppedStrategy.configured(),
                      other -> {
                        throw new IllegalArgumentException(other);
                      },
                      stage.memory(),
                      stage.rcu());
              vm.addMemslot(0, 0, 2 * MIB2);
              vm.addMemslot(1, 1L << 30, MIB2);
              vm.finalizeTd();
              // Caches are full and roots are there: allocation is not what is explored.
              for (int vcpu = 0; vcpu < 2; vcpu++) {
                touch(vm, vcpu, MIB2 + vcpu * PAGE);
              }
              stage.thread("a", () -> pair.first().accept(vm));
              stage.thread("b", () -> pair.second().accept(vm));
              stage.atEnd(
                  () -> {
                    vm.audit();
                    vm.close();
                  });
            })
        .systematic(2, SCHEDULES);
  }

  private static void assertPasses(String spec, Pair pair) {
    Interleaving.Outcome outcome = explore(spec, pair);
    assertThat(outcome.failure()).as("%s after %d schedules", spec, outcome.schedules()).isEmpty();
    assertThat(outcome.complete() || outcome.schedules() == SCHEDULES).isTrue();
    assertThat(outcome.schedules()).as("orders that differ").isGreaterThan(30);
  }

  /** Faults a page in by its attribute; a TD's vCPUs stay outside the guest. */
  private static void touch(VirtualMachine vm, int vcpu, long gpa) {
    if (vm.spec().isTdx()) {
      vm.enterGuest(vcpu);
      vm.preFault(vcpu, gpa, PAGE, 0, new long[1]);
    } else {
      vm.access(vcpu, gpa, Access.WRITE, PageAttributes.isPrivate(vm.attributes(gpa >>> 12)));
    }
  }

  private static Consumer<VirtualMachine> touching(int vcpu, long gpa) {
    return vm -> touch(vm, vcpu, gpa);
  }

  private static Consumer<VirtualMachine> converting(long gpa, long bytes, int attributes) {
    return vm -> assertThat(vm.setMemoryAttributes(gpa, bytes, attributes, 0)).isZero();
  }

  /** A fault on an unchanged page of the block that a conversion is changing. */
  private static Pair faultAndConversion() {
    return new Pair(
        touching(0, 100 * PAGE), converting(3 * PAGE, 2 * PAGE, PageAttributes.PRIVATE));
  }

  @ParameterizedTest
  @ValueSource(strings = {"kind=swprot", "kind=swprot,invalidation=per-range"})
  void faultAndConversion_ofOneBlock_passTheAudit(String spec) {
    assertPasses(spec, faultAndConversion());
  }

  @ParameterizedTest
  @ValueSource(strings = {"no-edge-guards", "no-stale-check"})
  void faultAndConversion_deliberateDefect_isFound(String defect) {
    Interleaving.Outcome outcome = explore("kind=swprot,defect=" + defect, faultAndConversion());
    Interleaving.Failure failure = outcome.failure().orElseThrow();
    assertThat(failure.cause())
        .hasMessageContaining("leaf of gfn 0x0, level 2, is shared but gfn 0x3 is private");
    assertThat(failure.schedule()).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"kind=tdx", "kind=tdx,external=hook-first", "kind=tdx,folio=4k,split=fault"})
  void faultAndConversion_ofATdsBlock_passTheAudit(String spec) {
    assertPasses(
        spec,
        new Pair(touching(0, 100 * PAGE), converting(3 * PAGE, 2 * PAGE, PageAttributes.SHARED)));
  }

  @Test
  void faultAndConversion_ofTheFaultingPage_passTheAudit() {
    assertPasses(
        "kind=swprot",
        new Pair(touching(0, 3 * PAGE), converting(3 * PAGE, PAGE, PageAttributes.PRIVATE)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"kind=swprot", "kind=plain", "kind=plain,reclaim=rcu"})
  void faultAndSlotDelete_passTheAudit(String spec) {
    assertPasses(
        spec,
        new Pair(
            touching(0, (1L << 30) + 5 * PAGE), vm -> assertThat(vm.removeMemslot(1)).isZero()));
  }

  /** The hole gives frames back while a fault may be about to map them. */
  @ParameterizedTest
  @ValueSource(strings = {"kind=swprot,attributes=private", "kind=tdx,external=hook-first"})
  void faultAndHole_inOneFolio_passTheAudit(String spec) {
    assertPasses(
        spec,
        new Pair(touching(0, 100 * PAGE), vm -> vm.discardOther(90 * PAGE, 20 * PAGE, false)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "kind=swprot",
        "kind=swprot,attributes=private,folio=4k",
        "kind=tdx,folio=4k",
        "kind=tdx,folio=4k,external=hook-first"
      })
  void twoFaults_inOneBlock_passTheAudit(String spec) {
    assertPasses(spec, new Pair(touching(0, 7 * PAGE), touching(1, 8 * PAGE)));
    assertPasses(spec, new Pair(touching(0, 7 * PAGE), touching(1, 7 * PAGE)));
  }
}
