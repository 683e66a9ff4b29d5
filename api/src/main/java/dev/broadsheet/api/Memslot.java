package dev.broadsheet.api;

/**
 * A range of guest memory that user space backs: KVM's {@code kvm_memory_slot}, as a tracker sees
 * it.
 *
 * @param id the slot's number, unique among the slots that exist
 * @param range its gfns
 * @param userGfn page number of its user-space address; a large page is possible only where this
 *     and the gfn agree modulo the page's size
 */
public record Memslot(int id, GfnRange range, long userGfn) {
  /** Returns a slot whose user address is congruent with its gfns at every level. */
  public static Memslot aligned(int id, GfnRange range) {
    return new Memslot(id, range, range.start());
  }

  /** Returns whether the whole block of {@code level} around {@code gfn} lies inside. */
  public boolean holdsBlock(long gfn, PageLevel level) {
    long start = level.roundDown(gfn);
    return start >= range.start() && start + level.pages() <= range.end();
  }

  /** Returns the number of blocks of {@code level} that the slot touches, the cut ones included. */
  public long blocks(PageLevel level) {
    return ((range.end() - 1) >>> level.shift()) - (range.start() >>> level.shift()) + 1;
  }

  /** Returns the position of {@code gfn}'s block among those that the slot touches. */
  public long blockIndex(long gfn, PageLevel level) {
    return (gfn >>> level.shift()) - (range.start() >>> level.shift());
  }
}
