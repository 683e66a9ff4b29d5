package dev.broadsheet.core.tdx.guest;

import static dev.broadsheet.core.tdx.TdxStatus.TDX_OPERAND_BUSY;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_OPERAND_INVALID;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_PAGE_ATTR_INVALID;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_PAGE_SIZE_MISMATCH;
import static dev.broadsheet.core.tdx.TdxStatus.TDX_SUCCESS;

import dev.broadsheet.core.tdx.GuestOutcome;
import dev.broadsheet.core.tdx.OperandId;
import dev.broadsheet.core.tdx.Registers;
import dev.broadsheet.core.tdx.seamcall.TdxPlatform;
import dev.broadsheet.core.tdx.sept.SeptFunction;
import dev.broadsheet.core.tdx.sept.SeptLevel;
import dev.broadsheet.core.tdx.sept.SeptRules;
import dev.broadsheet.core.tdx.sept.SeptTables;
import dev.broadsheet.core.tdx.sept.SeptWalk;
import dev.broadsheet.core.tdx.td.TdControl;
import dev.broadsheet.core.tdx.td.Vcpu;

/**
 * TDG.MEM.PAGE.ATTR.RD and TDG.MEM.PAGE.ATTR.WR: attributes of a page for each VM of the TD. The L1
 * VM has none that can be set, so both only look here.
 *
 * <p>RD: RCX = GPA. WR: RCX = level 0 to 2 and GPA, RDX = attributes, R8 = mask. Out: RCX = GPA of
 * the mapping, level, bit 62 pending; RDX = attributes. Source: TDX module 1.5.05,
 * tdg_mem_page_attr_rd.c, tdg_mem_page_attr_wr.c.
 */
final class TdgMemPageAttr {
  private static final long RESERVED = 0xfff0_0000_0000_0ff8L;
  private static final long GPA_MASK = 0x000f_ffff_ffff_f000L;
  private static final long PENDING = 1L << 62;

  /** L1: read, write, execute, and the bit that says that the field is valid. */
  private static final long L1_ATTRIBUTES = 0x8007;

  private final TdxPlatform platform;

  TdgMemPageAttr(TdxPlatform platform) {
    this.platform = platform;
  }

  GuestOutcome read(Vcpu vcpu, Registers regs) {
    long gpa = regs.rcx & GPA_MASK;
    TdControl td = vcpu.td;
    if ((regs.rcx & ~GPA_MASK) != 0 || !td.isPrivate(gpa)) {
      return done(vcpu, regs, TDX_OPERAND_INVALID.with(OperandId.RCX));
    }
    SeptWalk walk = vcpu.walk;
    walk.walk(platform.tables, td.root(), td.rootLevel(), gpa, 0);
    if (platform.tables.lockGuest(walk) != SeptTables.GUEST_LOCKED) {
      return done(vcpu, regs, TDX_OPERAND_BUSY.with(OperandId.RCX));
    }
    platform.tables.unlock(walk.table, walk.index, walk.level, walk.entry);
    if (!SeptRules.isLegal(SeptFunction.ATTR_RD, walk.state())) {
      return TdExit.eptViolation(regs, 0, TdExit.TYPE_NONE, gpa);
    }
    return show(vcpu, regs, gpa);
  }

  GuestOutcome write(Vcpu vcpu, Registers regs) {
    int level = (int) (regs.rcx & 7);
    long gpa = regs.rcx & GPA_MASK;
    TdControl td = vcpu.td;
    if ((regs.rcx & RESERVED) != 0
        || level > SeptLevel.PDPT
        || (gpa & (SeptLevel.bytes(level) - 1)) != 0
        || !td.isPrivate(gpa)) {
      return done(vcpu, regs, TDX_OPERAND_INVALID.with(OperandId.RCX));
    }
    if (regs.r8 != 0) {
      // L1 has no settable attribute, and there are no other VMs.
      return done(vcpu, regs, TDX_PAGE_ATTR_INVALID.value());
    }
    SeptWalk walk = vcpu.walk;
    if (!walk.walk(platform.tables, td.root(), td.rootLevel(), gpa, level)) {
      return TdExit.eptViolation(regs, TdExit.TYPE_ATTR_WR, gpa, level, walk);
    }
    if (platform.tables.lockGuest(walk) != SeptTables.GUEST_LOCKED) {
      return done(vcpu, regs, TDX_OPERAND_BUSY.with(OperandId.RCX));
    }
    platform.tables.unlock(walk.table, walk.index, walk.level, walk.entry);
    if (walk.state().isTable()) {
      return done(vcpu, regs, TDX_PAGE_SIZE_MISMATCH.withLow(level));
    }
    if (!SeptRules.isLegal(SeptFunction.ATTR_WR, walk.state())) {
      return TdExit.eptViolation(regs, TdExit.TYPE_ATTR_WR, gpa, level, walk);
    }
    return show(vcpu, regs, gpa);
  }

  private static GuestOutcome show(Vcpu vcpu, Registers regs, long gpa) {
    SeptWalk walk = vcpu.walk;
    regs.rcx =
        (gpa & -SeptLevel.bytes(walk.level))
            | walk.level
            | (walk.state().isPending() ? PENDING : 0);
    regs.rdx = L1_ATTRIBUTES;
    return done(vcpu, regs, TDX_SUCCESS.value());
  }

  private static GuestOutcome done(Vcpu vcpu, Registers regs, long rax) {
    regs.rax = rax;
    vcpu.progress();
    return GuestOutcome.DONE;
  }
}
