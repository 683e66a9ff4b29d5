package dev.broadsheet.api.support;

import static dev.broadsheet.api.PageLevel.PG_LEVEL_1G;
import static dev.broadsheet.api.PageLevel.PG_LEVEL_2M;
import static dev.broadsheet.api.PageLevel.PG_LEVEL_4K;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.PageType;
import dev.broadsheet.api.Transitions;
import dev.broadsheet.api.memory.ElementWidth;
import dev.broadsheet.api.memory.KernelArray;
import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import java.util.ArrayList;
import java.util.List;

/**
 * The attributes of one memslot in arrays that a subclass reads and writes a 2M block at a time.
 *
 * <p>To be written: a constructor that takes {@linkplain #array arrays}, in which all pages have
 * the initial attributes; {@link #attributes}, {@link #isMixed} and {@link #set}; and {@link
 * #findDifference} where there is a faster way than page by page. Levels, types, blocks that turn,
 * the audit of mixed blocks, and the end follow from these.
 */
public abstract class SlotBlocks implements SlotAttributes {
  private final Memslot slot;
  private final List<KernelArray> arrays = new ArrayList<>(4);

  /** Creates what is kept for a slot; nothing yet. */
  protected SlotBlocks(Memslot slot) {
    this.slot = slot;
  }

  /**
   * Takes an array of zeroes that lives as long as this object.
   *
   * @throws KernelOutOfMemoryException if there is no memory, having freed the arrays taken before
   */
  protected final KernelArray array(
      KernelMemory memory, String label, ElementWidth width, long length) {
    KernelArray array;
    try {
      array = memory.array(label, width, length);
    } catch (KernelOutOfMemoryException e) {
      arrays.forEach(KernelArray::free); // not free(): a subclass is not complete yet
      throw e;
    }
    arrays.add(array);
    return array;
  }

  /**
   * Returns whether a block holds two attributes.
   *
   * @param block first gfn of a block wholly inside the slot
   * @param level 2M or 1G
   */
  protected abstract boolean isMixed(long block, PageLevel level);

  /** Gives the pages of {@code [start, end)}, all of one 2M block, these attributes. */
  protected abstract void set(long start, long end, int attributes);

  /**
   * Returns the first gfn of {@code [gfn, end)}, all of one 2M block, with other attributes, or
   * {@code end}; asks page by page unless overridden.
   */
  protected long findDifference(long gfn, long end, int attributes) {
    long next = gfn;
    while (next < end && attributes(next) == attributes) {
      next++;
    }
    return next;
  }

  @Override
  public final Memslot slot() {
    return slot;
  }

  @Override
  public final PageLevel maxLevel(long gfn, PageLevel ceiling) {
    if (ceiling == PG_LEVEL_1G && isLarge(gfn, PG_LEVEL_1G)) {
      return PG_LEVEL_1G;
    }
    boolean is2M = ceiling != PG_LEVEL_4K && isLarge(gfn, PG_LEVEL_2M);
    return is2M ? PG_LEVEL_2M : PG_LEVEL_4K;
  }

  private boolean isLarge(long gfn, PageLevel level) {
    return slot.holdsBlock(gfn, level) && !isMixed(level.roundDown(gfn), level);
  }

  @Override
  public final PageType type(long gfn, PageLevel level) {
    if (!slot.holdsBlock(gfn, level)) {
      return PageType.INVALID;
    }
    boolean mixed = level != PG_LEVEL_4K && isMixed(level.roundDown(gfn), level);
    return mixed ? PageType.MIXED : PageAttributes.type(attributes(gfn));
  }

  @Override
  public final long firstDifference(long gfn, long end, int attributes) {
    long next = gfn;
    while (next < end) {
      PageLevel uniform = maxLevel(next, PG_LEVEL_1G);
      if (uniform == PG_LEVEL_4K) {
        long stop = Math.min(end, blockEnd(next, PG_LEVEL_2M));
        next = findDifference(next, stop, attributes);
        if (next < stop) {
          return next;
        }
      } else if (attributes(next) != attributes) {
        return next;
      } else {
        next = blockEnd(next, uniform);
      }
    }
    return end;
  }

  @Override
  public final void convert(long start, long end, int attributes, Transitions told) {
    convert(PG_LEVEL_1G, start, end, attributes, told);
  }

  /** Converts the parts of blocks of a level that a range touches, and tells which of them turn. */
  private void convert(PageLevel level, long start, long end, int attributes, Transitions told) {
    for (long next = start; next < end; ) {
      long stop = Math.min(end, blockEnd(next, level));
      long block = level.roundDown(next);
      boolean whole = slot.holdsBlock(next, level);
      boolean was = whole && isMixed(block, level);
      if (level == PG_LEVEL_2M) {
        set(next, stop, attributes);
      } else {
        convert(level.below(), next, stop, attributes, told);
      }
      boolean is = whole && isMixed(block, level);
      if (is && !was) {
        told.becameMixed(block, level);
      } else if (was && !is) {
        told.becameUniform(block, level, attributes);
      }
      next = stop;
    }
  }

  /** Compares {@link #isMixed} with the pages, for each block wholly inside the slot. */
  @Override
  public void audit() {
    audit(PG_LEVEL_2M);
    audit(PG_LEVEL_1G);
  }

  private void audit(PageLevel level) {
    GfnRange range = slot.range();
    long end = level.roundDown(range.end());
    for (long block = level.roundUp(range.start()); block < end; block += level.pages()) {
      boolean mixed = !isUniform(block, blockEnd(block, level));
      if (isMixed(block, level) != mixed) {
        throw new IllegalStateException(
            "memslot %d: mixed is %s of the %s block at 0x%x, and %s of its pages"
                .formatted(slot.id(), !mixed, level.label(), block, mixed));
      }
    }
  }

  /** Asks the pages of some 2M blocks alone. */
  private boolean isUniform(long start, long end) {
    int attributes = attributes(start);
    for (long block = start; block < end; block = blockEnd(block, PG_LEVEL_2M)) {
      long stop = blockEnd(block, PG_LEVEL_2M);
      if (findDifference(block, stop, attributes) != stop) {
        return false;
      }
    }
    return true;
  }

  private static long blockEnd(long gfn, PageLevel level) {
    return level.roundDown(gfn) + level.pages();
  }

  /** Frees the arrays. Whoever holds more frees it, and calls this. */
  @Override
  public void free() {
    arrays.forEach(KernelArray::free);
  }
}
