package dev.broadsheet.core.tdx;

import static dev.broadsheet.core.tdx.TdxWorld.GIB;
import static dev.broadsheet.core.tdx.TdxWorld.MIB2;
import static dev.broadsheet.core.tdx.TdxWorld.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.broadsheet.core.tdx.sept.SeptState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The old question: does a blocked parent let its children be removed later? It does the opposite:
 * under it nothing can be done at all until it is unblocked or the key is gone.
 */
final class BlockedParentTest {
  private static final long GPA = 4 * MIB2;
  private static final long WALK_FAILED = 0xC0000B0000000001L;
  private final TdxWorld w = TdxWorld.running();

  @AfterEach
  void auditAndTakeDown() {
    w.close();
  }

  private void walkFails(long status) {
    assertThat(status).isEqualTo(WALK_FAILED);
    assertThat(w.regs.rcx).isZero();
    assertThat(w.regs.rdx).isEqualTo(0x8101);
  }

  @Test
  void everyCallBelowABlockedTable_failsTheWalkAtTheTable() {
    w.mapped(GPA, 0, GIB, 2);
    w.ok(w.block(GPA, 0));
    w.ok(w.block(GPA, 1));
    w.ok(w.track());
    walkFails(w.remove(GPA, 0)); // blocked and tracked itself: the parent hides it all the same
    walkFails(w.remove(GPA + PAGE, 0));
    walkFails(w.block(GPA + PAGE, 0));
    walkFails(w.unblock(GPA, 0));
    walkFails(w.aug(GPA + 2 * PAGE, 0, GIB + MIB2));
    walkFails(w.call(SeamcallLeaf.TDH_MEM_SEPT_RD, GPA, w.tdr, 0));
    walkFails(w.call(SeamcallLeaf.TDH_MEM_PAGE_RELOCATE, GPA, w.tdr, GIB + MIB2));
    w.ok(w.block(0, 2));
    assertThat(w.septAdd(GPA, 1)).isEqualTo(WALK_FAILED);
    assertThat(w.regs.rdx).isEqualTo(0x8102);
    assertThat(w.septRemove(GPA, 1)).isEqualTo(WALK_FAILED);
    assertThat(w.demote(GPA, 1)).isEqualTo(WALK_FAILED);
    assertThat(w.promote(GPA, 1)).isEqualTo(WALK_FAILED);
  }

  @Test
  void blockedTableWithChildren_cannotBeRemovedItself() {
    w.mapped(GPA, 0, GIB, 1);
    w.ok(w.block(GPA, 1));
    w.ok(w.track());
    assertThat(w.septRemove(GPA, 1)).isEqualTo(0xC0000B0E00000001L);
  }

  @Test
  void guestBelowABlockedTable_exits() {
    w.mapped(GPA, 0, GIB, 1);
    w.ok(w.block(GPA, 1));
    w.enter();
    assertThat(w.module.access(w.tdvpr, GPA, AccessKind.READ, w.regs))
        .isEqualTo(GuestOutcome.TD_EXIT);
    assertThat(w.regs.rax).isEqualTo(48);
    assertThat(w.regs.rdx).isZero();
    w.enter();
    assertThat(w.accept(GPA, 0)).isEqualTo(GuestOutcome.TD_EXIT);
    assertThat(w.regs.rdx).isEqualTo(((0L | 1 << 3 | 129 << 6) << 32) | 1);
  }

  @Test
  void unblockOfTheTable_needsTrackingAndLeavesTheChildrenAsTheyWere() {
    w.mapped(GPA, 0, GIB, 1);
    w.ok(w.block(GPA, 1));
    assertThat(w.unblock(GPA, 1)).isEqualTo(0xC0000B0800000001L);
    w.ok(w.track());
    w.ok(w.unblock(GPA, 1));
    assertThat(w.state(GPA, 0)).isEqualTo(SeptState.MAPPED);
    assertThat(w.remove(GPA, 0)).isEqualTo(0xC0000B0600000001L); // never blocked itself
  }

  @Test
  void bottomUp_oneTrackingRoundPerLevel_works() {
    w.mapped(GPA, 0, GIB, 2);
    w.ok(w.block(GPA, 0));
    w.ok(w.block(GPA + PAGE, 0));
    w.ok(w.track());
    w.ok(w.remove(GPA, 0));
    w.ok(w.remove(GPA + PAGE, 0));
    w.ok(w.block(GPA, 1));
    assertThat(w.septRemove(GPA, 1)).isEqualTo(0xC0000B0800000001L);
    w.ok(w.track());
    w.ok(w.septRemove(GPA, 1));
    assertThat(w.state(GPA, 1)).isEqualTo(SeptState.FREE);
  }

  @Test
  void afterTheKeyIsFreed_reclaimTakesParentsBeforeChildren() {
    w.mapped(GPA, 0, GIB, 1);
    w.ok(w.block(GPA, 1)); // close() reclaims by address, with the page still under the table
    assertThat(w.state(GPA, 1)).isEqualTo(SeptState.NL_BLOCKED);
  }
}
