package dev.broadsheet.core.mmu.tdp;

/**
 * The tables behind the mirror tree, which only the TDX module can touch. Levels are KVM's, of the
 * entry; gfns are aligned to it.
 *
 * <p>{@link #link} and {@link #map} are called with {@code mmu_lock} held for read and the mirror
 * entry frozen; everything else with it held for write. Source: Linux v6.16, struct kvm_x86_ops:
 * link_external_spt, set_external_spte, remove_external_spte, free_external_spt.
 */
public interface ExternalTables {
  /** It worked. */
  int OK = 0;

  /** The module was busy; the fault retries. */
  int BUSY = 1;

  /** The module refused: the virtual machine is dead. */
  int FAILED = 2;

  /** Takes a page for a Secure-EPT table, in frames; may fail with out of memory. */
  long allocatePage();

  /** Gives an unused page back. */
  void freePage(long frame);

  /** Links a page as the table below an entry of {@code level} (TDH.MEM.SEPT.ADD). */
  int link(long gfn, int level, long frame);

  /** Maps a leaf (TDH.MEM.PAGE.ADD or AUG). */
  int map(long gfn, int level, long pfn);

  /** Takes a leaf away; cannot fail unless the machine is dead. */
  void remove(long gfn, int level, long pfn);

  /** Splits a leaf of {@code level} with the given page as its new table (TDH.MEM.PAGE.DEMOTE). */
  int demote(long gfn, int level, long pfn, long frame);

  /**
   * Merges the table below an entry of {@code level} into a leaf (TDH.MEM.PAGE.PROMOTE); on {@link
   * #OK} the table's page is free again.
   */
  int promote(long gfn, int level, long pfn, long frame);

  /** Removes an empty table of a running machine (TDH.MEM.SEPT.REMOVE); its page is free then. */
  int unlink(long gfn, int level, long frame);

  /** Reclaims the page of a table after the key was released. */
  void reclaimTable(long gfn, int level, long frame);
}
