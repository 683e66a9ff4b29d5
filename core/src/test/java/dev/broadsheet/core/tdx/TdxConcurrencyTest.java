package dev.broadsheet.core.tdx;

import static dev.broadsheet.core.tdx.TdxWorld.GIB;
import static dev.broadsheet.core.tdx.TdxWorld.MIB2;
import static dev.broadsheet.core.tdx.TdxWorld.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.broadsheet.core.tdx.sept.SeptState;
import dev.broadsheet.core.tdx.td.Vcpu;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Two to four real threads, hosts and vCPUs, on one tree and the same frames: every answer is a
 * status, and when all is quiet every invariant holds and teardown returns every page.
 */
final class TdxConcurrencyTest {
  private static final int STEPS = 20_000;

  @ParameterizedTest
  @CsvSource({"1,1,1", "2,1,0", "3,2,1", "4,2,2", "5,1,3", "6,3,1", "7,2,2"})
  void hostsAndVcpus_onOneTree_leaveItWhole(long seed, int hosts, int guests) throws Exception {
    TdxWorld w = TdxWorld.building();
    List<Long> vcpus = new ArrayList<>(List.of(w.tdvpr));
    for (int i = 1; i < guests; i++) {
      vcpus.add(w.world.createVcpu(w.tdr, 0));
    }
    w.world.finalizeTd(w.tdr);
    w.tables(0, 1);
    w.module.faults().schedule(seed, 50);
    AtomicLong stop = new AtomicLong(hosts);
    AtomicLong successes = new AtomicLong();
    List<Callable<Long>> work = new ArrayList<>();
    for (int i = 0; i < hosts; i++) {
      SplittableRandom random = new SplittableRandom(seed * 100 + i);
      long tables = 6 * GIB + i * 64L * MIB2;
      work.add(() -> host(w, random, vcpus, guests, tables, successes, stop));
    }
    for (int i = 0; i < guests; i++) {
      SplittableRandom random = new SplittableRandom(seed * 1000 + i);
      long tdvpr = vcpus.get(i);
      work.add(() -> guest(w, random, tdvpr, stop));
    }
    ExecutorService pool = Executors.newFixedThreadPool(work.size());
    try {
      for (Future<Long> done : pool.invokeAll(work)) {
        done.get();
      }
    } finally {
      pool.shutdownNow();
    }
    assertThat(successes.get()).as("seed %d", seed).isGreaterThan(100);
    w.module.faults().schedule(seed, 0);
    for (Vcpu vcpu : w.module.td(w.tdr).vcpus) {
      w.module.tdExit(vcpu.tdvprHpa, 1, w.regs);
    }
    w.close();
  }

  private static long host(
      TdxWorld w,
      SplittableRandom random,
      List<Long> vcpus,
      int guests,
      long tables,
      AtomicLong successes,
      AtomicLong stop) {
    Registers regs = new Registers();
    TdxModule module = w.module;
    long nextTable = tables;
    try {
      for (int step = 0; step < STEPS; step++) {
        int level = random.nextInt(2);
        long gpa = random.nextInt(3) * MIB2 + (level == 0 ? random.nextInt(3) * PAGE : 0);
        long hpa = GIB + random.nextInt(4) * MIB2 + (level == 0 ? random.nextInt(3) * PAGE : 0);
        regs.clear();
        regs.operands(gpa | level, w.tdr, hpa);
        long status;
        switch (random.nextInt(10)) {
          case 0, 1 -> status = module.seamcall(SeamcallLeaf.TDH_MEM_PAGE_AUG, regs);
          case 2, 3 -> status = module.seamcall(SeamcallLeaf.TDH_MEM_RANGE_BLOCK, regs);
          case 4 -> status = module.seamcall(SeamcallLeaf.TDH_MEM_PAGE_REMOVE, regs);
          case 5 -> {
            regs.rcx = w.tdr;
            status = module.seamcall(SeamcallLeaf.TDH_MEM_TRACK, regs);
            if (guests > 0) {
              module.tdExit(vcpus.get(random.nextInt(guests)), 1, regs);
            }
          }
          case 6 -> {
            regs.r8 = nextTable;
            status = module.seamcall(SeamcallLeaf.TDH_MEM_SEPT_ADD, regs);
            nextTable += status == 0 ? PAGE : 0;
          }
          case 7 -> {
            regs.r8 = nextTable;
            status = module.seamcall(SeamcallLeaf.TDH_MEM_PAGE_DEMOTE, regs);
            nextTable += status == 0 ? PAGE : 0;
          }
          case 8 ->
              status =
                  module.seamcall(
                      random.nextBoolean()
                          ? SeamcallLeaf.TDH_MEM_SEPT_REMOVE
                          : SeamcallLeaf.TDH_MEM_PAGE_PROMOTE,
                      regs);
          default ->
              status =
                  module.seamcall(
                      random.nextBoolean()
                          ? SeamcallLeaf.TDH_MEM_RANGE_UNBLOCK
                          : SeamcallLeaf.TDH_MEM_SEPT_RD,
                      regs);
        }
        assertThat(TdxStatus.of(status)).as("status 0x%x", status).isNotNull();
        successes.addAndGet(status == 0 ? 1 : 0);
      }
    } finally {
      stop.decrementAndGet();
    }
    return nextTable;
  }

  private static long guest(TdxWorld w, SplittableRandom random, long tdvpr, AtomicLong stop) {
    Registers regs = new Registers();
    long instructions = 0;
    while (stop.get() > 0) {
      regs.clear();
      regs.rcx = tdvpr;
      if (w.module.seamcall(SeamcallLeaf.TDH_VP_ENTER, regs) != 0) {
        continue;
      }
      GuestOutcome outcome = GuestOutcome.DONE;
      while (stop.get() > 0 && !outcome.leavesTd() && outcome != GuestOutcome.NOT_INSIDE) {
        int level = random.nextInt(2);
        long gpa = random.nextInt(3) * MIB2 + (level == 0 ? random.nextInt(3) * PAGE : 0);
        if (random.nextBoolean()) {
          regs.rcx = gpa | level;
          outcome = w.module.tdcall(tdvpr, TdxWorld.ACCEPT, regs);
        } else {
          outcome = w.module.access(tdvpr, gpa, AccessKind.WRITE, regs);
        }
        instructions++;
      }
      assertThat(outcome).isNotEqualTo(GuestOutcome.TD_DEAD);
    }
    return instructions;
  }

  @ParameterizedTest
  @CsvSource({"2", "4"})
  void faultsOfManyThreads_onDisjointRanges_allSucceedWithoutTheTreeExclusive(int threads)
      throws Exception {
    TdxWorld w = TdxWorld.running();
    for (int i = 0; i < threads; i++) {
      w.tables(i * MIB2, 0);
    }
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    List<Callable<Integer>> work = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      long offset = i * MIB2;
      work.add(
          () -> {
            Registers regs = new Registers();
            for (int p = 0; p < 512; p++) {
              regs.operands(offset + p * PAGE, w.tdr, GIB + offset + p * PAGE);
              assertThat(w.module.seamcall(SeamcallLeaf.TDH_MEM_PAGE_AUG, regs)).isZero();
            }
            return 512;
          });
    }
    try {
      for (Future<Integer> done : pool.invokeAll(work)) {
        assertThat(done.get()).isEqualTo(512);
      }
    } finally {
      pool.shutdownNow();
    }
    assertThat(w.state(511 * PAGE, 0)).isEqualTo(SeptState.PENDING);
    w.close();
  }
}
