package dev.broadsheet.core.mmu.tdp;

import dev.broadsheet.api.PageLevel;
import dev.broadsheet.core.mmu.MmuCounter;
import dev.broadsheet.core.mmu.MmuCounters;
import dev.broadsheet.core.mmu.spte.Spte;
import dev.broadsheet.core.mmu.sync.MmuLock;
import org.jspecify.annotations.Nullable;

/**
 * Zaps leaves of a range. Which alias of a gfn goes is said by an {@link AttributeFilter}; the walk
 * knows nothing of root types.
 *
 * <p>Source: Linux v6.16, arch/x86/kvm/mmu/tdp_mmu.c: tdp_mmu_zap_leafs(),
 * tdp_mmu_iter_cond_resched().
 */
public final class LeafZap {
  private final TdpMmu mmu;
  private final TdpTree direct;
  private final @Nullable TdpTree mirror;
  private final MmuLock lock;
  private final MmuCounters counters;
  private final MmuPolicy policy;
  private final long gfnLimit;
  private final SpteChanges changes;
  private final TdpRoots roots;
  private final TdpIterator iterator;
  private final LostMappings lost = new LostMappings();
  private @Nullable Runnable onYield;

  /** What the zap in progress is for; guarded by {@code mmu_lock} held for write. */
  private ZapReason reason = ZapReason.TEARDOWN;

  LeafZap(TdpMmu mmu, SpteChanges changes, TdpRoots roots) {
    this.mmu = mmu;
    this.direct = mmu.direct();
    this.mirror = mmu.mirror();
    this.lock = mmu.lock();
    this.counters = mmu.counters();
    this.policy = mmu.policy();
    this.gfnLimit = mmu.gfnLimit();
    this.changes = changes;
    this.roots = roots;
    this.iterator = new TdpIterator(direct);
  }

  /** Sets what runs while a walk has given the lock up; null for nothing. */
  public void onYield(@Nullable Runnable action) {
    this.onYield = action;
  }

  // Leaf zap

  /**
   * Zaps the leaves that overlap {@code [start, end)} of the aliases in {@code filter}: whole, also
   * where they reach beyond. Frees no table. {@code mmu_lock} is held for write.
   *
   * @return whether TLBs must be flushed
   */
  public boolean zapLeafs(int filter, long start, long end, ZapReason why) {
    lock.requireWrite();
    reason = why;
    int types = RootTypes.of(filter, mirror != null);
    boolean flush = false;
    if ((types & RootTypes.DIRECT) != 0) {
      flush |= zapLeafs(direct, start, end, flush);
    }
    if (mirror != null && (types & RootTypes.MIRROR) != 0) {
      flush |= zapLeafs(mirror, start, end, flush);
    }
    return flush;
  }

  private boolean zapLeafs(TdpTree tree, long start, long end, boolean flushBefore) {
    boolean flush = flushBefore;
    for (int i = 0; i < tree.invalidRootCount(); i++) {
      // Translations of an obsolete root are flushed when a vCPU loads its new one.
      zapLeafs(tree, tree.invalidRoot(i), start, end, false);
    }
    return tree.root() == 0 ? flush : zapLeafs(tree, tree.root(), start, end, flush);
  }

  private boolean zapLeafs(TdpTree tree, long root, long start, long end, boolean flushBefore) {
    boolean flush = flushBefore;
    long limit = Math.min(end, gfnLimit);
    int sinceYield = 0;
    TdpIterator it = iterator;
    it.start(tree, root, 1, start);
    while (it.isValid() && it.gfn() < limit) {
      if (mustYield(it, sinceYield)) {
        if (flush) {
          mmu.flushRemoteTlbs();
          flush = false;
        }
        long next = it.nextGfn();
        yieldWrite();
        if (!roots.isRoot(tree, root)) {
          return flush;
        }
        // Whoever held the lock meanwhile used the same iterator.
        it.start(tree, root, 1, next);
        sinceYield = 0;
        continue;
      }
      if (Spte.isLeaf(it.spte(), it.level())) {
        long gfn = it.gfn();
        int level = it.level();
        changes.write(it, Spte.NONPRESENT | (it.spte() & tree.keep()));
        flush = true;
        sinceYield++;
        bookZap(gfn, level, start, end);
      }
      it.next();
    }
    return flush;
  }

  private boolean mustYield(TdpIterator it, int sinceYield) {
    return it.progressed()
        && ((policy.yieldEvery() > 0 && sinceYield >= policy.yieldEvery()) || lock.isContended());
  }

  private void yieldWrite() {
    counters.add(MmuCounter.YIELDS);
    ZapReason before = reason;
    lock.unlockWrite();
    if (onYield != null) {
      onYield.run();
    }
    lock.lockWrite();
    reason = before;
  }

  private void bookZap(long gfn, int level, long start, long end) {
    if (reason != ZapReason.CONVERSION) {
      return;
    }
    counters.add(MmuCounter.ZAPS_BY_CONVERSION);
    long behind = gfn + PageLevel.of(level).pages();
    if (gfn < start) {
      lost.add(gfn, Math.min(start, behind));
    }
    if (behind > end) {
      lost.add(Math.max(end, gfn), behind);
    }
  }

  /** Books a leaf that a fault mapped, and counts it if a conversion elsewhere had taken it. */
  public void bookMapped(long gfn, int level) {
    if (!lost.isEmpty() && lost.take(gfn, gfn + PageLevel.of(level).pages())) {
      counters.add(MmuCounter.REFAULTS_BY_CONVERSION);
    }
  }

  /**
   * Zaps the leaf under a foreign iterator and flushes. A conversion takes every direct leaf that
   * crosses its edge whole; a table that a strategy needs in such a leaf's place is no reason to
   * keep the rest mapped.
   */
  void zapAt(TdpIterator at) {
    lock.requireWrite();
    long gfn = at.gfn();
    int level = at.level();
    changes.write(at, Spte.NONPRESENT | (at.spte() & at.tree().keep()));
    mmu.flushRemoteTlbs();
    reason = ZapReason.CONVERSION;
    long behind = gfn + PageLevel.of(level).pages();
    bookZap(gfn, level, behind, behind);
  }
}
