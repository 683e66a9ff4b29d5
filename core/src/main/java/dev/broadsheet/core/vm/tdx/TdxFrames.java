package dev.broadsheet.core.vm.tdx;

import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import dev.broadsheet.core.host.HostMemory;
import dev.broadsheet.core.tdx.Registers;
import dev.broadsheet.core.tdx.SeamcallLeaf;
import dev.broadsheet.core.tdx.TdxModule;
import dev.broadsheet.core.tdx.TdxStatus;
import java.util.HashMap;
import java.util.Map;

/**
 * Host pages that the TDX module uses, and, with dynamic PAMT, the page pairs behind them.
 *
 * <p>A 2M range of host memory needs a pair while some 4K page of it is in TDX use: the pair is
 * added with the first such page and taken back with the last. Without dynamic PAMT nothing is
 * counted. Source: DPAMT+HP v5.
 */
public final class TdxFrames {
  private static final int ORDER_2M = 9;
  private static final int PAGE_SHIFT = 12;

  private final HostMemory host;
  private final TdxModule module;
  private final boolean dynamic;

  /** 4K pages in TDX use, by 2M range. Guarded by this. */
  private final Map<Long, Integer> uses = new HashMap<>();

  /** Guarded by this. */
  private final Registers regs = new Registers();

  /** Creates the book. */
  public TdxFrames(HostMemory host, TdxModule module) {
    this.host = host;
    this.module = module;
    this.dynamic = module.config().dynamicPamt();
  }

  /** Takes a page for a control structure or a table; returns its frame. */
  public long allocate() {
    long pfn = take();
    try {
      use(pfn);
    } catch (KernelOutOfMemoryException e) {
      host.free(pfn, 0);
      throw e;
    }
    return pfn;
  }

  /** Gives back a page that {@link #allocate} gave and that the module has let go. */
  public void free(long pfn) {
    release(pfn);
    host.free(pfn, 0);
  }

  private long take() {
    long pfn = host.allocate(0);
    if (pfn == 0) {
      // Frame 0 stands for "none" in the headers of tables: keep it, take the next.
      pfn = host.allocate(0);
    }
    if (pfn == HostMemory.NONE) {
      throw new KernelOutOfMemoryException("tdx.page", 4096);
    }
    return pfn;
  }

  /** Notes that a 4K page comes into TDX use; adds the pair for the first of its range. */
  public void use(long pfn) {
    if (dynamic) {
      useDynamic(pfn);
    }
  }

  private synchronized void useDynamic(long pfn) {
    long range = pfn >>> ORDER_2M;
    if (!uses.containsKey(range)) {
      long[] pair = takePair();
      regs.operands(
          range << (ORDER_2M + PAGE_SHIFT) | 1, pair[0] << PAGE_SHIFT, pair[1] << PAGE_SHIFT);
      expect(module.seamcall(SeamcallLeaf.TDH_PHYMEM_PAMT_ADD, regs), "TDH.PHYMEM.PAMT.ADD");
    }
    uses.merge(range, 1, Integer::sum);
  }

  /** Notes that a 4K page is out of TDX use; takes the pair back with the last of its range. */
  public void release(long pfn) {
    if (dynamic) {
      releaseDynamic(pfn);
    }
  }

  private synchronized void releaseDynamic(long pfn) {
    long range = pfn >>> ORDER_2M;
    int count = uses.merge(range, -1, Integer::sum);
    if (count == 0) {
      uses.remove(range);
      removePair(range);
    }
  }

  private void removePair(long range) {
    regs.operands(range << (ORDER_2M + PAGE_SHIFT) | 1, 0, 0);
    expect(module.seamcall(SeamcallLeaf.TDH_PHYMEM_PAMT_REMOVE, regs), "TDH.PHYMEM.PAMT.REMOVE");
    host.free(regs.rdx >>> PAGE_SHIFT, 0);
    host.free(regs.r8 >>> PAGE_SHIFT, 0);
  }

  /**
   * Takes a pair for the 2M page that is about to be split; the module gets it with the call.
   *
   * @return its pages, or zeroes without dynamic PAMT
   */
  long[] pairForSplit() {
    return dynamic ? takePair() : new long[2];
  }

  /** Gives back a pair of {@link #pairForSplit} that the module did not get. */
  void pairUnused(long[] pair) {
    if (dynamic) {
      host.free(pair[0], 0);
      host.free(pair[1], 0);
    }
  }

  /** Takes both pages or, if there is no memory, none. */
  private long[] takePair() {
    long first = take();
    try {
      return new long[] {first, take()};
    } catch (KernelOutOfMemoryException e) {
      host.free(first, 0);
      throw e;
    }
  }

  /** Notes that all 4K pages of a range came into use by a split. */
  synchronized void split(long pfn) {
    if (dynamic) {
      uses.merge(pfn >>> ORDER_2M, 1 << ORDER_2M, Integer::sum);
    }
  }

  /** Notes that all 4K pages of a range became one large page; the module gave its pair back. */
  synchronized void merged(long pfn, long pairFirstHpa, long pairSecondHpa) {
    if (dynamic) {
      uses.remove(pfn >>> ORDER_2M);
      host.free(pairFirstHpa >>> PAGE_SHIFT, 0);
      host.free(pairSecondHpa >>> PAGE_SHIFT, 0);
    }
  }

  static void expect(long status, String call) {
    if (status != 0) {
      throw new IllegalStateException(call + ": " + TdxStatus.describe(status));
    }
  }
}
