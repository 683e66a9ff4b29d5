package dev.broadsheet.api.support;

import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.PageType;
import dev.broadsheet.api.Transitions;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;

/**
 * The attributes of one memslot's pages: what a {@link SlotTracker} keeps for each slot.
 *
 * <p>{@link SlotBlocks} has most of it. Every gfn and range that is passed lies inside the slot.
 * {@link #attributes}, {@link #maxLevel} and {@link #type} are safe at any time and do not
 * allocate; changes come from one thread at a time ({@code slots_lock}).
 */
public interface SlotAttributes {
  /** Returns the slot. */
  Memslot slot();

  /** Returns the attributes of a page. */
  int attributes(long gfn);

  /**
   * Returns the largest level at which {@code gfn} may be mapped.
   *
   * @param ceiling 4K, 2M or 1G: the largest level that is of interest
   */
  PageLevel maxLevel(long gfn, PageLevel ceiling);

  /** Returns what the block around {@code gfn} is: invalid if the slot's edge cuts it. */
  PageType type(long gfn, PageLevel level);

  /** Returns the first gfn of {@code [gfn, end)} with other attributes, or {@code end}. */
  long firstDifference(long gfn, long end, int attributes);

  /**
   * Takes the memory that {@link #convert} of a range will need; changes no answer. Nothing by
   * default.
   *
   * @throws KernelOutOfMemoryException if there is none, having given back what it took
   */
  default void reserve(long start, long end, int attributes) {}

  /**
   * Gives back what {@link #reserve} took, after {@link #convert} or instead of it; harmless where
   * nothing is reserved. Nothing by default.
   */
  default void release() {}

  /**
   * Gives all pages of {@code [start, end)} these attributes; cannot fail. Tells each block wholly
   * inside the slot that turns, once.
   */
  void convert(long start, long end, int attributes, Transitions told);

  /**
   * Recomputes what is derived.
   *
   * @throws IllegalStateException if it is wrong, with both values
   */
  void audit();

  /** Frees all memory at once. */
  void free();
}
