package dev.broadsheet.core.mmu.fault;

import dev.broadsheet.core.memslot.KvmMemslot;
import org.jspecify.annotations.Nullable;

/** What the fault path asks the machine for. Called from every vCPU, concurrently. */
public interface FaultEnvironment {
  /** Returns the memslot of a gfn as the calling vCPU sees it, or null. */
  @Nullable KvmMemslot slot(long gfn);

  /** Returns the attributes of a gfn, in a slot or not. */
  int attributes(long gfn);

  /** Returns whether the machine knows private memory at all. */
  boolean hasPrivateMemory();

  /**
   * Returns the page behind the private side of a gfn, as {@link
   * dev.broadsheet.core.host.HostPage}; order 9 or 18 if a folio of that size stands behind the
   * gfn's whole block.
   */
  long privatePage(KvmMemslot slot, long gfn);

  /** Returns the page behind the shared side of a gfn, brought in for a read or a write. */
  long sharedPage(KvmMemslot slot, long gfn, boolean write);

  /** Returns the largest level that the vendor allows for a private gfn, 1 to 3. */
  int maxPrivateLevel(long gfn);

  /** Notes that a page of a logged slot is dirty. */
  void markDirty(KvmMemslot slot, long gfn);

  /** Returns the generation of the memslots, which MMIO entries carry. */
  long slotsGeneration();
}
