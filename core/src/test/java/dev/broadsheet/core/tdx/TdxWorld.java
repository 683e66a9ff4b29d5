package dev.broadsheet.core.tdx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.broadsheet.core.memory.PlainMemory;
import dev.broadsheet.core.tdx.pamt.PageType;
import dev.broadsheet.core.tdx.script.SmallWorld;
import dev.broadsheet.core.tdx.sept.SeptEntry;
import dev.broadsheet.core.tdx.sept.SeptState;
import dev.broadsheet.core.tdx.sept.SeptWalk;
import dev.broadsheet.core.tdx.td.TdParams;

/** A small world and short words for the calls of tests; pages come from 1G on. */
final class TdxWorld implements AutoCloseable {
  static final long GIB = 1L << 30;
  static final long MIB2 = 1L << 21;
  static final long PAGE = 4096;
  static final int HKID = 64;
  static final int ACCEPT = TdcallLeaf.TDG_MEM_PAGE_ACCEPT.number();

  final SmallWorld world;
  final TdxModule module;
  final Registers regs;
  long tdr;
  long tdvpr;

  TdxWorld(TdxModuleConfig config) {
    world = new SmallWorld(new PlainMemory(), config);
    module = world.module();
    regs = world.regs();
  }

  /** 8 GiB in one TDMR, contents on. */
  static TdxModuleConfig.Builder config() {
    return TdxModuleConfig.builder().tdmr(0, 8 * GIB).contents(true);
  }

  /** A TD before MR.FINALIZE with one vCPU. */
  static TdxWorld building() {
    return building(TdParams.defaults());
  }

  static TdxWorld building(TdParams params) {
    return building(params, config().build());
  }

  static TdxWorld building(TdParams params, TdxModuleConfig config) {
    TdxWorld w = new TdxWorld(config);
    w.tdr = w.world.createTd(params, HKID);
    w.tdvpr = w.world.createVcpu(w.tdr, 0);
    return w;
  }

  /** A TD that may run, with one vCPU outside. */
  static TdxWorld running() {
    return running(TdParams.defaults());
  }

  static TdxWorld running(TdParams params) {
    return running(params, config().build());
  }

  static TdxWorld running(TdParams params, TdxModuleConfig config) {
    TdxWorld w = building(params, config);
    w.world.finalizeTd(w.tdr);
    return w;
  }

  long call(SeamcallLeaf leaf, long rcx, long rdx, long r8) {
    return world.call(leaf, rcx, rdx, r8);
  }

  void ok(long status) {
    assertThat(TdxStatus.describe(status)).isEqualTo("TDX_SUCCESS");
  }

  long septAdd(long gpa, int level) {
    return call(SeamcallLeaf.TDH_MEM_SEPT_ADD, gpa | level, tdr, world.frame());
  }

  void tables(long gpa, int level) {
    world.addTables(tdr, gpa, level);
  }

  long aug(long gpa, int level, long hpa) {
    return call(SeamcallLeaf.TDH_MEM_PAGE_AUG, gpa | level, tdr, hpa);
  }

  long block(long gpa, int level) {
    return call(SeamcallLeaf.TDH_MEM_RANGE_BLOCK, gpa | level, tdr, 0);
  }

  long unblock(long gpa, int level) {
    return call(SeamcallLeaf.TDH_MEM_RANGE_UNBLOCK, gpa | level, tdr, 0);
  }

  long track() {
    return call(SeamcallLeaf.TDH_MEM_TRACK, tdr, 0, 0);
  }

  long remove(long gpa, int level) {
    return call(SeamcallLeaf.TDH_MEM_PAGE_REMOVE, gpa | level, tdr, 0);
  }

  long septRemove(long gpa, int level) {
    return call(SeamcallLeaf.TDH_MEM_SEPT_REMOVE, gpa | level, tdr, 0);
  }

  long demote(long gpa, int level) {
    return call(SeamcallLeaf.TDH_MEM_PAGE_DEMOTE, gpa | level, tdr, world.frame());
  }

  long promote(long gpa, int level) {
    return call(SeamcallLeaf.TDH_MEM_PAGE_PROMOTE, gpa | level, tdr, 0);
  }

  void enter() {
    ok(call(SeamcallLeaf.TDH_VP_ENTER, tdvpr, 0, 0));
  }

  void kick() {
    assertThat(module.tdExit(tdvpr, ExitReason.EXTERNAL_INTERRUPT, regs)).isTrue();
  }

  GuestOutcome accept(long gpa, int level) {
    regs.rcx = gpa | level;
    return module.tdcall(tdvpr, ACCEPT, regs);
  }

  /** Maps pages of a level from a frame on and lets the guest accept them; ends outside. */
  void mapped(long gpa, int level, long hpa, int count) {
    tables(gpa, level);
    long step = PAGE << (9 * level);
    for (int i = 0; i < count; i++) {
      ok(aug(gpa + i * step, level, hpa + i * step));
    }
    enter();
    for (int i = 0; i < count; i++) {
      assertThat(accept(gpa + i * step, level)).isEqualTo(GuestOutcome.DONE);
      ok(regs.rax);
    }
    kick();
  }

  SeptState state(long gpa, int level) {
    SeptWalk walk = new SeptWalk();
    long entry = module.septEntry(tdr, gpa, level, walk);
    assertThat(walk.level).isEqualTo(level);
    return SeptEntry.state(entry);
  }

  PageType type(long hpa) {
    return module.pageType(hpa);
  }

  /** Audits; takes everything down; nothing may remain. */
  @Override
  public void close() {
    module.audit();
    if (module.isInside(tdvpr)) {
      kick();
    }
    world.teardown(tdr);
    module.audit();
    assertThat(module.septBytes()).isZero();
    world.close();
  }
}
