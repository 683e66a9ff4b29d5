package dev.broadsheet.api;

/**
 * KVM's per-slot words that forbid large pages: {@code kvm_lpage_info.disallow_lpage}, one 32-bit
 * word for each 2M and each 1G block that a memslot touches.
 *
 * <p>Bit 31 is the mixed flag, the bits below count other reasons. The MMU reads these words on
 * every fault and maps a level only where the word is zero, so a strategy that keeps its large-page
 * state here costs the fault path nothing more. Blocks cut by the slot's edge carry a count from
 * the slot's creation and are not the tracker's to change (R7).
 *
 * <p>{@code level} is 2M or 1G. Reads come at any time; changes only from conversions and slot
 * changes, which are serialized. Source: Linux v6.12, arch/x86/kvm/mmu/mmu.c, {@code
 * hugepage_set_mixed}.
 */
public interface LpageInfo {
  /**
   * Returns whether the block of {@code level} around {@code gfn} lies wholly inside one memslot.
   */
  boolean covers(long gfn, PageLevel level);

  /** Returns whether the block has a word, and the word is zero: the level is allowed. */
  boolean isAllowed(long gfn, PageLevel level);

  /**
   * Adds one reason of the tracker's own.
   *
   * @throws IllegalArgumentException if the block does not lie wholly inside one memslot (R7)
   */
  void addReason(long gfn, PageLevel level);

  /**
   * Takes back a reason that {@link #addReason} added.
   *
   * @throws IllegalArgumentException if the block does not lie wholly inside one memslot (R7)
   * @throws IllegalStateException if there is no reason that the tracker added (R7)
   */
  void removeReason(long gfn, PageLevel level);

  /**
   * Sets the mixed flag; setting it twice is the same as once.
   *
   * @throws IllegalArgumentException if the block does not lie wholly inside one memslot (R7)
   */
  void setMixed(long gfn, PageLevel level);

  /**
   * Clears the mixed flag; clearing it twice is the same as once.
   *
   * @throws IllegalArgumentException if the block does not lie wholly inside one memslot (R7)
   */
  void clearMixed(long gfn, PageLevel level);

  /** Returns whether the mixed flag is set; false where there is no word. */
  boolean isMixed(long gfn, PageLevel level);

  /**
   * Returns the first block at or behind {@code gfn} that has the mixed flag, looking at no word of
   * a block that begins at {@code end} or behind; {@code end} if none has.
   *
   * @param gfn first gfn of a block
   * @param end behind the last block
   */
  default long firstMixed(long gfn, long end, PageLevel level) {
    long block = gfn;
    while (block < end && !isMixed(block, level)) {
      block += level.pages();
    }
    return Math.min(block, end);
  }
}
