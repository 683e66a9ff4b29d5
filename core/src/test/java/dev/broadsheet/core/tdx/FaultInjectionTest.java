package dev.broadsheet.core.tdx;

import static dev.broadsheet.core.tdx.TdxWorld.GIB;
import static dev.broadsheet.core.tdx.TdxWorld.MIB2;
import static org.assertj.core.api.Assertions.assertThat;

import dev.broadsheet.core.memory.PlainMemory;
import dev.broadsheet.core.tdx.sept.SeptState;
import dev.broadsheet.core.tdx.td.TdParams;
import org.junit.jupiter.api.Test;

/** Failures on demand, and restartable functions under a storm of interrupts. */
final class FaultInjectionTest {
  private static final long GPA = 4 * MIB2;

  @Test
  void everyFunction_toldToBeBusyOrInterrupted_answersAtItsNthCall() {
    TdxModule module = new TdxModule(new PlainMemory(), TdxWorld.config().build());
    Registers regs = new Registers();
    for (SeamcallLeaf leaf : SeamcallLeaf.values()) {
      if (leaf == SeamcallLeaf.TDH_SYS_SHUTDOWN
          || module.seamcall(leaf, regs) == 0xC000010000000000L) {
        continue; // ends everything, or is not modelled
      }
      module.faults().busy(leaf, 2, OperandId.TDR);
      regs.clear();
      long first = module.seamcall(leaf, regs);
      regs.clear();
      assertThat(module.seamcall(leaf, regs)).as(leaf.name()).isEqualTo(0x8000020000000080L);
      regs.clear();
      assertThat(module.seamcall(leaf, regs)).as(leaf.name()).isEqualTo(first);
    }
    module.audit();
  }

  @Test
  void nonRestartableFunction_interrupted_hasDoneNothing() {
    TdxWorld w = TdxWorld.running();
    w.tables(GPA, 0);
    w.module.faults().interrupt(SeamcallLeaf.TDH_MEM_PAGE_AUG, 1);
    assertThat(w.aug(GPA, 0, GIB)).isEqualTo(0x8000000400000000L);
    assertThat(w.regs.rcx).isEqualTo(GPA);
    assertThat(w.state(GPA, 0)).isEqualTo(SeptState.FREE);
    w.ok(w.aug(GPA, 0, GIB));
    w.close();
  }

  @Test
  void demoteAndPromote_interrupted_putOperandsBackAndChangeNothing() {
    TdxWorld w = TdxWorld.running();
    w.mapped(GPA, 1, GIB, 1);
    w.ok(w.block(GPA, 1));
    w.ok(w.track());
    w.module.faults().interrupt(SeamcallLeaf.TDH_MEM_PAGE_DEMOTE, 1);
    assertThat(w.demote(GPA, 1)).isEqualTo(0x8000000400000000L);
    assertThat(w.regs.rcx).isEqualTo(GPA | 1);
    assertThat(w.regs.rdx).isEqualTo(w.tdr);
    assertThat(w.state(GPA, 1)).isEqualTo(SeptState.BLOCKED);
    w.module.audit();
    w.ok(w.demote(GPA, 1));
    w.ok(w.block(GPA, 1));
    w.ok(w.track());
    w.module.faults().interrupt(SeamcallLeaf.TDH_MEM_PAGE_PROMOTE, 1);
    assertThat(w.promote(GPA, 1)).isEqualTo(0x8000000400000000L);
    assertThat(w.regs.rcx).isEqualTo(GPA | 1);
    assertThat(w.state(GPA, 1)).isEqualTo(SeptState.NL_BLOCKED);
    w.module.audit();
    w.ok(w.promote(GPA, 1));
    w.close();
  }

  @Test
  void demote_underAStorm_starves_unlessTheFeatureIsThere() {
    TdxWorld w = TdxWorld.running();
    w.mapped(GPA, 1, GIB, 1);
    w.ok(w.block(GPA, 1));
    w.ok(w.track());
    w.module.faults().schedule(1, 1);
    for (int i = 0; i < 10; i++) {
      assertThat(w.demote(GPA, 1)).isEqualTo(0x8000000400000000L);
    }
    w.module.faults().schedule(1, 0);
    w.ok(w.demote(GPA, 1));
    w.close();

    TdxWorld later =
        TdxWorld.running(
            TdParams.defaults(), TdxWorld.config().demoteUninterruptible(true).build());
    later.mapped(GPA, 1, GIB, 1);
    later.ok(later.block(GPA, 1));
    later.ok(later.track());
    later.module.faults().schedule(1, 1);
    later.ok(later.demote(GPA, 1));
    assertThat(later.module.config().features0() >>> 51 & 1).isEqualTo(1);
    later.close();
  }

  @Test
  void counters_countByFunctionAndStatus() {
    TdxWorld w = TdxWorld.running();
    w.tables(GPA, 0);
    long before = w.module.counters().of(SeamcallLeaf.TDH_MEM_PAGE_AUG);
    w.ok(w.aug(GPA, 0, GIB));
    w.aug(GPA, 0, GIB);
    SeamcallCounters counters = w.module.counters();
    assertThat(counters.of(SeamcallLeaf.TDH_MEM_PAGE_AUG)).isEqualTo(before + 2);
    assertThat(counters.of(SeamcallLeaf.TDH_MEM_PAGE_AUG, TdxStatus.TDX_EPT_ENTRY_STATE_INCORRECT))
        .isEqualTo(1);
    w.close();
  }
}
