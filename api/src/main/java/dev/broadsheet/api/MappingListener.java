package dev.broadsheet.api;

/**
 * Implemented by trackers that want to know what is mapped; found by {@code instanceof}. Called
 * with {@code mmu_lock} held (for read on mapping, so concurrently), after the entry was written.
 */
public interface MappingListener {
  /** A leaf of {@code level} now maps {@code gfn}, the block's first, to {@code pfn}. */
  void mapped(long gfn, long pfn, PageLevel level);

  /** The leaf of {@code level} at {@code gfn} is gone. */
  void unmapped(long gfn, long pfn, PageLevel level);
}
