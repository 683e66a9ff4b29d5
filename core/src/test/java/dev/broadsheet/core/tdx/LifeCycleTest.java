package dev.broadsheet.core.tdx;

import static dev.broadsheet.core.tdx.TdxWorld.GIB;
import static dev.broadsheet.core.tdx.TdxWorld.HKID;
import static dev.broadsheet.core.tdx.TdxWorld.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.broadsheet.core.memory.PlainMemory;
import dev.broadsheet.core.tdx.pamt.PageType;
import dev.broadsheet.core.tdx.td.TdParams;
import org.junit.jupiter.api.Test;

/** Building and ending a TD call by call: what each refuses, and in which order. */
final class LifeCycleTest {
  private static final long TDR = 0x1000_0000;
  private static final long PARAMS = 16 * GIB;
  private final TdxModule module =
      new TdxModule(
          new PlainMemory(), TdxWorld.config().packages(2, 16).privateHkids(64, 2).build());
  private final Registers regs = new Registers();
  private long next = TDR + PAGE;

  private void expect(SeamcallLeaf leaf, long rcx, long rdx, long status) {
    regs.rcx = rcx;
    regs.rdx = rdx;
    long rax = module.seamcall(leaf, regs);
    assertThat(rax).as("%s: %s", leaf, TdxStatus.describe(rax)).isEqualTo(status);
  }

  private long page() {
    next += PAGE;
    return next;
  }

  private void create() {
    expect(SeamcallLeaf.TDH_MNG_CREATE, TDR, HKID, 0);
  }

  private void configureKeys() {
    expect(SeamcallLeaf.TDH_MNG_KEY_CONFIG, TDR, 0, 0);
    expect(SeamcallLeaf.TDH_MNG_KEY_CONFIG, TDR, 0, 0x0000081500000000L);
    regs.processor = 16;
    expect(SeamcallLeaf.TDH_MNG_KEY_CONFIG, TDR, 0, 0);
    regs.processor = 0;
    expect(SeamcallLeaf.TDH_MNG_KEY_CONFIG, TDR, 0, 0xC000060700000000L);
  }

  private void addControlPages(int count) {
    for (int i = 0; i < count; i++) {
      expect(SeamcallLeaf.TDH_MNG_ADDCX, page(), TDR, 0);
    }
  }

  private void initialise() {
    module.writeTdParams(PARAMS, TdParams.defaults().withMaxVcpus(1));
    expect(SeamcallLeaf.TDH_MNG_INIT, TDR, PARAMS, 0);
  }

  private long vcpu() {
    long tdvpr = page();
    expect(SeamcallLeaf.TDH_VP_CREATE, tdvpr, TDR, 0);
    for (int i = 0; i < 5; i++) {
      expect(SeamcallLeaf.TDH_VP_ADDCX, page(), tdvpr, 0);
    }
    return tdvpr;
  }

  @Test
  void create_badOperands_areRefusedInOrder() {
    expect(SeamcallLeaf.TDH_MNG_CREATE, TDR + 1, 0, 0xC000010000000001L);
    expect(SeamcallLeaf.TDH_MNG_CREATE, TDR | 1L << 45, 0, 0xC000010000000001L);
    expect(SeamcallLeaf.TDH_MNG_CREATE, 9 * GIB, 0, 0xC000010100000001L);
    expect(SeamcallLeaf.TDH_MNG_CREATE, TDR, 63, 0xC000010000000002L);
    expect(SeamcallLeaf.TDH_MNG_CREATE, TDR, 66, 0xC000010000000002L);
    create();
    expect(SeamcallLeaf.TDH_MNG_CREATE, TDR, HKID, 0xC000030000000001L);
    expect(SeamcallLeaf.TDH_MNG_CREATE, page(), HKID, 0xC000082000000000L);
    module.faults().status(SeamcallLeaf.TDH_MNG_CREATE, 1, 0x8000020300000000L);
    expect(SeamcallLeaf.TDH_MNG_CREATE, page(), 65, 0x8000020300000000L);
    module.audit();
  }

  @Test
  void build_outOfOrder_namesWhatIsMissing() {
    expect(SeamcallLeaf.TDH_MNG_ADDCX, page(), TDR, 0xC000030000000002L);
    create();
    expect(SeamcallLeaf.TDH_MNG_ADDCX, page(), TDR, 0x8000081000000000L);
    expect(SeamcallLeaf.TDH_MEM_TRACK, TDR, 0, 0x8000081000000000L);
    configureKeys();
    addControlPages(5);
    expect(SeamcallLeaf.TDH_MNG_INIT, TDR, PARAMS, 0xC000060600000000L);
    addControlPages(1);
    expect(SeamcallLeaf.TDH_VP_CREATE, page(), TDR, 0xC000060800000000L);
    addControlPages(3);
    expect(SeamcallLeaf.TDH_MNG_ADDCX, page(), TDR, 0xC000061000000000L);
    initialise();
    expect(SeamcallLeaf.TDH_MNG_INIT, TDR, PARAMS, 0xC000060800000000L);
    expect(SeamcallLeaf.TDH_MNG_ADDCX, page(), TDR, 0xC000060800000000L);
    expect(SeamcallLeaf.TDH_MR_FINALIZE, TDR, 0, 0xC000060900000000L);
    long tdvpr = page();
    expect(SeamcallLeaf.TDH_VP_CREATE, tdvpr, TDR, 0);
    expect(SeamcallLeaf.TDH_VP_INIT, tdvpr, 0, 0xC000061000000000L);
    expect(SeamcallLeaf.TDH_VP_ENTER, tdvpr, 0, 0xC000060800000000L);
    for (int i = 0; i < 5; i++) {
      expect(SeamcallLeaf.TDH_VP_ADDCX, page(), tdvpr, 0);
    }
    expect(SeamcallLeaf.TDH_VP_INIT, tdvpr, 0, 0);
    expect(SeamcallLeaf.TDH_VP_INIT, tdvpr, 0, 0xC000070000000000L);
    expect(SeamcallLeaf.TDH_VP_ADDCX, page(), tdvpr, 0xC000070000000000L);
    expect(SeamcallLeaf.TDH_VP_INIT, vcpu(), 0, 0xC000070500000000L); // max-vcpus is 1
    expect(SeamcallLeaf.TDH_MR_FINALIZE, TDR, 0, 0);
    expect(SeamcallLeaf.TDH_MR_FINALIZE, TDR, 0, 0xC000060800000000L);
    module.audit();
  }

  @Test
  void init_badFields_nameTheField() {
    create();
    configureKeys();
    addControlPages(6);
    TdParams good = TdParams.defaults();
    expect(SeamcallLeaf.TDH_MNG_INIT, TDR, PARAMS + 512, 0xC000010000000002L);
    expect(SeamcallLeaf.TDH_MNG_INIT, TDR, (64L << 45) | PARAMS, 0xC000010000000002L);
    refuse(good.withAttributes(1L << 40), 64);
    refuse(new TdParams(0, 0, 1, 0, TdParams.EPTP_4_LEVEL, 0), 65);
    refuse(good.withMaxVcpus(577), 68);
    refuse(good.withEptpControls(0x1d), 67);
    refuse(good.withEptpControls(0x1e | 1 << 6), 67);
    refuse(good.withConfigFlags(TdParams.GPAW), 66);
    refuse(new TdParams(0, 3, 1, 1, TdParams.EPTP_4_LEVEL, 0), 71);
    module.writeTdParams(
        PARAMS, good.withEptpControls(TdParams.EPTP_5_LEVEL).withConfigFlags(TdParams.GPAW));
    expect(SeamcallLeaf.TDH_MNG_INIT, TDR, PARAMS, 0);
    assertThat(module.td(TDR).rootLevel()).isEqualTo(4);
    expect(SeamcallLeaf.TDH_MEM_SEPT_ADD, 4, TDR, 0xC000010000000008L); // level 4 is legal here
    regs.r8 = page();
    expect(SeamcallLeaf.TDH_MEM_SEPT_ADD, 4, TDR, 0);
    expect(SeamcallLeaf.TDH_MEM_SEPT_RD, (1L << 51) | 4, TDR, 0xC000010000000001L);
    expect(SeamcallLeaf.TDH_MEM_SEPT_RD, (1L << 48) | 4, TDR, 0);
  }

  private void refuse(TdParams params, int operand) {
    module.writeTdParams(PARAMS, params);
    regs.r8 = -1;
    expect(SeamcallLeaf.TDH_MNG_INIT, TDR, PARAMS, 0xC000010000000000L | operand);
  }

  @Test
  void teardown_outOfOrder_namesWhatIsMissing() {
    create();
    configureKeys();
    addControlPages(6);
    initialise();
    long tdvpr = vcpu();
    regs.processor = 3;
    expect(SeamcallLeaf.TDH_VP_INIT, tdvpr, 0, 0);
    expect(SeamcallLeaf.TDH_MNG_VPFLUSHDONE, TDR, 0, 0x8000082400000000L);
    regs.processor = 4;
    expect(SeamcallLeaf.TDH_VP_FLUSH, tdvpr, 0, 0x8000070200000000L);
    regs.processor = 3;
    expect(SeamcallLeaf.TDH_VP_FLUSH, tdvpr, 0, 0);
    expect(SeamcallLeaf.TDH_VP_FLUSH, tdvpr, 0, 0x8000070200000000L);
    expect(SeamcallLeaf.TDH_PHYMEM_CACHE_WB, 0, 0, 0x0000082100000000L);
    expect(SeamcallLeaf.TDH_PHYMEM_CACHE_WB, 1, 0, 0xC000082300000000L);
    expect(SeamcallLeaf.TDH_PHYMEM_CACHE_WB, 2, 0, 0xC000010000000001L);
    expect(SeamcallLeaf.TDH_MNG_KEY_FREEID, TDR, 0, 0xC000060700000000L);
    expect(SeamcallLeaf.TDH_MNG_VPFLUSHDONE, TDR, 0, 0);
    expect(SeamcallLeaf.TDH_MNG_VPFLUSHDONE, TDR, 0, 0xC000060700000000L);
    expect(SeamcallLeaf.TDH_MEM_TRACK, TDR, 0, 0x8000081000000000L);
    module.faults().interrupt(SeamcallLeaf.TDH_PHYMEM_CACHE_WB, 1);
    expect(SeamcallLeaf.TDH_PHYMEM_CACHE_WB, 0, 0, 0x8000000300000000L);
    expect(SeamcallLeaf.TDH_PHYMEM_CACHE_WB, 1, 0, 0);
    expect(SeamcallLeaf.TDH_MNG_KEY_FREEID, TDR, 0, 0x8000081700000000L);
    regs.processor = 31;
    expect(SeamcallLeaf.TDH_PHYMEM_CACHE_WB, 0, 0, 0);
    expect(SeamcallLeaf.TDH_PHYMEM_PAGE_RECLAIM, TDR, 0, 0xC000060700000000L);
    expect(SeamcallLeaf.TDH_MNG_KEY_FREEID, TDR, 0, 0);
    expect(SeamcallLeaf.TDH_PHYMEM_PAGE_RECLAIM, TDR, 0, 0xC000040000000000L);
    for (long page = TDR + 2 * PAGE; page <= next; page += PAGE) {
      expect(SeamcallLeaf.TDH_PHYMEM_PAGE_RECLAIM, page, 0, 0);
      expect(SeamcallLeaf.TDH_PHYMEM_PAGE_RECLAIM, page, 0, 0xC000030000000001L);
    }
    expect(SeamcallLeaf.TDH_PHYMEM_PAGE_RECLAIM, TDR, 0, 0);
    assertThat(module.pageType(TDR)).isEqualTo(PageType.PT_NDA);
    assertThat(module.septBytes()).isZero();
    create(); // frame and key are free again
    module.audit();
  }

  @Test
  void vpEnter_onAnotherProcessor_isAssociated() {
    create();
    configureKeys();
    addControlPages(6);
    initialise();
    long tdvpr = vcpu();
    expect(SeamcallLeaf.TDH_VP_INIT, tdvpr, 0, 0);
    expect(SeamcallLeaf.TDH_MR_FINALIZE, TDR, 0, 0);
    regs.processor = 5;
    expect(SeamcallLeaf.TDH_VP_ENTER, tdvpr, 0, 0x8000070100000000L);
    regs.processor = 0;
    expect(SeamcallLeaf.TDH_VP_FLUSH, tdvpr, 0, 0);
    regs.processor = 5;
    expect(SeamcallLeaf.TDH_VP_ENTER, tdvpr, 0, 0);
    expect(SeamcallLeaf.TDH_VP_FLUSH, tdvpr, 0, 0x8000020000000001L); // inside: TDVPR is locked
    expect(SeamcallLeaf.TDH_MNG_VPFLUSHDONE, TDR, 0, 0x8000020000000001L);
    module.tdExit(tdvpr, 1, regs);
    module.audit();
  }

  @Test
  void rax_badFormsAndVersions_areInvalid() {
    assertThat(module.seamcall(200, regs)).isEqualTo(0xC000010000000000L);
    assertThat(module.seamcall(6 | 1 << 16, regs)).isEqualTo(0xC000010000000000L);
    assertThat(module.seamcall(3 | 2 << 16, regs)).isEqualTo(0xC000010000000000L);
    assertThat(module.seamcall(3 | 1L << 24, regs)).isEqualTo(0xC000010000000000L);
    assertThat(module.seamcall(42, regs)).isEqualTo(0xC000010000000000L);
    assertThat(module.seamcall(58, regs)).isEqualTo(0xC000010000000000L); // dynamic PAMT is off
    assertThat(module.seamcall(27, regs)).isZero(); // KEY.RECLAIMID does nothing
  }

  @Test
  void module_beforeInitialisationAndAfterShutdown_answersSo() {
    TdxModule fresh =
        new TdxModule(
            new PlainMemory(), TdxModuleConfig.builder().tdmr(0, 2 * GIB).ready(false).build());
    assertThat(fresh.seamcall(9, regs)).isEqualTo(0xC000050500000000L);
    assertThat(fresh.seamcall(45, regs)).isEqualTo(0xC000050C00000000L);
    for (int leaf : new int[] {33, 35, 45, 31}) {
      assertThat(fresh.seamcall(leaf, regs)).isZero();
    }
    regs.operands(TDR, HKID);
    assertThat(fresh.seamcall(9, regs)).isEqualTo(0xC000010100000001L); // TDMR not initialised
    for (int i = 0; i < 256; i++) {
      regs.rcx = 0;
      assertThat(fresh.seamcall(36, regs)).isZero();
      assertThat(regs.rdx).isEqualTo(i == 255 ? GIB : 0);
    }
    regs.operands(TDR, HKID);
    assertThat(fresh.seamcall(9, regs)).isZero(); // the first block is usable before the last
    for (int i = 0; i < 256; i++) {
      regs.rcx = 0;
      assertThat(fresh.seamcall(36, regs)).isZero();
    }
    regs.rcx = 0;
    assertThat(fresh.seamcall(36, regs)).isEqualTo(0x00000A0300000000L);
    assertThat(fresh.seamcall(52, regs)).isZero();
    assertThat(fresh.seamcall(9, regs)).isEqualTo(0xC000050600000000L);
  }
}
