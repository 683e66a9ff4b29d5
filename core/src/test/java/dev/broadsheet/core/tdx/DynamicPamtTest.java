package dev.broadsheet.core.tdx;

import static dev.broadsheet.core.tdx.TdxWorld.GIB;
import static dev.broadsheet.core.tdx.TdxWorld.MIB2;
import static dev.broadsheet.core.tdx.TdxWorld.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.broadsheet.core.tdx.pamt.PageType;
import dev.broadsheet.core.tdx.td.TdParams;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Page pairs behind the 4K PAMT entries of a 2M range. */
final class DynamicPamtTest {
  private static final long GPA = 4 * MIB2;
  private static final long RANGE = GIB;
  private static final long PAIR = 3 * GIB;
  private final TdxWorld w =
      TdxWorld.running(TdParams.defaults(), TdxWorld.config().dynamicPamt(true).build());

  @AfterEach
  void auditAndTakeDown() {
    w.close();
  }

  private long add(long range, long first, long second) {
    return w.call(SeamcallLeaf.TDH_PHYMEM_PAMT_ADD, range | 1, first, second);
  }

  private long removePair(long range) {
    return w.call(SeamcallLeaf.TDH_PHYMEM_PAMT_REMOVE, range | 1, 0, 0);
  }

  @Test
  void aug4k_withoutPair_isMissingPair() {
    w.tables(GPA, 0);
    assertThat(w.aug(GPA, 0, RANGE)).isEqualTo(0x8000030800000008L);
    w.ok(add(RANGE, PAIR, PAIR + 5 * PAGE));
    w.ok(w.aug(GPA, 0, RANGE));
    assertThat(removePair(RANGE)).isEqualTo(0xC000030600000001L);
  }

  @Test
  void aug2m_needsNoPair_demoteTakesOne_promoteReturnsIt() {
    w.mapped(GPA, 1, RANGE, 1);
    w.ok(w.block(GPA, 1));
    w.ok(w.track());
    w.regs.r12 = 0;
    w.regs.r13 = 0;
    assertThat(w.demote(GPA, 1)).isEqualTo(0x800003080000000CL);
    w.regs.r12 = PAIR;
    w.regs.r13 = PAIR;
    assertThat(w.demote(GPA, 1)).isEqualTo(0xC00003030000000DL);
    w.regs.r13 = PAIR + PAGE;
    w.ok(w.demote(GPA, 1));
    assertThat(w.type(PAIR)).isEqualTo(PageType.PT_PAMT);
    w.tables(GPA + MIB2, 0);
    assertThat(w.aug(GPA + MIB2, 0, PAIR)).isEqualTo(0xC000030000000008L);
    w.ok(w.block(GPA, 1));
    w.ok(w.track());
    w.ok(w.promote(GPA, 1));
    assertThat(w.regs.r12).isEqualTo(PAIR);
    assertThat(w.regs.r13).isEqualTo(PAIR + PAGE);
    assertThat(w.type(PAIR)).isEqualTo(PageType.PT_NDA);
  }

  @Test
  void addAndRemove_badOperands_areRefused() {
    assertThat(add(RANGE + PAGE, PAIR, PAIR + PAGE)).isEqualTo(0xC000010000000001L);
    assertThat(w.call(SeamcallLeaf.TDH_PHYMEM_PAMT_ADD, RANGE, PAIR, PAIR + PAGE))
        .isEqualTo(0xC000010000000001L);
    assertThat(add(RANGE, PAIR + 1, PAIR)).isEqualTo(0xC000010000000002L);
    assertThat(add(RANGE, w.tdr, PAIR)).isEqualTo(0xC000030300000002L);
    assertThat(add(RANGE, PAIR, w.tdr)).isEqualTo(0xC000030300000008L);
    assertThat(removePair(RANGE)).isEqualTo(0xC000030500000001L);
    w.ok(add(RANGE, PAIR, PAIR + PAGE));
    assertThat(add(RANGE, PAIR + 2 * PAGE, PAIR + 3 * PAGE)).isEqualTo(0xC000030400000001L);
    assertThat(add(RANGE + MIB2, PAIR, PAIR + 2 * PAGE)).isEqualTo(0xC000030300000002L);
    w.ok(removePair(RANGE));
    assertThat(w.regs.rdx).isEqualTo(PAIR);
    assertThat(w.regs.r8).isEqualTo(PAIR + PAGE);
  }

  @Test
  void manyControlPages_areBackedRangeByRange() {
    for (int i = 0; i < 600; i++) {
      w.tables(i * MIB2, 0); // 600 tables: more than the pages of one 2M range
    }
    assertThat(w.module.septBytes()).isGreaterThan(600 * PAGE);
  }

  @Test
  void realBytes_staticPartIsSmall() {
    TdxModuleConfig.Builder b = TdxModuleConfig.builder().tdmr(0, 256 * GIB).widths(45, 7);
    TdxModule still = new TdxModule(new dev.broadsheet.core.memory.PlainMemory(), b.build());
    assertThat(still.pamtBytes()).isEqualTo(256 * 4_202_512L);
    TdxModule dynamic =
        new TdxModule(new dev.broadsheet.core.memory.PlainMemory(), b.dynamicPamt(true).build());
    assertThat(dynamic.pamtBytes()).isLessThan(256 * GIB / 20_000);
  }
}
