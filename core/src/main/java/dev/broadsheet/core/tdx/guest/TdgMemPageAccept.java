package dev.broadsheet.core.tdx.guest;

import static dev.broadsheet.core.tdx.TdxStatus.TDX_HOST_PRIORITY_BUSY_TIMEOUT;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_OPERAND_BUSY;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_OPERAND_INVALID;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_PAGE_ALREADY_ACCEPTED;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_PAGE_SIZE_MISMATCH;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_SUCCESS;

import dev.broadsheet.core.tdx.GuestOutcome;
import dev.broadsheet.core.tdx.OperandId;
import dev.broadsheet.core.tdx.Registers;
import dev.broadsheet.core.tdx.content.PageContents;
import dev.broadsheet.core.tdx.seamcall.TdxPlatform;
import dev.broadsheet.core.tdx.sept.SeptEntry;
import dev.broadsheet.core.tdx.sept.SeptFunction;
import dev.broadsheet.core.tdx.sept.SeptLevel;
import dev.broadsheet.core.tdx.sept.SeptRules;
import dev.broadsheet.core.tdx.sept.SeptState;
import dev.broadsheet.core.tdx.sept.SeptTables;
import dev.broadsheet.core.tdx.sept.SeptWalk;
import dev.broadsheet.core.tdx.td.TdControl;
import dev.broadsheet.core.tdx.td.Vcpu;

/**
 * TDG.MEM.PAGE.ACCEPT: the guest takes a page that the host gave, zeroed.
 *
 * <p>In: RCX = level 0 or 1 and GPA. Takes no tree lock, only the guest's entry lock. A 2M page is
 * zeroed in 512 pieces; an interrupt between two keeps the count in the entry. Where the host must
 * act first the call exits, RIP unmoved, with extended qualification type 1. Source: TDX module
 * 1.5.05, tdg_mem_page_accept.c.
 */
final class TdgMemPageAccept {
  private static final long RESERVED = 0xfff0_0000_0000_0ff8L;
  private static final long GPA_MASK = 0x000f_ffff_ffff_f000L;
  private static final int MAX_LEVEL = SeptLevel.PD;

  private final TdxPlatform platform;

  TdgMemPageAccept(TdxPlatform platform) {
    this.platform = platform;
  }

  GuestOutcome call(Vcpu vcpu, Registers regs) {
    long pageInfo = regs.rcx;
    int level = (int) (pageInfo & 7);
    long gpa = pageInfo & GPA_MASK;
    TdControl td = vcpu.td;
    if ((pageInfo & RESERVED) != 0
        || level > MAX_LEVEL
        || (gpa & (SeptLevel.bytes(level) - 1)) != 0
        || !td.isPrivate(gpa)) {
      return done(vcpu, regs, TDX_OPERAND_INVALID.with(OperandId.RCX));
    }
    SeptWalk walk = vcpu.walk;
    boolean reached = walk.walk(platform.tables, td.root(), td.rootLevel(), gpa, level);
    SeptState found = walk.state();
    if (!reached) {
      return found == SeptState.MAPPED
          ? done(vcpu, regs, TDX_PAGE_ALREADY_ACCEPTED.withLow(walk.level))
          : TdExit.eptViolation(regs, TdExit.TYPE_ACCEPT, gpa, level, walk);
    }
    if (found.isTable()) {
      return done(vcpu, regs, TDX_PAGE_SIZE_MISMATCH.withLow(level));
    }
    int lock = platform.tables.lockGuest(walk);
    if (lock != SeptTables.GUEST_LOCKED) {
      return lostLock(vcpu, regs, lock);
    }
    return locked(vcpu, regs, gpa, level);
  }

  private GuestOutcome locked(Vcpu vcpu, Registers regs, long gpa, int level) {
    SeptWalk walk = vcpu.walk;
    SeptTables tables = platform.tables;
    SeptState found = walk.state(); // as locked: the host may have changed it since the walk
    if (SeptRules.isLegal(SeptFunction.ACCEPT, found)) {
      return zero(vcpu, regs, found);
    }
    tables.unlock(walk.table, walk.index, walk.level, walk.entry);
    if (found.isTable()) {
      return done(vcpu, regs, TDX_PAGE_SIZE_MISMATCH.withLow(level));
    }
    return found.isGuestAccessible()
        ? done(vcpu, regs, TDX_PAGE_ALREADY_ACCEPTED.withLow(level))
        : TdExit.eptViolation(regs, TdExit.TYPE_ACCEPT, gpa, level, walk);
  }

  private GuestOutcome zero(Vcpu vcpu, Registers regs, SeptState found) {
    SeptWalk walk = vcpu.walk;
    SeptTables tables = platform.tables;
    long pageHpa = walk.hpa();
    int pieces = (int) SeptLevel.pages(walk.level);
    int piece = walk.level == 0 ? 0 : SeptEntry.acceptCounter(walk.entry);
    while (true) {
      zeroPiece(pageHpa + ((long) piece << 12), vcpu.td.hkid);
      piece++;
      if (piece == pieces) {
        break;
      }
      if (platform.faults.interruptWaits()) {
        long paused = SeptEntry.withAcceptCounter(walk.entry, piece);
        tables.unlock(walk.table, walk.index, walk.level, paused);
        return GuestOutcome.INTERRUPTED;
      }
    }
    SeptState after = SeptRules.next(SeptFunction.ACCEPT, found);
    tables.unlock(walk.table, walk.index, walk.level, SeptEntry.of(after, pageHpa));
    return done(vcpu, regs, TDX_SUCCESS.value());
  }

  private void zeroPiece(long hpa, int hkid) {
    PageContents contents = platform.contents;
    if (contents != null) {
      contents.write(hpa, hkid, 0);
    }
  }

  /** Answers busy; a guest that gave way to hosts too often is forced out, so that they finish. */
  private GuestOutcome lostLock(Vcpu vcpu, Registers regs, int lock) {
    if (lock == SeptTables.GUEST_HOST_FIRST) {
      vcpu.hostFirst++;
      if (vcpu.hostFirst >= platform.config.hostPriorityAttempts()) {
        vcpu.hostFirst = 0;
        return TdExit.plain(regs, TDX_HOST_PRIORITY_BUSY_TIMEOUT.value());
      }
    }
    regs.rax = TDX_OPERAND_BUSY.with(OperandId.RCX);
    vcpu.progressed = true;
    return GuestOutcome.DONE;
  }

  private static GuestOutcome done(Vcpu vcpu, Registers regs, long rax) {
    regs.rax = rax;
    vcpu.progress();
    return GuestOutcome.DONE;
  }
}
