package dev.broadsheet.core.mmu.tdp;

import dev.broadsheet.core.mmu.spte.Spte;
import dev.broadsheet.core.mmu.sync.MmuLock;

/**
 * The worker that takes back what NX huge pages split.
 *
 * <p>Source: Linux v6.12, arch/x86/kvm/mmu/mmu.c: kvm_recover_nx_huge_pages().
 */
public final class NxRecovery {
  private final TdpMmu mmu;
  private final TdpTree direct;
  private final MmuLock lock;
  private final NxHugePages nxHugePages;
  private final SpteChanges changes;

  NxRecovery(TdpMmu mmu, SpteChanges changes) {
    this.mmu = mmu;
    this.direct = mmu.direct();
    this.lock = mmu.lock();
    this.nxHugePages = mmu.nxHugePages();
    this.changes = changes;
  }

  /**
   * Zaps the tables that exist longest because of NX huge pages, so that huge pages come back: one
   * turn of the worker. {@code mmu_lock} is held for write.
   *
   * @param most how many tables at most
   * @return how many were zapped
   */
  public int run(int most) {
    lock.requireWrite();
    int done = 0;
    while (done < most) {
      long table = nxHugePages.oldest();
      if (table == 0) {
        break;
      }
      long parentEntry = direct.headers().get(direct.header(table), TableHeader.PARENT);
      long parent = parentEntry / Spte.ENTRIES;
      int index = (int) (parentEntry % Spte.ENTRIES);
      long old = direct.get(parent, index);
      long now = Spte.NONPRESENT | (old & direct.keep());
      changes.write(
          direct, parent, index, direct.baseGfn(table), direct.level(table) + 1, old, now);
      done++;
    }
    if (done > 0) {
      mmu.flushRemoteTlbs();
    }
    return done;
  }
}
