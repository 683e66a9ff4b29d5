package dev.broadsheet.core.vm;

import dev.broadsheet.core.mmu.spte.Spte;
import dev.broadsheet.core.mmu.tdp.TdpMmu;
import dev.broadsheet.core.mmu.tdp.TdpTree;
import dev.broadsheet.core.tdx.TdxModule;
import dev.broadsheet.core.tdx.sept.SeptEntry;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Checks that the mirror's leaves equal those of the Secure EPT; the module's own audit covers the
 * PAMT.
 */
final class MirrorAudit {
  private static final int PAGE_SHIFT = 12;

  /** Room for a level in the low bits beside a frame. */
  private static final int LEVEL_BITS = 3;

  private MirrorAudit() {}

  /** Compares at a quiet point. */
  static void run(TdpMmu mmu, TdxModule module, long tdr) {
    Map<Long, Long> leaves = mirrorLeaves(mmu);
    module.visitSept(
        tdr,
        (gpa, level, entry) -> {
          if (SeptEntry.isLeaf(entry)) {
            long found = SeptEntry.hpa(entry, level) >>> PAGE_SHIFT << LEVEL_BITS | (level + 1);
            require(gpa >>> PAGE_SHIFT, found, leaves.remove(gpa >>> PAGE_SHIFT));
          }
        });
    if (!leaves.isEmpty()) {
      throw new IllegalStateException(
          "the mirror maps gfn 0x%x, the Secure EPT does not"
              .formatted(leaves.keySet().iterator().next()));
    }
    module.audit();
  }

  private static Map<Long, Long> mirrorLeaves(TdpMmu mmu) {
    Map<Long, Long> leaves = new TreeMap<>();
    TdpTree mirror = mmu.mirror();
    if (mirror != null) {
      mmu.forEachLeaf(
          mirror,
          (isMirror, gfn, level, spte) -> leaves.put(gfn, Spte.pfn(spte) << LEVEL_BITS | level));
    }
    return leaves;
  }

  private static void require(long gfn, long found, @Nullable Long expected) {
    if (expected == null || expected != found) {
      throw new IllegalStateException(
          "gfn 0x%x: the Secure EPT maps 0x%x at level %d, the mirror says %s"
              .formatted(
                  gfn,
                  found >>> LEVEL_BITS,
                  found & 7,
                  expected == null ? "nothing" : "0x" + Long.toHexString(expected >>> LEVEL_BITS)));
    }
  }
}
