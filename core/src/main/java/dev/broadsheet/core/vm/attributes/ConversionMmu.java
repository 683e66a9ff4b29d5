package dev.broadsheet.core.vm.attributes;

import dev.broadsheet.core.memslot.KvmMemslot;

/**
 * What a conversion needs of the MMU. All calls but {@link #lockForWrite} are made with {@code
 * mmu_lock} held for write.
 */
public interface ConversionMmu {
  /** Takes {@code mmu_lock} for write. */
  void lockForWrite();

  /** Releases {@code mmu_lock}. */
  void unlock();

  /** Opens an invalidation ({@code kvm_mmu_invalidate_begin}). */
  void invalidateBegin();

  /**
   * Adds gfns to the invalidation ({@code kvm_mmu_invalidate_range_add}): faults in them retry
   * until it ends.
   */
  void invalidateRangeAdd(long start, long end);

  /** Closes the invalidation ({@code kvm_mmu_invalidate_end}); faults that began before retry. */
  void invalidateEnd();

  /**
   * Splits leaves of the losing side that reach beyond the range, where the machine's policy says
   * so. Called for every slot before anything is zapped.
   *
   * @param slot the slot
   * @param start first gfn, inside the slot
   * @param end first gfn behind, inside the slot or its end
   * @param losing the attributes whose mappings will go: of the page kind that the range is no
   *     longer
   * @throws dev.broadsheet.api.memory.KernelOutOfMemoryException if there is no memory for tables;
   *     the conversion is cancelled
   */
  void splitCrossing(KvmMemslot slot, long start, long end, int losing);

  /**
   * Removes the losing side's mappings of the range; a large leaf that overlaps it goes whole.
   *
   * @return whether a TLB flush is due
   */
  boolean unmap(KvmMemslot slot, long start, long end, int losing);

  /** Flushes the TLBs of all vCPUs. */
  void flush();
}
