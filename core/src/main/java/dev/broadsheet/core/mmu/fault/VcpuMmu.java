package dev.broadsheet.core.mmu.fault;

import dev.broadsheet.core.memory.OwnLines;
import dev.broadsheet.core.memory.Rcu;
import dev.broadsheet.core.mmu.tdp.TdpIterator;
import dev.broadsheet.core.mmu.tdp.TdpMmu;
import dev.broadsheet.core.mmu.tdp.VcpuCaches;
import org.jspecify.annotations.Nullable;

/** What one vCPU has of the MMU: its caches, its fault, its walk, the roots that it loaded. */
public final class VcpuMmu extends OwnLines {
  private final int id;
  private final VcpuCaches caches;
  private final PageFault fault = new PageFault();
  private final TdpIterator iterator;
  private final Rcu rcu;
  private final boolean threads;
  private Rcu.@Nullable Reader reader;
  private @Nullable Thread readerOwner;

  /** The direct root that the hardware walks; 0 before the first load. */
  private long loadedRoot;

  /** Creates the state of a vCPU that never ran. */
  public VcpuMmu(int id, TdpMmu mmu, VcpuCaches caches) {
    this.id = id;
    this.caches = caches;
    this.iterator = new TdpIterator(mmu.direct());
    this.rcu = mmu.rcu();
    this.threads = mmu.policy().threads();
  }

  /** Returns the vCPU's number. */
  public int id() {
    return id;
  }

  /** Returns the caches. */
  public VcpuCaches caches() {
    return caches;
  }

  /** Returns the fault, to be begun. */
  public PageFault fault() {
    return fault;
  }

  TdpIterator iterator() {
    return iterator;
  }

  /** Returns the loaded root, or 0. */
  public long loadedRoot() {
    return loadedRoot;
  }

  void load(long root) {
    this.loadedRoot = root;
  }

  /**
   * Enters the section in which a vCPU's exit is handled: memslots that it looks up stay ({@code
   * srcu_read_lock()}). The machine's RCU plays this part too.
   */
  public void srcuReadLock() {
    rcuReadLock();
  }

  /** Leaves the section after {@link #srcuReadLock}. */
  public void srcuReadUnlock() {
    rcuReadUnlock();
  }

  /** Enters an RCU read section; one thread has nobody to protect itself from. */
  void rcuReadLock() {
    if (threads) {
      if (readerOwner != Thread.currentThread()) {
        readerOwner = Thread.currentThread();
        reader = rcu.reader();
      }
      if (reader != null) {
        reader.lock();
      }
    }
  }

  void rcuReadUnlock() {
    if (threads && reader != null) {
      reader.unlock();
    }
  }
}
