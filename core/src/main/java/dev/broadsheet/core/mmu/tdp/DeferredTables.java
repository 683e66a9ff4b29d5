package dev.broadsheet.core.mmu.tdp;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Reclaim of tables as proposed in the thread of 2022 and never merged in that form: the branch is
 * unlinked at once and taken down later. An RCU callback must be short, so it only hands the branch
 * to a worker, which then owns it as if it held {@code mmu_lock} for write, and needs no flush.
 *
 * <p>Branches of the Secure EPT cannot be treated so while the TD runs: once the parent entry is
 * blocked, the module's walk stops there, and no child can be blocked or removed any more (TDX
 * module 1.5.05: secure_ept_walk stops at NL_BLOCKED). So only the direct tree uses this.
 */
final class DeferredTables {
  private final TdpMmu mmu;
  private final TableRemoval removal;
  private final Deque<Long> queue = new ArrayDeque<>();
  private volatile boolean working;

  DeferredTables(TdpMmu mmu, TableRemoval removal) {
    this.removal = removal;
    this.mmu = mmu;
  }

  void add(TdpTree tree, long table) {
    if (tree.isMirror()) {
      throw new IllegalStateException(
          "a branch of the mirror cannot be taken down later: with the entry above it blocked, the TDX"
              + " module's walk stops there (TDX_EPT_WALK_FAILED), so no child could be blocked or"
              + " removed any more");
    }
    mmu.rcu().call(this::enqueue, table);
  }

  private void enqueue(long table) {
    synchronized (queue) {
      queue.add(table);
    }
  }

  /** Returns whether the worker is at it: what it meets below goes at once. */
  boolean isWorking() {
    return working;
  }

  /** Takes down the branches that are queued; returns how many. */
  int run() {
    int done = 0;
    while (true) {
      long table;
      synchronized (queue) {
        Long next = queue.poll();
        if (next == null) {
          return done;
        }
        table = next;
      }
      working = true;
      try {
        removal.removeChildren(mmu.direct(), table, /* shared= */ false);
      } finally {
        working = false;
      }
      done++;
    }
  }
}
