package dev.broadsheet.core.tdx;

import static dev.broadsheet.core.tdx.TdxWorld.GIB;
import static dev.broadsheet.core.tdx.TdxWorld.MIB2;
import static dev.broadsheet.core.tdx.TdxWorld.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.broadsheet.core.tdx.guest.MapGpa;
import dev.broadsheet.core.tdx.sept.SeptEntry;
import dev.broadsheet.core.tdx.sept.SeptState;
import dev.broadsheet.core.tdx.sept.SeptTables;
import dev.broadsheet.core.tdx.sept.SeptWalk;
import dev.broadsheet.core.tdx.td.TdControl;
import dev.broadsheet.core.tdx.td.TdParams;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** TDCALLs, accesses and what the host sees of them. */
final class GuestTest {
  private static final long GPA = 4 * MIB2;
  private TdxWorld w = TdxWorld.running();

  @AfterEach
  void auditAndTakeDown() {
    w.close();
  }

  private void withParams(TdParams params) {
    w.close();
    w = TdxWorld.running(params);
  }

  private GuestOutcome read(long gpa) {
    return w.module.access(w.tdvpr, gpa, AccessKind.READ, w.regs);
  }

  private GuestOutcome write(long gpa, long value) {
    w.regs.rax = value;
    return w.module.access(w.tdvpr, gpa, AccessKind.WRITE, w.regs);
  }

  private void sees(GuestOutcome outcome, long rcx, long rdx, long r8) {
    assertThat(outcome).isEqualTo(GuestOutcome.TD_EXIT);
    assertThat(w.regs.rax).isEqualTo(48);
    assertThat(w.regs.rcx).isEqualTo(rcx);
    assertThat(w.regs.rdx).isEqualTo(rdx);
    assertThat(w.regs.r8).isEqualTo(r8);
  }

  @Test
  void accept_badOperands_areInvalidWithoutExit() {
    w.enter();
    for (long rcx :
        new long[] {GPA | 2, GPA | PAGE | 1, GPA | 8, GPA | 1L << 52, 1L << 47, 1L << 48}) {
      w.regs.rcx = rcx;
      assertThat(w.module.tdcall(w.tdvpr, 6, w.regs)).isEqualTo(GuestOutcome.DONE);
      assertThat(w.regs.rax).isEqualTo(0xC000010000000001L);
    }
    assertThat(w.module.tdcall(w.tdvpr, 99, w.regs)).isEqualTo(GuestOutcome.DONE);
    assertThat(w.regs.rax).isEqualTo(0xC000010000000000L);
  }

  @Test
  void accept_blockedAndMissing_exitWithDetails() {
    w.mapped(GPA, 0, GIB, 1);
    w.ok(w.aug(GPA + PAGE, 0, GIB + PAGE));
    w.ok(w.block(GPA, 0));
    w.ok(w.block(GPA + PAGE, 0));
    w.enter();
    sees(w.accept(GPA, 0), 2, ((1L << 6 | 1 << 14) << 32) | 1, GPA);
    w.enter();
    sees(w.accept(GPA + PAGE, 0), 2, ((3L << 6 | 1 << 14) << 32) | 1, GPA + PAGE);
    w.enter();
    sees(w.accept(1L << 39, 0), 2, (3L << 3 << 32) | 1, 1L << 39);
    w.enter();
    sees(w.accept(1L << 39, 1), 2, ((1L | 3 << 3) << 32) | 1, 1L << 39);
  }

  @Test
  void accept_entryLockedByHost_isBusyAndHostGoesFirst() {
    w.tables(GPA, 0);
    w.ok(w.aug(GPA, 0, GIB));
    w.enter();
    // A second host that fails on the lock leaves the flag; the guest then gives way to it.
    SeptWalk walk = new SeptWalk();
    w.module.septEntry(w.tdr, GPA, 0, walk);
    SeptTables tables = w.module.tables();
    assertThat(tables.lockHost(walk)).isTrue();
    assertThat(w.remove(GPA, 0)).isEqualTo(0x8000020000000001L);
    assertThat(w.regs.rdx).isEqualTo(0x0200); // details as read before locking
    assertThat(w.accept(GPA, 0)).isEqualTo(GuestOutcome.DONE);
    assertThat(w.regs.rax).isEqualTo(0x8000020000000001L);
    tables.unlock(walk.table, walk.index, walk.level, walk.entry);
    assertThat(w.accept(GPA, 0)).isEqualTo(GuestOutcome.DONE); // free, but a host asked first
    assertThat(w.regs.rax).isEqualTo(0x8000020000000001L);
    assertThat(w.call(SeamcallLeaf.TDH_MEM_SEPT_RD, GPA, w.tdr, 0)).isZero();
    assertThat(w.accept(GPA, 0)).isEqualTo(GuestOutcome.DONE);
    assertThat(w.regs.rax).isZero();
  }

  @Test
  void accept_guestThatLosesTooOften_isForcedOut() {
    w.close();
    w = TdxWorld.running(TdParams.defaults(), TdxWorld.config().hostPriorityAttempts(3).build());
    w.tables(GPA, 0);
    w.ok(w.aug(GPA, 0, GIB));
    SeptWalk walk = new SeptWalk();
    w.module.septEntry(w.tdr, GPA, 0, walk);
    SeptTables tables = w.module.tables();
    w.enter();
    assertThat(tables.lockHost(walk)).isTrue();
    assertThat(tables.lockHost(walk)).isFalse();
    tables.unlock(walk.table, walk.index, walk.level, walk.entry);
    assertThat(w.accept(GPA, 0)).isEqualTo(GuestOutcome.DONE);
    assertThat(w.accept(GPA, 0)).isEqualTo(GuestOutcome.DONE);
    assertThat(w.accept(GPA, 0)).isEqualTo(GuestOutcome.TD_EXIT);
    assertThat(w.regs.rax).isEqualTo(0x9000020500000000L);
  }

  @Test
  void accept2m_interrupted_keepsItsCountUntilBlocked() {
    w.tables(GPA, 1);
    w.ok(w.aug(GPA, 1, GIB));
    w.enter();
    w.module.faults().schedule(7, 1);
    assertThat(w.accept(GPA, 1)).isEqualTo(GuestOutcome.INTERRUPTED);
    assertThat(w.accept(GPA, 1)).isEqualTo(GuestOutcome.INTERRUPTED);
    assertThat(SeptEntry.acceptCounter(entry(GPA, 1))).isEqualTo(2);
    w.ok(w.block(GPA, 1));
    assertThat(SeptEntry.acceptCounter(entry(GPA, 1))).isZero();
    w.kick();
    w.ok(w.track());
    w.ok(w.unblock(GPA, 1));
    w.enter();
    for (int i = 0; i < 511; i++) {
      assertThat(w.accept(GPA, 1)).isEqualTo(GuestOutcome.INTERRUPTED);
    }
    assertThat(w.accept(GPA, 1)).isEqualTo(GuestOutcome.DONE);
    assertThat(w.regs.rax).isZero();
    assertThat(w.state(GPA, 1)).isEqualTo(SeptState.MAPPED);
  }

  private long entry(long gpa, int level) {
    return w.module.septEntry(w.tdr, gpa, level, new SeptWalk());
  }

  @Test
  void access_byState_exitsWithTypeZeroOrSix() {
    w.mapped(GPA, 0, GIB, 1);
    w.ok(w.aug(GPA + PAGE, 0, GIB + PAGE));
    w.enter();
    assertThat(read(GPA + 5)).isEqualTo(GuestOutcome.DONE);
    sees(write(GPA + PAGE + 5, 1), 2, 6, GPA + PAGE);
    w.enter();
    sees(read(GPA + 2 * PAGE), 1, 0, GPA + 2 * PAGE);
    w.ok(w.block(GPA, 0));
    w.enter();
    sees(w.module.access(w.tdvpr, GPA, AccessKind.EXECUTE, w.regs), 4, 0, GPA);
    assertThat(read(GPA)).isEqualTo(GuestOutcome.NOT_INSIDE);
    w.enter();
    assertThat(read(GPA | 1L << 47)).isEqualTo(GuestOutcome.SHARED);
    sees(
        w.module.sharedViolation(w.tdvpr, GPA | 1L << 47, AccessKind.WRITE, w.regs),
        2,
        0,
        GPA | 1L << 47);
  }

  @Test
  void pendingTouch_withVeEnabled_raisesOneExceptionThenADoubleFault() {
    withParams(TdParams.defaults().withAttributes(0).withConfigFlags(TdParams.FLEXIBLE_PENDING_VE));
    w.tables(GPA, 0);
    w.ok(w.aug(GPA, 0, GIB));
    w.enter();
    assertThat(w.module.tdcall(w.tdvpr, 3, w.regs)).isEqualTo(GuestOutcome.DONE);
    assertThat(w.regs.rax).isEqualTo(0xC000070400000000L);
    assertThat(write(GPA + 8, 1)).isEqualTo(GuestOutcome.VE);
    assertThat(write(GPA + 8, 1)).isEqualTo(GuestOutcome.DOUBLE_FAULT);
    assertThat(w.module.tdcall(w.tdvpr, 3, w.regs)).isEqualTo(GuestOutcome.DONE);
    assertThat(w.regs.rcx).isEqualTo(48);
    assertThat(w.regs.rdx).isEqualTo(2);
    assertThat(w.regs.r9).isEqualTo(GPA);
    w.regs.rdx = 0x1110000300000017L; // TD_CTLS: #VE for pending pages off
    w.regs.r8 = 1;
    w.regs.r9 = 1;
    assertThat(w.module.tdcall(w.tdvpr, 8, w.regs)).isEqualTo(GuestOutcome.DONE);
    assertThat(w.regs.rax).isZero();
    sees(write(GPA + 8, 1), 2, 6, GPA);
  }

  @Test
  void tdCtls_withoutFlexibleFlag_isNotWritable() {
    w.enter();
    w.regs.rdx = 0x1110000300000017L;
    w.regs.r9 = 1;
    w.module.tdcall(w.tdvpr, 8, w.regs);
    assertThat(w.regs.rax).isEqualTo(0xC0000C0100000002L);
  }

  @Test
  void attributes_readAndWrite_onlyLook() {
    w.mapped(GPA, 0, GIB, 1);
    w.ok(w.aug(GPA + PAGE, 0, GIB + PAGE));
    w.enter();
    w.regs.rcx = GPA + PAGE;
    assertThat(w.module.tdcall(w.tdvpr, 23, w.regs)).isEqualTo(GuestOutcome.DONE);
    assertThat(w.regs.rcx).isEqualTo((GPA + PAGE) | 1L << 62);
    w.regs.operands(GPA | 1, 0, 0);
    assertThat(w.module.tdcall(w.tdvpr, 24, w.regs)).isEqualTo(GuestOutcome.DONE);
    assertThat(w.regs.rax).isEqualTo(0xC0000B0B00000001L);
    w.regs.operands((GPA + MIB2) | 0, 0, 0);
    sees(w.module.tdcall(w.tdvpr, 24, w.regs), 2, (1L << 3 << 32) | 5, GPA + MIB2);
    w.enter();
    w.regs.rcx = GPA + MIB2;
    sees(w.module.tdcall(w.tdvpr, 23, w.regs), 0, 0, GPA + MIB2);
  }

  @Test
  void zeroStep_seventhFaultWithoutProgress_makesEntryTakeTheTree() {
    w.tables(GPA, 0);
    for (int i = 0; i < 7; i++) {
      w.enter();
      sees(read(GPA), 1, 0, GPA);
    }
    TdControl td = w.module.td(w.tdr);
    assertThat(td.treeLock.tryShared()).isTrue();
    assertThat(w.call(SeamcallLeaf.TDH_VP_ENTER, w.tdvpr, 0, 0)).isEqualTo(0x8000020000000092L);
    td.treeLock.unlockShared();
    assertThat(w.call(SeamcallLeaf.TDH_VP_ENTER, w.tdvpr, 0, 0)).isEqualTo(48);
    assertThat(w.regs.r8).isEqualTo(GPA);
    assertThat(w.module.isInside(w.tdvpr)).isFalse();
    w.ok(w.aug(GPA, 0, GIB));
    assertThat(w.call(SeamcallLeaf.TDH_VP_ENTER, w.tdvpr, 0, 0)).isEqualTo(48); // pending, no #VE
    assertThat(w.regs.rdx).isEqualTo(6);
    w.ok(w.block(GPA, 0));
    w.ok(w.track());
    w.ok(w.remove(GPA, 0));
    w.module.audit();
  }

  @Test
  void zeroStep_sixFaults_areTolerated() {
    w.tables(GPA, 0);
    for (int i = 0; i < 6; i++) {
      w.enter();
      sees(read(GPA), 1, 0, GPA);
    }
    TdControl td = w.module.td(w.tdr);
    assertThat(td.treeLock.tryShared()).isTrue();
    w.enter();
    td.treeLock.unlockShared();
  }

  @Test
  void mapGpa_answer_reachesTheGuestAfterTheNextEntry() {
    w.enter();
    w.regs.clear();
    w.regs.rcx = MapGpa.REGISTERS;
    w.regs.r11 = MapGpa.FUNCTION;
    w.regs.r12 = GPA | 1L << 47;
    w.regs.r13 = MIB2;
    w.regs.r9 = 0x5ec2e7;
    assertThat(w.module.tdcall(w.tdvpr, 0, w.regs)).isEqualTo(GuestOutcome.TD_EXIT);
    assertThat(w.regs.rax).isEqualTo(77);
    assertThat(w.regs.r9).isZero(); // not exposed
    assertThat(w.regs.r12).isEqualTo(GPA | 1L << 47);
    w.regs.rcx = w.tdvpr;
    w.regs.r10 = MapGpa.Status.RETRY.value();
    w.regs.r11 = GPA + PAGE;
    w.ok(w.module.seamcall(0, w.regs));
    w.regs.clear();
    assertThat(w.module.vmcallAnswer(w.tdvpr, w.regs)).isTrue();
    assertThat(w.regs.r10).isEqualTo(1);
    assertThat(w.regs.r11).isEqualTo(GPA + PAGE);
    assertThat(w.module.vmcallAnswer(w.tdvpr, w.regs)).isFalse();
  }

  @Test
  void mapGpa_check_answersInKvmsOrder() {
    TdControl td = w.module.td(w.tdr);
    long shared = 1L << 47;
    assertThat(MapGpa.check(td, GPA, MIB2)).isEqualTo(MapGpa.Status.SUCCESS);
    assertThat(MapGpa.check(td, GPA | shared, MIB2)).isEqualTo(MapGpa.Status.SUCCESS);
    assertThat(MapGpa.check(td, GPA, 0)).isEqualTo(MapGpa.Status.INVALID_OPERAND);
    assertThat(MapGpa.check(td, GPA + 1, 0)).isEqualTo(MapGpa.Status.INVALID_OPERAND);
    assertThat(MapGpa.check(td, -PAGE, 2 * PAGE)).isEqualTo(MapGpa.Status.INVALID_OPERAND);
    assertThat(MapGpa.check(td, shared - PAGE, 2 * PAGE)).isEqualTo(MapGpa.Status.INVALID_OPERAND);
    assertThat(MapGpa.check(td, shared << 1, PAGE)).isEqualTo(MapGpa.Status.INVALID_OPERAND);
    assertThat(MapGpa.check(td, GPA + 1, PAGE)).isEqualTo(MapGpa.Status.ALIGN_ERROR);
    assertThat(MapGpa.check(td, GPA, PAGE + 1)).isEqualTo(MapGpa.Status.ALIGN_ERROR);
    assertThat(MapGpa.Status.SUBFUNC_UNSUPPORTED.value()).isEqualTo(0x8000000000000003L);
    assertThat(MapGpa.Status.GPA_INUSE.value()).isEqualTo(0x8000000000000001L);
    assertThat(MapGpa.chunkEnd(GPA, GPA + 3 * MIB2)).isEqualTo(GPA + MIB2);
  }

  @Test
  void contents_privateSharedPrivate_isZeroAgain() {
    w.mapped(GPA, 0, GIB, 1);
    w.enter();
    assertThat(write(GPA, 42)).isEqualTo(GuestOutcome.DONE);
    w.kick();
    w.ok(w.block(GPA, 0));
    w.ok(w.track());
    w.ok(w.remove(GPA, 0));
    assertThat(w.module.hostRead(GIB)).isNotEqualTo(42); // ciphertext stays
    w.module.hostWrite(GIB, 7); // without WBINVD: the private lines are still dirty
    assertThat(w.module.contents().staleLineHazards()).isEqualTo(1);
    w.ok(w.aug(GPA, 0, GIB));
    w.enter();
    assertThat(w.accept(GPA, 0)).isEqualTo(GuestOutcome.DONE);
    assertThat(read(GPA)).isEqualTo(GuestOutcome.DONE);
    assertThat(w.regs.rax).isZero();
  }

  @Test
  void contents_wbinvdFirst_leavesNoHazard() {
    w.mapped(GPA, 0, GIB, 1);
    w.ok(w.block(GPA, 0));
    w.ok(w.track());
    w.ok(w.remove(GPA, 0));
    long withKey = GIB | (long) TdxWorld.HKID << w.module.config().hpaBits();
    w.ok(w.call(SeamcallLeaf.TDH_PHYMEM_PAGE_WBINVD, withKey, 0, 0));
    w.module.hostWrite(GIB, 7);
    assertThat(w.module.contents().staleLineHazards()).isZero();
    assertThat(w.module.hostRead(GIB)).isEqualTo(7);
  }

  @Test
  void contents_relocateDemotePromote_keepThem() {
    w.mapped(GPA, 1, GIB, 1);
    w.enter();
    assertThat(write(GPA + 3 * PAGE, 33)).isEqualTo(GuestOutcome.DONE);
    w.kick();
    w.ok(w.block(GPA, 1));
    w.ok(w.track());
    w.ok(w.demote(GPA, 1));
    w.ok(w.block(GPA + 3 * PAGE, 0));
    w.ok(w.track());
    w.ok(w.call(SeamcallLeaf.TDH_MEM_PAGE_RELOCATE, GPA + 3 * PAGE, w.tdr, 2 * GIB));
    assertThat(w.regs.rcx).isEqualTo(GIB + 3 * PAGE);
    w.enter();
    assertThat(read(GPA + 3 * PAGE)).isEqualTo(GuestOutcome.DONE);
    assertThat(w.regs.rax).isEqualTo(33);
    w.kick();
    w.ok(w.block(GPA + 3 * PAGE, 0));
    w.ok(w.track());
    w.ok(w.call(SeamcallLeaf.TDH_MEM_PAGE_RELOCATE, GPA + 3 * PAGE, w.tdr, GIB + 3 * PAGE));
    w.ok(w.block(GPA, 1));
    w.ok(w.track());
    w.ok(w.promote(GPA, 1));
    assertThat(w.state(GPA, 1)).isEqualTo(SeptState.MAPPED);
    w.enter();
    assertThat(read(GPA + 3 * PAGE)).isEqualTo(GuestOutcome.DONE);
    assertThat(w.regs.rax).isEqualTo(33);
  }

  @Test
  void entry_afterTrack_flushesOnce() {
    TdControl td = w.module.td(w.tdr);
    w.enter();
    w.kick();
    long before = td.vcpus.get(0).flushes;
    w.enter();
    w.kick();
    assertThat(td.vcpus.get(0).flushes).isEqualTo(before);
    w.ok(w.track());
    w.enter();
    assertThat(td.vcpus.get(0).flushes).isEqualTo(before + 1);
  }
}
