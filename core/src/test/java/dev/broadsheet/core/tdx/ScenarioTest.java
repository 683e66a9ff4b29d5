package dev.broadsheet.core.tdx;

import static dev.broadsheet.core.tdx.TdxWorld.GIB;
import static dev.broadsheet.core.tdx.TdxWorld.MIB2;
import static dev.broadsheet.core.tdx.TdxWorld.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.broadsheet.core.tdx.sept.SeptState;
import dev.broadsheet.core.tdx.td.TdControl;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The thirty scenarios of the fact sheet, section 16.3, with the literal register values. */
final class ScenarioTest {
  /** GPA of a 2M range whose page table exists. */
  private static final long GPA = 4 * MIB2;

  private static final long HPA = GIB;
  private TdxWorld w = TdxWorld.running();

  @BeforeEach
  void tablesForTheRange() {
    w.tables(GPA, 0);
    w.regs.clear();
  }

  @AfterEach
  void auditAndTakeDown() {
    w.close();
  }

  private static void expect(long status, long expected) {
    assertThat(status).as(TdxStatus.describe(status)).isEqualTo(expected);
  }

  private void expect(long status, long expected, long rcx, long rdx) {
    expect(status, expected);
    assertThat(w.regs.rcx).as("RCX").isEqualTo(rcx);
    assertThat(w.regs.rdx).as("RDX").isEqualTo(rdx);
  }

  private void restartWith(TdxWorld other) {
    w.close();
    w = other;
    w.tables(GPA, 0);
  }

  @Test
  void s01_septAddLevel4_isInvalid() {
    expect(w.septAdd(0, 4), 0xC000010000000001L, 0, 0);
  }

  @Test
  void s02_septAddLevel0_isInvalid() {
    expect(w.septAdd(GPA, 0), 0xC000010000000001L, 0, 0);
  }

  @Test
  void s03_augWithoutPageTable_failsTheWalk() {
    expect(w.aug(GPA + MIB2, 0, HPA), 0xC0000B0000000001L, 0x8000000000000000L, 0x0001);
  }

  @Test
  void s04_aug2mOverPageTable_isStateIncorrect() {
    expect(w.aug(GPA, 1, HPA), 0xC0000B0D00000001L, 7, 0x8401);
  }

  @Test
  void s05_augTwice_isStateIncorrect() {
    w.ok(w.aug(GPA, 0, HPA));
    expect(w.aug(GPA, 0, HPA + PAGE), 0xC0000B0D00000001L, 0x80000000000000F0L + HPA, 0x0200);
  }

  @Test
  void s06_aug1g_isInvalid() {
    expect(w.aug(0, 2, HPA), 0xC000010000000001L, 0, 0);
  }

  @Test
  void s07_aug2mWithPrivatePieces_isMetadataIncorrect() {
    w.ok(w.aug(GPA, 0, HPA + 5 * PAGE));
    expect(w.aug(GPA + MIB2, 1, HPA), 0xC000030000000008L, 0, 0);
  }

  @Test
  void s08_removeMappedUnblocked_isNotBlocked() {
    w.mapped(GPA, 0, HPA, 1);
    expect(w.remove(GPA, 0), 0xC0000B0600000001L, 0x80000000000000F7L + HPA, 0x0400);
  }

  @Test
  void s09_blockThenRemoveWithoutTrack_isNotTracked() {
    w.mapped(GPA, 0, HPA, 1);
    w.ok(w.block(GPA, 0));
    expect(w.remove(GPA, 0), 0xC0000B0800000001L, 0, 0);
  }

  @Test
  void s10_blockTwice_isAlreadyBlocked() {
    w.mapped(GPA, 0, HPA, 1);
    w.ok(w.block(GPA, 0));
    expect(w.block(GPA, 0), 0x00000B0700000001L, 0x80000000000000F0L + HPA, 0x0100);
  }

  @Test
  void s11_blockFree_isStateIncorrect() {
    expect(w.block(GPA, 0), 0xC0000B0D00000001L, 0x8000000000000000L, 0x0000);
  }

  @Test
  void s12_blockChildOfBlockedTable_failsTheWalk() {
    w.mapped(GPA, 0, HPA, 1);
    w.ok(w.block(GPA, 1));
    expect(w.block(GPA, 0), 0xC0000B0000000001L, 0, 0x8101);
  }

  @Test
  void s13_septRemoveWithMappedChild_isPageNotFree() {
    w.mapped(GPA, 0, HPA, 1);
    w.ok(w.block(GPA, 1));
    w.ok(w.track());
    expect(w.septRemove(GPA, 1), 0xC0000B0E00000001L, 0, 0x8101);
  }

  @Test
  void s14_unblockWithoutTrack_isNotTracked() {
    w.mapped(GPA, 0, HPA, 1);
    w.ok(w.block(GPA, 0));
    expect(w.unblock(GPA, 0), 0xC0000B0800000001L, 0, 0);
  }

  @Test
  void s15_trackWithVcpuOfPreviousEpoch_isBusy() {
    w.enter();
    w.ok(w.track());
    expect(w.track(), 0x8000020100000000L, 0, 0);
  }

  @Test
  void s16_promoteWithPendingChild_isInvalidPromote() {
    w.mapped(GPA, 0, HPA, 511);
    w.ok(w.aug(GPA + 511 * PAGE, 0, HPA + 511 * PAGE));
    w.ok(w.block(GPA, 1));
    w.ok(w.track());
    expect(w.promote(GPA, 1), 0xC0000B0900000001L, 0, 0x8101);
  }

  @Test
  void s17_promoteMisalignedFrames_isInvalidPromote() {
    w.mapped(GPA, 0, HPA + PAGE, 512);
    w.ok(w.block(GPA, 1));
    w.ok(w.track());
    expect(w.promote(GPA, 1), 0xC0000B0900000001L, 0, 0x8101);
  }

  @Test
  void s18_demoteUnblocked_isNotBlocked() {
    long gpa = GPA + MIB2;
    w.mapped(gpa, 1, HPA, 1);
    expect(w.demote(gpa, 1), 0xC0000B0600000001L, 0x80000000000000F7L + HPA, 0x0401);
  }

  @Test
  void s19_blockTrackDemote_leavesMappedChildren() {
    long gpa = GPA + MIB2;
    w.mapped(gpa, 1, HPA, 1);
    w.ok(w.block(gpa, 1));
    w.ok(w.track());
    w.ok(w.demote(gpa, 1));
    assertThat(w.state(gpa, 1)).isEqualTo(SeptState.NL_MAPPED);
    expect(
        w.call(SeamcallLeaf.TDH_MEM_SEPT_RD, gpa, w.tdr, 0), 0, 0x80000000000000F7L + HPA, 0x0400);
    assertThat(w.state(gpa + 511 * PAGE, 0)).isEqualTo(SeptState.MAPPED);
  }

  @Test
  void s20_pageAddAfterFinalize_isOpStateIncorrect() {
    w.regs.r9 = 0x123000;
    expect(w.call(SeamcallLeaf.TDH_MEM_PAGE_ADD, GPA, w.tdr, HPA), 0xC000060800000000L, 0, 0);
    w.enter();
    expect(w.call(SeamcallLeaf.TDH_MEM_PAGE_ADD, GPA, w.tdr, HPA), 0x8000020000000002L, 0, 0);
  }

  @Test
  void s21_anyMemLeafAgainstExclusiveTree_isBusy() {
    TdControl td = w.module.td(w.tdr);
    assertThat(td.treeLock.tryExclusive()).isTrue();
    expect(w.aug(GPA, 0, HPA), 0x8000020000000092L, 0, 0);
    expect(w.septAdd(GPA, 1), 0x8000020000000092L, 0, 0);
    expect(w.block(GPA, 1), 0x8000020000000092L, 0, 0);
    expect(w.unblock(GPA, 1), 0x8000020000000092L, 0, 0);
    expect(w.remove(GPA, 0), 0x8000020000000092L, 0, 0);
    expect(w.septRemove(GPA, 1), 0x8000020000000092L, 0, 0);
    expect(w.demote(GPA, 1), 0x8000020000000092L, 0, 0);
    expect(w.promote(GPA, 1), 0x8000020000000092L, 0, 0);
    expect(w.call(SeamcallLeaf.TDH_MEM_SEPT_RD, GPA, w.tdr, 0), 0x8000020000000092L, 0, 0);
    expect(w.call(SeamcallLeaf.TDH_MEM_PAGE_RELOCATE, GPA, w.tdr, HPA), 0x8000020000000092L, 0, 0);
    td.treeLock.unlockExclusive();
  }

  @Test
  void s22_accept2mOver4kTable_isSizeMismatch() {
    w.enter();
    assertThat(w.accept(GPA, 1)).isEqualTo(GuestOutcome.DONE);
    expect(w.regs.rax, 0xC0000B0B00000001L);
  }

  @Test
  void s23_accept4kUnderPending2m_exits() {
    long gpa = GPA + MIB2;
    w.ok(w.aug(gpa, 1, HPA));
    w.enter();
    assertThat(w.accept(gpa + 3 * PAGE, 0)).isEqualTo(GuestOutcome.TD_EXIT);
    expect(w.regs.rax, 48, 2, (0x4088L << 32) + 1);
    assertThat(w.regs.r8).isEqualTo(gpa + 3 * PAGE);
    assertThat(w.module.isInside(w.tdvpr)).isFalse();
  }

  @Test
  void s24_accept2mOfFree_exits() {
    w.enter();
    assertThat(w.accept(GPA + MIB2, 1)).isEqualTo(GuestOutcome.TD_EXIT);
    expect(w.regs.rax, 48, 2, (0x0009L << 32) + 1);
  }

  @Test
  void s25_accept4kMapped_isAlreadyAccepted() {
    w.mapped(GPA, 0, HPA, 1);
    w.enter();
    assertThat(w.accept(GPA, 0)).isEqualTo(GuestOutcome.DONE);
    expect(w.regs.rax, 0x00000B0A00000000L);
  }

  @Test
  void s26_accept4kInsideMapped2m_isAlreadyAccepted() {
    long gpa = GPA + MIB2;
    w.mapped(gpa, 1, HPA, 1);
    w.enter();
    assertThat(w.accept(gpa + PAGE, 0)).isEqualTo(GuestOutcome.DONE);
    expect(w.regs.rax, 0x00000B0A00000001L);
  }

  @Test
  void s27_reclaimBeforeFreeId_isLifeCycleIncorrect() {
    w.ok(w.aug(GPA + MIB2, 1, HPA));
    expect(w.call(SeamcallLeaf.TDH_PHYMEM_PAGE_RECLAIM, HPA, 0, 0), 0xC000060700000000L, 3, w.tdr);
    assertThat(w.regs.r8).isEqualTo(1);
  }

  @Test
  void s28_wbinvdOfPrivatePage_isMetadataIncorrect() {
    w.ok(w.aug(GPA, 0, HPA));
    long withKey = HPA | (long) TdxWorld.HKID << w.module.config().hpaBits();
    expect(w.call(SeamcallLeaf.TDH_PHYMEM_PAGE_WBINVD, withKey, 0, 0), 0xC000030000000001L);
  }

  @Test
  void s29_removeBeforeFinalize_needsNoBlock() {
    restartWith(TdxWorld.building());
    w.regs.r9 = 0x123000;
    w.ok(w.call(SeamcallLeaf.TDH_MEM_PAGE_ADD, GPA, w.tdr, HPA));
    assertThat(w.state(GPA, 0)).isEqualTo(SeptState.MAPPED);
    expect(w.remove(GPA, 0), 0, HPA, 0);
    assertThat(w.state(GPA, 0)).isEqualTo(SeptState.FREE);
  }

  @Test
  void s30_augBeforeFinalize_isPending() {
    restartWith(TdxWorld.building());
    expect(w.aug(GPA, 0, HPA), 0, 0, 0);
    assertThat(w.state(GPA, 0)).isEqualTo(SeptState.PENDING);
  }
}
