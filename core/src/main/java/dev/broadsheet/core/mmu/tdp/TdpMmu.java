package dev.broadsheet.core.mmu.tdp;

import dev.broadsheet.api.MappingListener;
import dev.broadsheet.api.PageTables;
import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.core.memory.InterleavingMemory;
import dev.broadsheet.core.memory.Rcu;
import dev.broadsheet.core.mmu.MmuCounter;
import dev.broadsheet.core.mmu.MmuCounters;
import dev.broadsheet.core.mmu.MmuListener;
import dev.broadsheet.core.mmu.spte.Spte;
import dev.broadsheet.core.mmu.spte.SpteLayout;
import dev.broadsheet.core.mmu.sync.Invalidation;
import dev.broadsheet.core.mmu.sync.MmuLock;
import org.jspecify.annotations.Nullable;

/**
 * The TDP MMU of one machine: its trees and locks, and the parts that work on them, one for each
 * concept.
 *
 * <p>Each method of a part says which way {@code mmu_lock} is held. Nothing here decides which
 * alias of a gfn goes: callers say it with an {@link AttributeFilter}.
 *
 * <p>Source: Linux v6.12 and v6.16, arch/x86/kvm/mmu/tdp_mmu.c.
 */
public final class TdpMmu {
  /** Flushes the TLBs of all vCPUs. */
  public interface RemoteTlb {
    /** All translations of the shared tree are gone from all vCPUs when this returns. */
    void flush();
  }

  private final TdpTree direct;
  private final @Nullable TdpTree mirror;
  private final MmuPolicy policy;
  private final MmuLock lock;
  private final Invalidation invalidation;
  private final MmuCounters counters;
  private final Rcu rcu;
  private final long gfnLimit;
  private final NxHugePages nxHugePages;
  private final MmuObservers observers = new MmuObservers();
  private final SpteChanges changes;
  private final TableLinks links;
  private final TdpRoots roots;
  private final LeafZap leafZap;
  private final NxRecovery nxRecovery;
  private final Aging aging;
  private final PrivateHugePages privateHugePages;
  private @Nullable RemoteTlb remoteTlb;

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
    this.lock =
        new MmuLock(
            policy.threads(),
            memory instanceof InterleavingMemory stepped ? stepped.turns() : null);
    this.invalidation = new Invalidation(policy.invalidationUnion());
    this.counters = new MmuCounters(policy.threads());
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
    this.nxHugePages = new NxHugePages(direct);
    this.changes = new SpteChanges(this, observers);
    this.links = new TableLinks(this, changes, observers, external);
    this.roots = new TdpRoots(this, changes, observers);
    this.leafZap = new LeafZap(this, changes, roots);
    this.nxRecovery = new NxRecovery(this, changes);
    this.aging = new Aging(this, changes, observers);
    this.privateHugePages = new PrivateHugePages(this, changes, links, observers, external);
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

  /** Returns how entries change. */
  public SpteChanges changes() {
    return changes;
  }

  /** Returns what makes and links tables. */
  public TableLinks links() {
    return links;
  }

  /** Returns the roots. */
  public TdpRoots roots() {
    return roots;
  }

  /** Returns what zaps leaves of a range. */
  public LeafZap leafZap() {
    return leafZap;
  }

  /** Returns the worker behind NX huge pages. */
  public NxRecovery nxRecovery() {
    return nxRecovery;
  }

  /** Returns what asks which leaves were touched. */
  public Aging aging() {
    return aging;
  }

  /** Returns what splits and merges private leaves. */
  public PrivateHugePages privateHugePages() {
    return privateHugePages;
  }

  /** Sets who sees what the MMU does; null for nobody. */
  public void listen(@Nullable MmuListener watcher) {
    observers.listen(watcher);
  }

  /** Returns who sees what the MMU does. */
  public @Nullable MmuListener listener() {
    return observers.listener();
  }

  /** Sets the tracker that wants to know what is mapped. */
  public void tellMappings(@Nullable MappingListener tracker) {
    observers.tellMappings(tracker);
  }

  /** Sets how TLBs are flushed. */
  public void flushBy(RemoteTlb tlb) {
    this.remoteTlb = tlb;
  }

  void addTableListener(PageTables.Listener tableListener) {
    observers.addTableListener(tableListener);
  }

  /** Counts a flush of all TLBs and makes it. */
  public void flushRemoteTlbs() {
    counters.add(MmuCounter.TLB_FLUSHES);
    if (remoteTlb != null) {
      remoteTlb.flush();
    }
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
