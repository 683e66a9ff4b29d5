package dev.broadsheet.core.vm;

import dev.broadsheet.core.mmu.tdp.TdpMmu;
import dev.broadsheet.core.mmu.tdp.TdpTree;
import dev.broadsheet.core.mmu.tdp.VcpuCaches;

/**
 * Splits private leaves that cross the edges of a range, before anything of it is zapped: otherwise
 * the part outside would lose its content and its accept state. Only the blocks at the two edges
 * are looked at, so at most a few demotes are made (DPAMT+HP v5).
 *
 * <p>The tables come from a stock of the machine, guarded by {@code mmu_lock} held for write; as
 * many as two edges through all levels can need. Memory that is missing is reported before the
 * first zap.
 */
final class PrivateSplits {
  private final TdpMmu mmu;
  private final VcpuCaches stock;
  private final boolean enabled;

  PrivateSplits(TdpMmu mmu, VcpuCaches stock, boolean enabled) {
    this.mmu = mmu;
    this.stock = stock;
    this.enabled = enabled;
  }

  /** {@code mmu_lock} is held for write. */
  void before(long start, long end) {
    TdpTree mirror = mmu.mirror();
    if (!enabled || mirror == null) {
      return;
    }
    stock.topUp(mirror);
    mmu.privateHugePages().demoteCrossing(start, stock);
    mmu.privateHugePages().demoteCrossing(end, stock);
  }

  /** Splits the leaf that covers {@code gfn} to at most {@code level}, as {@link #before}. */
  void to(long gfn, int level) {
    TdpTree mirror = mmu.mirror();
    if (mirror != null) {
      stock.topUp(mirror);
      mmu.privateHugePages().demoteTo(gfn, level, stock);
    }
  }
}
