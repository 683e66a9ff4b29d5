package dev.broadsheet.core.tdx.script;

import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.core.tdx.Registers;
import dev.broadsheet.core.tdx.SeamcallLeaf;
import dev.broadsheet.core.tdx.TdxModule;
import dev.broadsheet.core.tdx.TdxModuleConfig;
import dev.broadsheet.core.tdx.TdxStatus;
import dev.broadsheet.core.tdx.td.TdControl;
import dev.broadsheet.core.tdx.td.TdParams;
import dev.broadsheet.core.tdx.td.Vcpu;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * A module with a host that has just enough wits to build and end TDs: for scripts, tables and
 * tests. Control pages and Secure EPT tables come from the top of the first TDMR downwards, so that
 * the addresses below stay free for pages. Not safe for use from many threads.
 */
public final class SmallWorld implements AutoCloseable {
  private static final long PAGE = 4096;

  private final TdxModule module;
  private final Registers regs = new Registers();
  private final long paramsHpa;
  private final Deque<Long> freeFrames = new ArrayDeque<>();
  private long nextFrame;

  /** Creates a world around a new module. */
  public SmallWorld(KernelMemory memory, TdxModuleConfig config) {
    module = new TdxModule(memory, config);
    nextFrame = config.tdmrs().get(0).end() - PAGE;
    paramsHpa = config.tdmrs().get(config.tdmrs().size() - 1).end() + (1L << 20);
  }

  /** Returns the module. */
  public TdxModule module() {
    return module;
  }

  /** Returns the registers that the world's own calls use. */
  public Registers regs() {
    return regs;
  }

  /** Returns a 4K page for a control structure or a table. */
  public long frame() {
    Long returned = freeFrames.poll();
    if (returned != null) {
      return returned;
    }
    if (module.config().dynamicPamt() && (nextFrame & 0x1f_ffffL) < 2 * PAGE) {
      nextFrame = (nextFrame & -(1L << 21)) - PAGE; // the first two pages back the range
    }
    long frame = nextFrame;
    nextFrame -= PAGE;
    if (module.config().dynamicPamt() && (frame & 0x1f_ffffL) == 0x1f_f000L) {
      // The first page of a new 2M range: back it, with pages that no TD will get.
      long pair = frame & -(1L << 21);
      expectSuccess(SeamcallLeaf.TDH_PHYMEM_PAMT_ADD, pair | 1, pair, pair + PAGE);
    }
    return frame;
  }

  /** Takes back a page that {@link #frame} gave. */
  public void returnFrame(long hpa) {
    freeFrames.add(hpa);
  }

  /** Executes a SEAMCALL with up to three operands; returns the status. */
  public long call(SeamcallLeaf leaf, long rcx, long rdx, long r8) {
    regs.rcx = rcx;
    regs.rdx = rdx;
    regs.r8 = r8;
    return module.seamcall(leaf.rax(), regs);
  }

  /** Executes a SEAMCALL that must succeed. */
  public void expectSuccess(SeamcallLeaf leaf, long rcx, long rdx, long r8) {
    long status = call(leaf, rcx, rdx, r8);
    if (status != 0) {
      throw new IllegalStateException(
          String.format(
              "%s(0x%x, 0x%x, 0x%x): %s",
              leaf.leafName(), rcx, rdx, r8, TdxStatus.describe(status)));
    }
  }

  /** Creates a TD up to TDH.MNG.INIT; returns its TDR. */
  public long createTd(TdParams params, int hkid) {
    return createTd(params, hkid, SeamcallLeaf.TDH_MNG_INIT);
  }

  /** Creates a TD up to TDH.IMPORT.STATE.IMMUTABLE; returns its TDR. */
  public long createTdForImport(TdParams params, int hkid) {
    return createTd(params, hkid, SeamcallLeaf.TDH_IMPORT_STATE_IMMUTABLE);
  }

  private long createTd(TdParams params, int hkid, SeamcallLeaf start) {
    long tdr = frame();
    expectSuccess(SeamcallLeaf.TDH_MNG_CREATE, tdr, hkid, 0);
    TdxModuleConfig config = module.config();
    for (int i = 0; i < config.packages(); i++) {
      regs.processor = i * config.processorsPerPackage();
      expectSuccess(SeamcallLeaf.TDH_MNG_KEY_CONFIG, tdr, 0, 0);
    }
    regs.processor = 0;
    for (int i = 0; i < TdControl.MIN_TDCS_PAGES; i++) {
      expectSuccess(SeamcallLeaf.TDH_MNG_ADDCX, frame(), tdr, 0);
    }
    module.writeTdParams(paramsHpa, params);
    expectSuccess(start, tdr, paramsHpa, 0);
    return tdr;
  }

  /** Creates a vCPU bound to a processor; returns its TDVPR. */
  public long createVcpu(long tdr, int processor) {
    long tdvpr = frame();
    expectSuccess(SeamcallLeaf.TDH_VP_CREATE, tdvpr, tdr, 0);
    for (int i = 1; i < Vcpu.MIN_PAGES; i++) {
      expectSuccess(SeamcallLeaf.TDH_VP_ADDCX, frame(), tdvpr, 0);
    }
    regs.processor = processor;
    expectSuccess(SeamcallLeaf.TDH_VP_INIT, tdvpr, 0, 0);
    regs.processor = 0;
    return tdvpr;
  }

  /** Adds the tables, down to the one whose entries have {@code level}, that a GPA still misses. */
  public void addTables(long tdr, long gpa, int level) {
    int top = module.td(tdr).rootLevel();
    for (int at = top; at > level; at--) {
      long first = gpa & -(1L << (12 + 9 * at));
      long status = call(SeamcallLeaf.TDH_MEM_SEPT_RD, first | at, tdr, 0);
      if (status == 0 && (regs.rdx >>> 8 & 0xff) == 0) {
        expectSuccess(SeamcallLeaf.TDH_MEM_SEPT_ADD, first | at, tdr, frame());
      }
    }
  }

  /** Makes the TD runnable. */
  public void finalizeTd(long tdr) {
    expectSuccess(SeamcallLeaf.TDH_MR_FINALIZE, tdr, 0, 0);
  }

  /** Ends a TD from any state with all vCPUs outside; every page comes back. */
  public void teardown(long tdr) {
    TdControl td = module.td(tdr);
    for (Vcpu vcpu : List.copyOf(td.vcpus)) {
      int processor = vcpu.processor.get();
      if (processor != Vcpu.NO_PROCESSOR) {
        regs.processor = processor;
        expectSuccess(SeamcallLeaf.TDH_VP_FLUSH, vcpu.tdvprHpa, 0, 0);
      }
    }
    expectSuccess(SeamcallLeaf.TDH_MNG_VPFLUSHDONE, tdr, 0, 0);
    TdxModuleConfig config = module.config();
    for (int i = 0; i < config.packages(); i++) {
      regs.processor = i * config.processorsPerPackage();
      long status = call(SeamcallLeaf.TDH_PHYMEM_CACHE_WB, 0, 0, 0);
      while (TdxStatus.TDX_INTERRUPTED_RESUMABLE.matches(status)) {
        status = call(SeamcallLeaf.TDH_PHYMEM_CACHE_WB, 1, 0, 0);
      }
      if (status != 0) {
        throw new IllegalStateException("CACHE.WB: " + TdxStatus.describe(status));
      }
    }
    regs.processor = 0;
    expectSuccess(SeamcallLeaf.TDH_MNG_KEY_FREEID, tdr, 0, 0);
    List<Long> pages = new ArrayList<>();
    module.visitPages(tdr, (hpa, level, type) -> pages.add(hpa));
    for (long page : pages) {
      expectSuccess(SeamcallLeaf.TDH_PHYMEM_PAGE_RECLAIM, page, 0, 0);
    }
    expectSuccess(SeamcallLeaf.TDH_PHYMEM_PAGE_RECLAIM, tdr, 0, 0);
  }

  @Override
  public void close() {
    module.close();
  }
}
