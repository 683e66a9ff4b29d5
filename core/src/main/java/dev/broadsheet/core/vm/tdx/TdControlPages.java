package dev.broadsheet.core.vm.tdx;

import dev.broadsheet.core.tdx.Registers;
import dev.broadsheet.core.tdx.SeamcallLeaf;
import dev.broadsheet.core.tdx.TdxModule;
import dev.broadsheet.core.tdx.TdxStatus;
import dev.broadsheet.core.tdx.td.TdControl;
import dev.broadsheet.core.tdx.td.TdParams;
import java.util.ArrayList;
import java.util.List;

/**
 * Builds and ends a TD: the control pages TDR, TDCS and TDVPS, the key, the vCPUs.
 *
 * <p>Source: Linux 7.2, arch/x86/kvm/vmx/tdx.c: __tdx_td_init(), tdx_vm_destroy(); TDX module
 * 1.5.05.
 */
public final class TdControlPages {
  private static final int PAGE_SHIFT = 12;
  private static final int TDVPS_PAGES = 6;

  private final TdxModule module;
  private final TdxFrames frames;
  private final Registers regs = new Registers();
  private final List<Long> controlPages = new ArrayList<>();
  private final List<Long> tdvprs = new ArrayList<>();
  private final long tdr;
  private final int hkid;

  /**
   * Creates a TD up to TDH.MNG.INIT, and its vCPUs.
   *
   * @param paramsHpa shared memory for the parameters
   */
  public TdControlPages(
      TdxModule module, TdxFrames frames, int hkid, TdParams params, long paramsHpa, int vcpus) {
    this.module = module;
    this.frames = frames;
    this.hkid = hkid;
    this.tdr = frames.allocate() << PAGE_SHIFT;
    call(SeamcallLeaf.TDH_MNG_CREATE, tdr, hkid);
    int perPackage = module.config().processorsPerPackage();
    for (int i = 0; i < module.config().packages(); i++) {
      regs.processor = i * perPackage;
      call(SeamcallLeaf.TDH_MNG_KEY_CONFIG, tdr, 0);
    }
    regs.processor = 0;
    for (int i = 0; i < TdControl.MIN_TDCS_PAGES; i++) {
      call(SeamcallLeaf.TDH_MNG_ADDCX, page(), tdr);
    }
    module.writeTdParams(paramsHpa, params);
    call(SeamcallLeaf.TDH_MNG_INIT, tdr, paramsHpa);
    for (int i = 0; i < vcpus; i++) {
      createVcpu(i);
    }
  }

  private void createVcpu(int processor) {
    long tdvpr = page();
    tdvprs.add(tdvpr);
    call(SeamcallLeaf.TDH_VP_CREATE, tdvpr, tdr);
    for (int i = 1; i < TDVPS_PAGES; i++) {
      call(SeamcallLeaf.TDH_VP_ADDCX, page(), tdvpr);
    }
    regs.processor = processor;
    call(SeamcallLeaf.TDH_VP_INIT, tdvpr, 0);
    regs.processor = 0;
  }

  private long page() {
    long hpa = frames.allocate() << PAGE_SHIFT;
    controlPages.add(hpa);
    return hpa;
  }

  private void call(SeamcallLeaf leaf, long rcx, long rdx) {
    regs.operands(rcx, rdx);
    TdxFrames.expect(module.seamcall(leaf, regs), leaf.leafName());
  }

  /** Returns the page that names the TD. */
  public long tdr() {
    return tdr;
  }

  /** Returns the key id. */
  public int hkid() {
    return hkid;
  }

  /** Returns the pages that name the vCPUs. */
  public long[] tdvprs() {
    return tdvprs.stream().mapToLong(Long::longValue).toArray();
  }

  /** Measurement ends, the TD may run (TDH.MR.FINALIZE). */
  public void finalizeTd() {
    call(SeamcallLeaf.TDH_MR_FINALIZE, tdr, 0);
  }

  /** Releases the key: hardware can no longer reach the TD's memory. No vCPU is inside. */
  public void releaseKey() {
    for (int i = 0; i < tdvprs.size(); i++) {
      regs.processor = i;
      regs.rcx = tdvprs.get(i);
      long status = module.seamcall(SeamcallLeaf.TDH_VP_FLUSH, regs);
      if (status != 0 && !TdxStatus.TDX_VCPU_NOT_ASSOCIATED.matches(status)) {
        TdxFrames.expect(status, "TDH.VP.FLUSH");
      }
    }
    regs.processor = 0;
    call(SeamcallLeaf.TDH_MNG_VPFLUSHDONE, tdr, 0);
    int perPackage = module.config().processorsPerPackage();
    for (int i = 0; i < module.config().packages(); i++) {
      regs.processor = i * perPackage;
      regs.rcx = 0;
      long status = module.seamcall(SeamcallLeaf.TDH_PHYMEM_CACHE_WB, regs);
      while (TdxStatus.TDX_INTERRUPTED_RESUMABLE.matches(status)) {
        regs.rcx = 1;
        status = module.seamcall(SeamcallLeaf.TDH_PHYMEM_CACHE_WB, regs);
      }
      TdxFrames.expect(status, "TDH.PHYMEM.CACHE.WB");
    }
    regs.processor = 0;
    call(SeamcallLeaf.TDH_MNG_KEY_FREEID, tdr, 0);
  }

  /** Reclaims all control pages, the TDR last; nothing else of the TD is left. */
  public void reclaim() {
    for (int i = controlPages.size() - 1; i >= 0; i--) {
      call(SeamcallLeaf.TDH_PHYMEM_PAGE_RECLAIM, controlPages.get(i), 0);
      frames.free(controlPages.get(i) >>> PAGE_SHIFT);
    }
    call(SeamcallLeaf.TDH_PHYMEM_PAGE_RECLAIM, tdr, 0);
    frames.free(tdr >>> PAGE_SHIFT);
  }
}
