package dev.broadsheet.core.mmu.tdp;

import dev.broadsheet.core.mmu.MmuCounters;
import dev.broadsheet.core.mmu.MmuListener;
import dev.broadsheet.core.mmu.spte.Spte;
import dev.broadsheet.core.mmu.sync.MmuLock;
import org.jspecify.annotations.Nullable;

/**
 * The roots of the trees: made when a vCPU first needs one, made obsolete, emptied, given back.
 *
 * <p>Source: Linux v6.16, arch/x86/kvm/mmu/tdp_mmu.c: kvm_tdp_mmu_alloc_root(), tdp_mmu_zap_root(),
 * kvm_tdp_mmu_invalidate_roots(), kvm_tdp_mmu_zap_invalidated_roots().
 */
public final class TdpRoots {
  private static final long[] NO_ROOTS = new long[0];

  private final TdpTree direct;
  private final @Nullable TdpTree mirror;
  private final MmuLock lock;
  private final MmuCounters counters;
  private final long gfnLimit;
  private final SpteChanges changes;
  private final MmuObservers observers;

  /** For walks with {@code mmu_lock} held for write. */
  private final TdpIterator iterator;

  TdpRoots(TdpMmu mmu, SpteChanges changes, MmuObservers observers) {
    this.direct = mmu.direct();
    this.mirror = mmu.mirror();
    this.lock = mmu.lock();
    this.counters = mmu.counters();
    this.gfnLimit = mmu.gfnLimit();
    this.changes = changes;
    this.observers = observers;
    this.iterator = new TdpIterator(direct);
  }

  // Roots

  /**
   * Makes sure that the tree has a root ({@code kvm_tdp_mmu_alloc_root()}); the caches were topped
   * up. The mirror root needs no external page: the root of the Secure EPT lives in the TDCS.
   */
  public long require(TdpTree tree, VcpuCaches caches) {
    long root = tree.root();
    if (root != 0) {
      return root;
    }
    synchronized (tree) {
      root = tree.root();
      if (root != 0) {
        return root;
      }
      long table = caches.takeTable(tree);
      long header = caches.takeHeader(tree);
      int role = PageRole.root(tree.rootLevel(), tree.isMirror(), !tree.layout().hasAdBits());
      tree.adopt(table, header, role, 0, 0, 0);
      // One reference of the vCPU, one of the TDP MMU, which only the zap of the root gives up.
      tree.headers().set(header, TableHeader.ROOT_COUNT, 2);
      counters.addTables(tree.isMirror(), tree.rootLevel(), 1);
      MmuListener watcher = observers.listener();
      if (watcher != null) {
        watcher.tableAllocated(tree.isMirror(), 0, tree.rootLevel(), /* root= */ true);
      }
      observers.linked(tree, table, 0, tree.rootLevel());
      tree.root(table);
      return table;
    }
  }

  /**
   * Makes the roots of the direct tree obsolete: the front half of the fast zap. {@code mmu_lock}
   * is held for write. Mirror roots live until the machine ends.
   */
  public void invalidateDirect() {
    lock.requireWrite();
    direct.invalidateRoot();
  }

  /** Makes every root obsolete, the mirror's too: only at the end of the machine. */
  public void invalidateAll() {
    lock.requireWrite();
    direct.invalidateRoot();
    if (mirror != null) {
      mirror.invalidateRoot();
    }
  }

  /**
   * Takes down what hangs on obsolete roots, and the roots: the back half of the fast zap. {@code
   * mmu_lock} is held for read if {@code shared}, else for write.
   */
  public void zapInvalidated(boolean shared) {
    zapInvalidated(direct, shared);
    if (mirror != null) {
      zapInvalidated(mirror, shared);
    }
  }

  private void zapInvalidated(TdpTree tree, boolean shared) {
    while (tree.invalidRootCount() > 0) {
      long root = tree.invalidRoot(0);
      zapRoot(tree, root, shared);
      tree.forgetInvalidRoot(root);
      free(tree, root);
    }
  }

  private void free(TdpTree tree, long root) {
    observers.unlinked(tree, root, 0, tree.rootLevel());
    counters.addTables(tree.isMirror(), tree.rootLevel(), -1);
    tree.freeAfterGrace(root);
  }

  /**
   * Empties the direct tree and what is obsolete, as the end of the process does ({@code
   * kvm_tdp_mmu_zap_all()}). The roots stay. {@code mmu_lock} is held for write.
   */
  public void zapAll() {
    lock.requireWrite();
    if (direct.root() != 0) {
      zapRoot(direct, direct.root(), /* shared= */ false);
    }
    for (int i = 0; i < direct.invalidRootCount(); i++) {
      zapRoot(direct, direct.invalidRoot(i), /* shared= */ false);
    }
  }

  /**
   * Zaps everything below a root in passes at 4K, 2M, 1G and the root's level, so that the work
   * between two yields is bounded. Never flushes: an obsolete root is no longer loaded.
   */
  private void zapRoot(TdpTree tree, long root, boolean shared) {
    zapLevel(tree, root, shared, 1);
    zapLevel(tree, root, shared, 2);
    zapLevel(tree, root, shared, 3);
    zapLevel(tree, root, shared, tree.rootLevel());
  }

  private void zapLevel(TdpTree tree, long root, boolean shared, int level) {
    TdpIterator it = shared ? new TdpIterator(tree) : iterator;
    it.start(tree, root, level, 0);
    while (it.isValid() && it.gfn() < gfnLimit) {
      if (Spte.isPresent(it.spte()) && it.level() <= level) {
        long empty = Spte.NONPRESENT | (it.spte() & tree.keep());
        if (!shared) {
          changes.write(it, empty);
        } else if (changes.tryWrite(it, empty) != SpteWriter.WRITTEN) {
          it.refresh();
          continue;
        }
      }
      it.next();
    }
  }

  /**
   * Returns whether a root still has tables: another thread may have taken an obsolete one down.
   */
  boolean isRoot(TdpTree tree, long root) {
    for (long known : of(tree)) {
      if (known == root) {
        return true;
      }
    }
    return false;
  }

  /** Returns all roots of a tree that have tables, the valid one first. */
  long[] of(TdpTree tree) {
    int valid = tree.root() == 0 ? 0 : 1;
    int count = valid + tree.invalidRootCount();
    if (count == 0) {
      return NO_ROOTS;
    }
    long[] all = new long[count];
    if (valid == 1) {
      all[0] = tree.root();
    }
    for (int i = valid; i < count; i++) {
      all[i] = tree.invalidRoot(i - valid);
    }
    return all;
  }

  boolean hasTables() {
    return direct.root() != 0 || (mirror != null && mirror.root() != 0);
  }
}
