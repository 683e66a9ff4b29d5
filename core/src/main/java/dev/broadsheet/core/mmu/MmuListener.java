package dev.broadsheet.core.mmu;

/**
 * Sees what the MMU does, in the order in which it does it: what the kernel's tracepoints print.
 * Without a listener nothing is spent. Called with the locks of the event held; must not call back.
 *
 * <p>{@code gfn} never carries the shared bit. {@code mirror} says which tree; with one tree it is
 * always false. Source: Linux v6.12, arch/x86/kvm/mmu/mmutrace.h.
 */
public interface MmuListener {
  /** A guest access faulted ({@code kvm_page_fault}). */
  default void pageFault(int vcpu, long gpa, long errorCode) {}

  /** The fault path decided for a level ({@code kvm_mmu_spte_requested}); pfn -1: no memslot. */
  default void requested(long gfn, long pfn, int level) {}

  /** An entry changed ({@code kvm_tdp_mmu_spte_changed}). */
  default void spteChanged(boolean mirror, long gfn, int level, long old, long now) {}

  /** A fault ended at this leaf ({@code kvm_mmu_set_spte}). */
  default void leafSet(boolean mirror, long gfn, int level, long spte) {}

  /** An MMIO entry was made ({@code mark_mmio_spte}). */
  default void mmioMarked(long gfn, long spte) {}

  /** A table was made ({@code kvm_mmu_get_page}); level is that of its entries. */
  default void tableAllocated(boolean mirror, long gfn, int level, boolean root) {}

  /** A table was unlinked ({@code kvm_mmu_prepare_zap_page}). */
  default void tableUnlinked(boolean mirror, long gfn, int level) {}

  /** A huge leaf was replaced by a table ({@code kvm_mmu_split_huge_page}). */
  default void split(boolean mirror, long gfn, long spte, int level, int errno) {}

  /** The lockless path was tried ({@code fast_page_fault}). */
  default void fastPageFault(long gfn, long old, long now, boolean spurious, boolean fixed) {}

  /** All roots were invalidated ({@code kvm_mmu_zap_all_fast}). */
  default void zapAllFast() {}
}
