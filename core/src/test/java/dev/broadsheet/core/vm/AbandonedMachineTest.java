package dev.broadsheet.core.vm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.PageTables;
import dev.broadsheet.api.PageTables.Tree;
import dev.broadsheet.core.memory.PlainMemory;
import dev.broadsheet.core.mmu.tdp.TdpMmu;
import dev.broadsheet.core.strategy.StandalonePageTables;
import java.lang.ref.WeakReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A thread outlives the machines that it drives, one after the other, and keeps none of them: its
 * thread-local walks and readers know no machine.
 */
class AbandonedMachineTest {
  private static final long MIB = 1L << 20;
  private static final int MOST_COLLECTIONS = 100;

  @ParameterizedTest
  @CsvSource({"tdx,true", "tdx,false", "swprot,true", "swprot,false", "plain,true"})
  void machine_thatNobodyKeeps_isCollected(String kind, boolean closes)
      throws InterruptedException {
    WeakReference<TdpMmu> mmu = drive("host-gib=1,kind=" + kind, closes);
    assertCollected(mmu);
  }

  /** Returns the machine's tables, which the whole machine hangs on in a TD. */
  private static WeakReference<TdpMmu> drive(String spec, boolean closes) {
    VirtualMachine vm = VmFixture.vm(spec);
    PageTables tables = vm.pageTables();
    tables.reserveBit("SHARED");
    vm.addMemslot(0, 0, 4 * MIB);
    vm.finalizeTd();
    vm.mapGpa(0, MIB, MIB, /* toPrivate= */ false);
    vm.access(0, MIB, Access.WRITE, /* isPrivate= */ false);
    assertThat(tables.walk(Tree.DIRECT, MIB >>> 12).table(PageLevel.PG_LEVEL_2M)).isNotZero();
    if (closes) {
      vm.close();
    }
    return new WeakReference<>(vm.mmu());
  }

  @Test
  void standaloneTables_thatNobodyKeeps_areCollected() throws InterruptedException {
    assertCollected(walked());
  }

  private static WeakReference<StandalonePageTables> walked() {
    PlainMemory memory = new PlainMemory();
    StandalonePageTables tables =
        new StandalonePageTables(memory, PageLevel.PG_LEVEL_512G, /* twoTrees= */ true, 1);
    tables.require(Tree.MIRROR, 0, PageLevel.PG_LEVEL_4K);
    memory.rcu().readLock();
    tables.walk(Tree.MIRROR, 0);
    memory.rcu().readUnlock();
    return new WeakReference<>(tables);
  }

  private static void assertCollected(WeakReference<?> abandoned) throws InterruptedException {
    for (int i = 0; i < MOST_COLLECTIONS && abandoned.get() != null; i++) {
      System.gc();
      Thread.sleep(5);
    }
    assertThat(abandoned.get()).as("what nobody keeps").isNull();
  }
}
