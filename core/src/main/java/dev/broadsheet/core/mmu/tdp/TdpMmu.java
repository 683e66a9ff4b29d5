package dev.broadsheet.core.mmu.tdp;

import dev.broadsheet.api.MappingListener;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.PageTables;
import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.core.memory.Rcu;
import dev.broadsheet.core.mmu.MmuCounter;
import dev.broadsheet.core.mmu.MmuCounters;
import dev.broadsheet.core.mmu.MmuListener;
import dev.broadsheet.core.mmu.spte.Spte;
import dev.broadsheet.core.mmu.spte.SpteLayout;
import dev.broadsheet.core.mmu.sync.Invalidation;
import dev.broadsheet.core.mmu.sync.MmuLock;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The TDP MMU of one machine: its trees, and everything that changes them apart from the fault
 * path.
 *
 * <p>Each method says which way {@code mmu_lock} is held. Nothing here decides which alias of a gfn
 * goes: callers say it with an {@link AttributeFilter}.
 *
 * <p>Source: Linux v6.12 and v6.16, arch/x86/kvm/mmu/tdp_mmu.c.
 */
public final class TdpMmu {
  /** Flushes the TLBs of all vCPUs. */
  public interface RemoteTlb {
    /** All translations of the shared tree are gone from all vCPUs when this returns. */
    void flush();
  }

  private static final long[] NO_ROOTS = new long[0];

  private final TdpTree direct;
  private final @Nullable TdpTree mirror;
  private final @Nullable ExternalTables external;
  private final MmuPolicy policy;
  private final MmuLock lock;
  private final Invalidation invalidation;
  private final MmuCounters counters;
  private final Rcu rcu;
  private final long gfnLimit;
  private final TdpIterator iterator;
  private final NxHugePages nxHugePages;
  private final List<PageTables.Listener> tableListeners = new ArrayList<>();
  private @Nullable MmuListener listener;
  private @Nullable MappingListener mappings;
  private @Nullable RemoteTlb remoteTlb;
  private @Nullable Runnable onYield;

  /** What a zap in progress is for; guarded by mmu_lock held for write. */
  private ZapReason reason = ZapReason.TEARDOWN;

  private final LostMappings lost = new LostMappings();
  private final DeferredTables deferred;

  /**
   * Creates an MMU without roots.
   *
   * @param memory where tables come from
   * @param rcu whose grace periods freed tables wait for
   * @param layout the format of the direct tree
   * @param rootLevel 4 or 5
   * @param sharedGfnBit the shared bit as a gfn bit, or 0 if private and shared have one tree
   * @param external the tables behind the mirror tree; null if there is none
   * @param gfnLimit first gfn that no walk reaches
   */
  public TdpMmu(
      KernelMemory memory,
      Rcu rcu,
      SpteLayout layout,
      int rootLevel,
      long sharedGfnBit,
      @Nullable ExternalTables external,
      long gfnLimit,
      MmuPolicy policy) {
    this.rcu = rcu;
    this.policy = policy;
    this.lock = new MmuLock(policy.threads());
    this.invalidation = new Invalidation(policy.invalidationUnion());
    this.counters = new MmuCounters(policy.threads());
    this.external = external;
    this.gfnLimit = gfnLimit;
    this.direct = new TdpTree(memory, /* mirror= */ false, layout, rootLevel, sharedGfnBit);
    direct.writeBy(new DirectSpteWriter(direct.tables()));
    if (external == null) {
      this.mirror = null;
    } else {
      TdpTree tree = new TdpTree(memory, /* mirror= */ true, SpteLayout.EPT, rootLevel, 0);
      tree.writeBy(new MirrorSpteWriter(tree, external, counters, policy.freezeFirst()));
      this.mirror = tree;
    }
    this.iterator = new TdpIterator(direct);
    this.nxHugePages = new NxHugePages(direct);
    this.deferred = new DeferredTables(this);
  }

  /** Returns the tree that hardware walks. */
  public TdpTree direct() {
    return direct;
  }

  /** Returns KVM's copy of the Secure EPT, or null. */
  public @Nullable TdpTree mirror() {
    return mirror;
  }

  /** Returns the tree for private or for shared accesses; with one tree, that one. */
  public TdpTree tree(boolean isPrivate) {
    return isPrivate && mirror != null ? mirror : direct;
  }

  /** Returns {@code mmu_lock}. */
  public MmuLock lock() {
    return lock;
  }

  /** Returns the invalidation protocol. */
  public Invalidation invalidation() {
    return invalidation;
  }

  /** Returns the counters. */
  public MmuCounters counters() {
    return counters;
  }

  /** Returns the policies. */
  public MmuPolicy policy() {
    return policy;
  }

  /** Returns the grace periods. */
  public Rcu rcu() {
    return rcu;
  }

  /** Returns the list of tables that exist because of NX huge pages. */
  public NxHugePages nxHugePages() {
    return nxHugePages;
  }

  /** Returns the first gfn that no walk reaches. */
  public long gfnLimit() {
    return gfnLimit;
  }

  /** Sets who sees what the MMU does; null for nobody. */
  public void listen(@Nullable MmuListener watcher) {
    this.listener = watcher;
  }

  /** Returns who sees what the MMU does. */
  public @Nullable MmuListener listener() {
    return listener;
  }

  /** Sets the tracker that wants to know what is mapped. */
  public void tellMappings(@Nullable MappingListener tracker) {
    this.mappings = tracker;
  }

  /** Sets how TLBs are flushed. */
  public void flushBy(RemoteTlb tlb) {
    this.remoteTlb = tlb;
  }

  /** Sets what runs while a walk has given the lock up; null for nothing. */
  public void onYield(@Nullable Runnable action) {
    this.onYield = action;
  }

  void addTableListener(PageTables.Listener tableListener) {
    tableListeners.add(tableListener);
  }

  boolean hasTables() {
    return direct.root() != 0 || (mirror != null && mirror.root() != 0);
  }

  /** Counts a flush of all TLBs and makes it. */
  public void flushRemoteTlbs() {
    counters.add(MmuCounter.TLB_FLUSHES);
    if (remoteTlb != null) {
      remoteTlb.flush();
    }
  }

  // Roots

  /**
   * Makes sure that the tree has a root ({@code kvm_tdp_mmu_alloc_root()}); the caches were topped
   * up. The mirror root needs no external page: the root of the Secure EPT lives in the TDCS.
   */
  public long requireRoot(TdpTree tree, VcpuCaches caches) {
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
      int role = PageRole.root(tree.rootLevel(), tree.isMirror(), /* adDisabled= */ false);
      tree.adopt(table, header, role, 0, 0, 0);
      // One reference of the vCPU, one of the TDP MMU, which only the zap of the root gives up.
      tree.headers().set(header, TableHeader.ROOT_COUNT, 2);
      counters.addTables(tree.isMirror(), tree.rootLevel(), 1);
      MmuListener watcher = listener;
      if (watcher != null) {
        watcher.tableAllocated(tree.isMirror(), 0, tree.rootLevel(), /* root= */ true);
      }
      for (PageTables.Listener tableListener : tableListeners) {
        tableListener.linked(
            portTree(tree), portHandle(tree, table), 0, PageLevel.of(tree.rootLevel()));
      }
      tree.root(table);
      return table;
    }
  }

  /**
   * Makes the roots of the direct tree obsolete: the front half of the fast zap. {@code mmu_lock}
   * is held for write. Mirror roots live until the machine ends.
   */
  public void invalidateDirectRoots() {
    requireWrite();
    direct.invalidateRoot();
  }

  /** Makes every root obsolete, the mirror's too: only at the end of the machine. */
  public void invalidateAllRoots() {
    requireWrite();
    direct.invalidateRoot();
    if (mirror != null) {
      mirror.invalidateRoot();
    }
  }

  /**
   * Takes down what hangs on obsolete roots, and the roots: the back half of the fast zap. {@code
   * mmu_lock} is held for read if {@code shared}, else for write.
   */
  public void zapInvalidatedRoots(boolean shared) {
    zapInvalidatedRoots(direct, shared);
    if (mirror != null) {
      zapInvalidatedRoots(mirror, shared);
    }
  }

  private void zapInvalidatedRoots(TdpTree tree, boolean shared) {
    while (tree.invalidRootCount() > 0) {
      long root = tree.invalidRoot(0);
      zapRoot(tree, root, shared);
      tree.forgetInvalidRoot(root);
      freeRoot(tree, root);
    }
  }

  private void freeRoot(TdpTree tree, long root) {
    for (PageTables.Listener tableListener : tableListeners) {
      tableListener.unlinked(
          portTree(tree), portHandle(tree, root), 0, PageLevel.of(tree.rootLevel()));
    }
    counters.addTables(tree.isMirror(), tree.rootLevel(), -1);
    tree.freeAfterGrace(root);
  }

  /**
   * Empties the direct tree and what is obsolete, as the end of the process does ({@code
   * kvm_tdp_mmu_zap_all()}). The roots stay. {@code mmu_lock} is held for write.
   */
  public void zapAll() {
    requireWrite();
    reason = ZapReason.TEARDOWN;
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
          write(it, empty);
        } else if (tryWrite(it, empty) != SpteWriter.WRITTEN) {
          it.refresh();
          continue;
        }
      }
      it.next();
    }
  }

  // Leaf zap

  /**
   * Zaps the leaves that overlap {@code [start, end)} of the aliases in {@code filter}: whole, also
   * where they reach beyond. Frees no table. {@code mmu_lock} is held for write.
   *
   * @return whether TLBs must be flushed
   */
  public boolean zapLeafs(int filter, long start, long end, ZapReason why) {
    requireWrite();
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
          flushRemoteTlbs();
          flush = false;
        }
        long next = it.nextGfn();
        yieldWrite();
        if (!isRoot(tree, root)) {
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
        write(it, Spte.NONPRESENT | (it.spte() & tree.keep()));
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

  /**
   * Returns whether a root still has tables: another thread may have taken an obsolete one down.
   */
  private boolean isRoot(TdpTree tree, long root) {
    for (long known : roots(tree)) {
      if (known == root) {
        return true;
      }
    }
    return false;
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

  // Writing entries

  /**
   * Replaces the entry under the iterator, with {@code mmu_lock} held for read.
   *
   * @return {@link SpteWriter#WRITTEN}, or why not
   */
  public int tryWrite(TdpIterator it, long now) {
    TdpTree tree = it.tree();
    long old = it.spte();
    int result = tree.writer().tryWrite(it.table(), it.index(), it.gfn(), it.level(), old, now);
    if (result == SpteWriter.WRITTEN) {
      changed(tree, it.gfn(), it.level(), old, now, /* shared= */ true);
      it.wrote(now);
    } else {
      it.refresh();
    }
    return result;
  }

  /**
   * Takes the entry under the iterator away with {@code mmu_lock} held for read: freeze, flush,
   * store, in this order, so that nobody can put something else there before the TLBs are clean.
   * Direct tree only.
   *
   * @return whether it was taken; false if another thread was first
   */
  public boolean zapAtomic(TdpIterator it) {
    TdpTree tree = it.tree();
    if (tree.isMirror()) {
      throw new IllegalStateException("a mirror entry is never zapped under the read lock");
    }
    long old = it.spte();
    long kept = old & tree.keep();
    // Relies on: frozen entries have one owner.
    if (!tree.tables().compareAndSet(it.table(), it.index(), old, Spte.FROZEN | kept)) {
      it.refresh();
      return false;
    }
    flushRemoteTlbs();
    long now = Spte.NONPRESENT | kept;
    tree.tables().set(it.table(), it.index(), now);
    changed(tree, it.gfn(), it.level(), old, now, /* shared= */ true);
    it.wrote(now);
    return true;
  }

  /**
   * Makes a write-protected leaf writable without a lock: one attempt. No change is traced, and the
   * leaf stays where it is.
   */
  public boolean fixFast(TdpIterator it, long before, long after) {
    return it.tree().tables().compareAndSet(it.table(), it.index(), before, after);
  }

  /** Replaces the entry under the iterator, with {@code mmu_lock} held for write. */
  public void write(TdpIterator it, long now) {
    long old = write(it.tree(), it.table(), it.index(), it.gfn(), it.level(), it.spte(), now);
    assert Spte.pfn(old) == Spte.pfn(it.spte()) : "the frame changed under the write lock";
    it.wrote(now);
  }

  long write(TdpTree tree, long table, int index, long gfn, int level, long old, long now) {
    assert lock.isHeldForWrite() : "exclusive write without mmu_lock";
    if (Spte.isFrozen(old, tree.keep()) || Spte.isFrozen(now, tree.keep())) {
      throw new IllegalStateException(
          "entry 0x%x of gfn 0x%x, level %d: a frozen entry has an owner"
              .formatted(old, gfn, level));
    }
    long found = tree.writer().write(table, index, gfn, level, old, now);
    changed(tree, gfn, level, found, now, /* shared= */ false);
    if (Spte.isLeaf(found, level) && !Spte.isPresent(now)) {
      tree.writer().leafRemoved(gfn, level, found);
    }
    return found;
  }

  /**
   * Books a change that was made: counts, listeners, and the sub-tree that went with a table.
   * {@code handle_changed_spte()} of the kernel.
   */
  private void changed(TdpTree tree, long gfn, int level, long old, long now, boolean shared) {
    if (old == now) {
      return;
    }
    MmuListener watcher = listener;
    if (watcher != null) {
      watcher.spteChanged(tree.isMirror(), gfn, level, old, now);
    }
    boolean wasPresent = Spte.isPresent(old);
    boolean isPresent = Spte.isPresent(now);
    if (!wasPresent && !isPresent) {
      return;
    }
    boolean wasLeaf = wasPresent && Spte.isLast(old, level);
    boolean isLeaf = isPresent && Spte.isLast(now, level);
    boolean pfnChanged = Spte.pfn(old) != Spte.pfn(now);
    if (wasLeaf && isLeaf && pfnChanged) {
      throw new IllegalStateException(
          "leaf 0x%x of gfn 0x%x, level %d, is replaced by 0x%x without being zapped"
              .formatted(old, gfn, level, now));
    }
    if (wasLeaf != isLeaf) {
      counters.addLeaves(tree.isMirror(), level, isLeaf ? 1 : -1);
    }
    if (wasLeaf && !isPresent) {
      counters.add(MmuCounter.ZAPS);
    }
    if (mappings != null && wasLeaf != isLeaf) {
      tellMapping(gfn, level, old, now, wasLeaf);
    }
    if (wasPresent && !wasLeaf && (isLeaf || !isPresent || pfnChanged)) {
      removeTable(tree, Spte.pfn(old), shared);
    }
  }

  private void tellMapping(long gfn, int level, long old, long now, boolean wasLeaf) {
    MappingListener tracker = mappings;
    if (tracker == null) {
      return;
    }
    if (wasLeaf) {
      tracker.unmapped(gfn, Spte.pfn(old), PageLevel.of(level));
    } else {
      tracker.mapped(gfn, Spte.pfn(now), PageLevel.of(level));
    }
  }

  // Tables

  /**
   * Makes a table from the caches, to be linked below an entry of {@code level + 1}. Its role is
   * known: its parent's, one level down. A mirror table gets its external page here.
   */
  public long newTable(TdpIterator at, VcpuCaches caches) {
    TdpTree tree = at.tree();
    long table = caches.takeTable(tree);
    long header = caches.takeHeader(tree);
    long page = tree.isMirror() ? caches.takeExternal() : 0;
    initTable(at, table, header, page);
    return table;
  }

  void initTable(TdpIterator at, long table, long header, long page) {
    TdpTree tree = at.tree();
    int role = PageRole.child(tree.role(at.table()));
    tree.adopt(table, header, role, at.gfn(), page, at.table() * Spte.ENTRIES + at.index());
    long inherited = at.spte() & tree.keep();
    if (inherited != 0) {
      tree.tables().fill(table, 0, Spte.ENTRIES, Spte.NONPRESENT | inherited);
    }
    MmuListener watcher = listener;
    if (watcher != null) {
      watcher.tableAllocated(tree.isMirror(), at.gfn(), at.level() - 1, /* root= */ false);
    }
  }

  /** Gives back a table that could not be linked. */
  public void dropTable(TdpTree tree, long table) {
    counters.add(MmuCounter.TABLES_LOST);
    long page = tree.external(table);
    if (page != 0 && external != null) {
      external.freePage(page);
    }
    tree.freeNow(table);
  }

  /**
   * Links a table below the entry under the iterator, with {@code mmu_lock} held for read.
   *
   * @return {@link SpteWriter#WRITTEN}, or why not
   */
  public int link(TdpIterator at, long table) {
    TdpTree tree = at.tree();
    long now = tree.layout().makeTable(table) | (at.spte() & tree.keep());
    int level = at.level() - 1;
    // Counted first: from the moment it is linked another thread may take it down again.
    counters.addTables(tree.isMirror(), level, 1);
    int result = tryWrite(at, now);
    if (result != SpteWriter.WRITTEN) {
      counters.addTables(tree.isMirror(), level, -1);
      return result;
    }
    counters.add(MmuCounter.TABLES_LINKED);
    for (PageTables.Listener tableListener : tableListeners) {
      tableListener.linked(portTree(tree), portHandle(tree, table), at.gfn(), PageLevel.of(level));
    }
    return result;
  }

  /**
   * Fills a table with the 512 pieces of the huge leaf under the iterator and links it, with {@code
   * mmu_lock} held for read; direct tree only.
   */
  public int split(TdpIterator at, long table) {
    TdpTree tree = at.tree();
    long leaf = at.spte();
    fillSplit(tree, table, leaf, at.level());
    int level = at.level() - 1;
    int result = link(at, table);
    if (result == SpteWriter.WRITTEN) {
      bookSplit(tree, at.gfn(), leaf, at.level(), table);
    }
    MmuListener watcher = listener;
    if (watcher != null) {
      watcher.split(
          tree.isMirror(), at.gfn(), leaf, level + 1, result == SpteWriter.WRITTEN ? 0 : -16);
    }
    return result;
  }

  private void fillSplit(TdpTree tree, long table, long leaf, int level) {
    boolean executable = !tree.layout().isExecutable(leaf) && policy.nxHugePages();
    for (int i = 0; i < Spte.ENTRIES; i++) {
      tree.tables().setPlain(table, i, tree.layout().makeSplit(leaf, level, i, executable));
    }
  }

  private void bookSplit(TdpTree tree, long gfn, long leaf, int level, long table) {
    counters.add(MmuCounter.SPLITS);
    counters.addLeaves(tree.isMirror(), level - 1, Spte.ENTRIES);
    MappingListener tracker = mappings;
    if (tracker != null) {
      long step = PageLevel.of(level - 1).pages();
      for (int i = 0; i < Spte.ENTRIES; i++) {
        tracker.mapped(gfn + i * step, Spte.pfn(leaf) + i * step, PageLevel.of(level - 1));
      }
    }
    for (PageTables.Listener tableListener : tableListeners) {
      tableListener.split(portTree(tree), portHandle(tree, table), gfn, PageLevel.of(level - 1));
    }
  }

  /**
   * Takes down a table that was just unlinked, children first: {@code handle_removed_pt()}. With
   * the lock held for read every entry is frozen, so that others who still stand in the table
   * retry.
   */
  private void removeTable(TdpTree tree, long table, boolean shared) {
    int level = tree.level(table);
    long base = tree.baseGfn(table);
    MmuListener watcher = listener;
    if (watcher != null) {
      watcher.tableUnlinked(tree.isMirror(), base, level);
    }
    for (PageTables.Listener tableListener : tableListeners) {
      tableListener.unlinked(portTree(tree), portHandle(tree, table), base, PageLevel.of(level));
    }
    if (nxHugePages.lists(tree, table)) {
      nxHugePages.remove(table);
    }
    counters.addTables(tree.isMirror(), level, -1);
    counters.add(MmuCounter.TABLES_UNLINKED);
    if (policy.reclaimByRcu() && !tree.isMirror() && !deferred.isWorking()) {
      deferred.add(tree, table);
      return;
    }
    removeChildren(tree, table, shared);
  }

  /** Freezes and books the entries of a table that nobody can reach any more, then frees it. */
  void removeChildren(TdpTree tree, long table, boolean shared) {
    int level = tree.level(table);
    long base = tree.baseGfn(table);
    long step = PageLevel.of(level).pages();
    for (int i = 0; i < Spte.ENTRIES; i++) {
      long gfn = base + i * step;
      long old;
      if (shared) {
        old = exchangeFrozen(tree, table, i);
      } else {
        old = tree.get(table, i);
        if (!Spte.isPresent(old)) {
          continue;
        }
        tree.tables().set(table, i, Spte.FROZEN | (old & tree.keep()));
      }
      long frozen = Spte.FROZEN | (old & tree.keep());
      changed(tree, gfn, level, old, frozen, shared);
      if (Spte.isLeaf(old, level)) {
        tree.writer().leafRemoved(gfn, level, old);
      }
    }
    tree.writer().tableRemoved(base, level + 1, tree.external(table));
    tree.freeAfterGrace(table);
  }

  private static long exchangeFrozen(TdpTree tree, long table, int index) {
    while (true) {
      long old = tree.get(table, index);
      // Relies on: frozen entries have one owner. Somebody else's will be released soon.
      if (Spte.isFrozen(old, tree.keep())) {
        Thread.onSpinWait();
        continue;
      }
      if (tree.tables().compareAndSet(table, index, old, Spte.FROZEN | (old & tree.keep()))) {
        return old;
      }
    }
  }

  /**
   * Runs the worker that takes down branches whose grace period is over (policy reclaim=rcu).
   *
   * @return how many branches
   */
  public int runReclaimWorker() {
    return deferred.run();
  }

  /**
   * Zaps the tables that exist longest because of NX huge pages, so that huge pages come back: one
   * turn of the worker. {@code mmu_lock} is held for write.
   *
   * @param most how many tables at most
   * @return how many were zapped
   */
  public int recoverNxHugePages(int most) {
    requireWrite();
    reason = ZapReason.NX_RECOVERY;
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
      write(direct, parent, index, direct.baseGfn(table), direct.level(table) + 1, old, now);
      done++;
    }
    if (done > 0) {
      flushRemoteTlbs();
    }
    return done;
  }

  /**
   * Clears the accessed bits of the leaves that overlap {@code [start, end)} ({@code
   * kvm_tdp_mmu_age_gfn_range()}). No lock is needed: bits of hardware are changed by
   * compare-and-set, and no TLB is flushed.
   *
   * @return whether a leaf had been accessed
   */
  public boolean age(long start, long end) {
    if (direct.root() == 0) {
      return false;
    }
    TdpIterator it = new TdpIterator(direct);
    boolean young = false;
    it.start(direct, direct.root(), 1, start);
    while (it.isValid() && it.gfn() < Math.min(end, gfnLimit)) {
      long spte = it.spte();
      if (Spte.isLeaf(spte, it.level()) && direct.layout().isAccessed(spte)) {
        young = true;
        long now = spte & ~direct.layout().accessedMask();
        if (fixFast(it, spte, now) && listener != null) {
          listener.spteChanged(false, it.gfn(), it.level(), spte, now);
        }
      }
      it.next();
    }
    return young;
  }

  // Private huge pages

  /**
   * Splits the private leaf that crosses {@code edge} at a gfn inside it, down to the level at
   * which none does: block, track, demote. {@code mmu_lock} is held for write, caches are topped
   * up.
   *
   * @return whether a leaf was split
   */
  public boolean demoteCrossing(long edge, VcpuCaches caches) {
    requireWrite();
    TdpTree tree = mirror;
    if (tree == null || external == null || tree.root() == 0) {
      return false;
    }
    boolean split = false;
    while (true) {
      TdpIterator it = iterator;
      it.start(tree, tree.root(), 1, edge);
      while (it.isValid() && Spte.isTable(it.spte(), it.level())) {
        it.next();
      }
      if (!it.isValid()
          || !Spte.isLeaf(it.spte(), it.level())
          || it.level() == 1
          || it.gfn() == edge) {
        return split;
      }
      demote(it, caches);
      split = true;
    }
  }

  /**
   * Splits the private leaf that covers {@code gfn} until it has at most {@code level}; as {@link
   * #demoteCrossing}.
   *
   * @return whether a leaf was split
   */
  public boolean demoteTo(long gfn, int level, VcpuCaches caches) {
    requireWrite();
    TdpTree tree = mirror;
    if (tree == null || external == null || tree.root() == 0) {
      return false;
    }
    boolean split = false;
    while (true) {
      TdpIterator it = iterator;
      it.start(tree, tree.root(), 1, gfn);
      while (it.isValid() && Spte.isTable(it.spte(), it.level())) {
        it.next();
      }
      if (!it.isValid() || !Spte.isLeaf(it.spte(), it.level()) || it.level() <= level) {
        return split;
      }
      demote(it, caches);
      split = true;
    }
  }

  /**
   * Zaps the leaf under a foreign iterator and flushes. A conversion takes every direct leaf that
   * crosses its edge whole; a table that a strategy needs in such a leaf's place is no reason to
   * keep the rest mapped.
   */
  void zapAt(TdpIterator at) {
    requireWrite();
    long gfn = at.gfn();
    int level = at.level();
    write(at, Spte.NONPRESENT | (at.spte() & at.tree().keep()));
    flushRemoteTlbs();
    reason = ZapReason.CONVERSION;
    long behind = gfn + PageLevel.of(level).pages();
    bookZap(gfn, level, behind, behind);
  }

  /** Splits the private leaf under a foreign iterator, which then stands at the table's entry. */
  void demoteAt(TdpIterator at, VcpuCaches caches) {
    demote(at, caches);
    at.refresh();
  }

  /**
   * Frees a table whose entries are all non-present with equal kept bits, and gives those bits to
   * the entry above. {@code mmu_lock} is held for write.
   *
   * @return whether it did; a table of a running TD's Secure EPT stays: KVM never removes one, and
   *     the module would want it blocked and tracked first
   */
  boolean fold(TdpTree tree, long table) {
    requireWrite();
    long parentEntry = tree.headers().get(tree.header(table), TableHeader.PARENT);
    long pins = tree.headers().get(tree.header(table), TableHeader.PINS);
    if (parentEntry == 0 || pins > 0 || tree.isMirror()) {
      return false;
    }
    long first = tree.get(table, 0);
    if ((first & ~tree.keep()) != Spte.NONPRESENT
        || tree.tables().mismatch(table, 0, Spte.ENTRIES, first) < Spte.ENTRIES) {
      return false;
    }
    long parent = parentEntry / Spte.ENTRIES;
    int index = (int) (parentEntry % Spte.ENTRIES);
    int level = tree.level(table);
    long now = Spte.NONPRESENT | (first & tree.keep());
    write(tree, parent, index, tree.baseGfn(table), level + 1, tree.get(parent, index), now);
    flushRemoteTlbs();
    return true;
  }

  private void demote(TdpIterator at, VcpuCaches caches) {
    ExternalTables behind = external;
    if (behind == null) {
      throw new IllegalStateException("no tables behind the tree");
    }
    TdpTree tree = at.tree();
    long leaf = at.spte();
    long gfn = at.gfn();
    int level = at.level();
    long table = newTable(at, caches);
    fillSplit(tree, table, leaf, level);
    int result = behind.demote(gfn, level, Spte.pfn(leaf), tree.external(table));
    if (result != ExternalTables.OK) {
      dropTable(tree, table);
      throw new IllegalStateException(
          "TDH.MEM.PAGE.DEMOTE failed under the write lock: gfn 0x%x, level %d"
              .formatted(gfn, level));
    }
    long now = tree.layout().makeTable(table) | (leaf & tree.keep());
    counters.addTables(true, level - 1, 1);
    counters.add(MmuCounter.TABLES_LINKED);
    write(tree, at.table(), at.index(), gfn, level, leaf, now);
    counters.add(MmuCounter.DEMOTES);
    bookSplit(tree, gfn, leaf, level, table);
    MmuListener watcher = listener;
    if (watcher != null) {
      watcher.split(true, gfn, leaf, level, 0);
    }
  }

  /**
   * Merges the private table that covers the 2M block at {@code gfn} into one leaf (policy
   * merge=promote). {@code mmu_lock} is held for write.
   *
   * @return whether it was merged; false if an entry is missing, frames are not contiguous or the
   *     module refuses
   */
  public boolean promote(long gfn, int level) {
    requireWrite();
    TdpTree tree = mirror;
    ExternalTables behind = external;
    if (tree == null || behind == null || tree.root() == 0) {
      return false;
    }
    TdpIterator it = iterator;
    it.start(tree, tree.root(), level, gfn);
    while (it.isValid() && it.level() > level && Spte.isTable(it.spte(), it.level())) {
      it.next();
    }
    if (!it.isValid() || it.level() != level || !Spte.isTable(it.spte(), level)) {
      return false;
    }
    long table = Spte.pfn(it.spte());
    long first = tree.get(table, 0);
    if (!Spte.isLeaf(first, level - 1)
        || (Spte.pfn(first) & (PageLevel.of(level).pages() - 1)) != 0) {
      return false;
    }
    long step = PageLevel.of(level - 1).pages();
    for (int i = 1; i < Spte.ENTRIES; i++) {
      long entry = tree.get(table, i);
      if (!Spte.isLeaf(entry, level - 1) || Spte.pfn(entry) != Spte.pfn(first) + i * step) {
        return false;
      }
    }
    long page = tree.external(table);
    if (behind.promote(it.gfn(), level, Spte.pfn(first), page) != ExternalTables.OK) {
      return false;
    }
    forgetMerged(tree, table, level - 1);
    long leaf = tree.layout().makeHuge(first, level, 0) | (it.spte() & tree.keep());
    long old = it.spte();
    tree.tables().set(it.table(), it.index(), leaf);
    MmuListener watcher = listener;
    if (watcher != null) {
      watcher.spteChanged(true, it.gfn(), level, old, leaf);
      watcher.tableUnlinked(true, it.gfn(), level - 1);
    }
    counters.addLeaves(true, level, 1);
    counters.add(MmuCounter.TDX_PROMOTES);
    tellMapping(it.gfn(), level, old, leaf, /* wasLeaf= */ false);
    behind.freePage(page);
    tree.freeAfterGrace(table);
    return true;
  }

  /** The module took the children into the new leaf: they are not removed one by one. */
  private void forgetMerged(TdpTree tree, long table, int level) {
    long base = tree.baseGfn(table);
    long step = PageLevel.of(level).pages();
    for (PageTables.Listener tableListener : tableListeners) {
      tableListener.unlinked(portTree(tree), portHandle(tree, table), base, PageLevel.of(level));
    }
    for (int i = 0; i < Spte.ENTRIES; i++) {
      tellMapping(base + i * step, level, tree.get(table, i), 0, /* wasLeaf= */ true);
    }
    counters.addLeaves(true, level, -Spte.ENTRIES);
    counters.addTables(true, level, -1);
    counters.add(MmuCounter.TABLES_UNLINKED);
  }

  // Names of the port

  static PageTables.Tree portTree(TdpTree tree) {
    return tree.isMirror() ? PageTables.Tree.MIRROR : PageTables.Tree.DIRECT;
  }

  /** Handles of the two trees come from caches of their own, so the tree is part of the name. */
  static long portHandle(TdpTree tree, long table) {
    return tree.isMirror() ? table | PageTablePort.MIRROR_TAG : table;
  }

  private void requireWrite() {
    if (!lock.isHeldForWrite()) {
      throw new IllegalStateException("mmu_lock must be held for write here");
    }
  }

  /** Returns all roots of a tree that have tables, the valid one first. */
  long[] roots(TdpTree tree) {
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

  /** Walks all present leaves of a tree's valid root in ascending order. */
  public void forEachLeaf(TdpTree tree, LeafVisitor visitor) {
    if (tree.root() == 0) {
      return;
    }
    TdpIterator it = new TdpIterator(tree);
    it.start(tree, tree.root(), 1, 0);
    while (it.isValid() && it.gfn() < gfnLimit) {
      if (Spte.isLeaf(it.spte(), it.level())) {
        visitor.leaf(tree.isMirror(), it.gfn(), it.level(), it.spte());
      }
      it.next();
    }
  }

  /** Sees leaves. */
  public interface LeafVisitor {
    /** One leaf; {@code gfn} is its first, without the shared bit. */
    void leaf(boolean mirror, long gfn, int level, long spte);
  }
}
