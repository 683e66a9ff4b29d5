package dev.broadsheet.strategies.memslotarray;

import static dev.broadsheet.api.PageLevel.PG_LEVEL_1G;
import static dev.broadsheet.api.PageLevel.PG_LEVEL_2M;
import static dev.broadsheet.api.PageLevel.PG_LEVEL_4K;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.PageType;
import dev.broadsheet.api.Transitions;
import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import dev.broadsheet.api.support.SlotAttributes;

/**
 * The three arrays of one memslot, and how a change at one level reaches the others.
 *
 * <p><b>Invariants</b> between changes: a 4K element is shared or private; an element of a block
 * that the slot's edge cuts is invalid; any other element says what its 512 children have in
 * common, or mixed. Children below a pure parent are kept right as well, so the attribute of a page
 * is one load.
 *
 * <p>Readers are safe at any time; writers are serialized.
 */
final class SlotTypes implements SlotAttributes {
  private final Memslot slot;
  private final long start;
  private final PageTypeArray pages;
  private final PageTypeArray blocks2m;
  private final PageTypeArray blocks1g;

  private SlotTypes(
      Memslot slot, PageTypeArray pages, PageTypeArray blocks2m, PageTypeArray blocks1g) {
    this.slot = slot;
    this.start = slot.range().start();
    this.pages = pages;
    this.blocks2m = blocks2m;
    this.blocks1g = blocks1g;
  }

  /**
   * Allocates the arrays of a slot, all pages of one type.
   *
   * @throws KernelOutOfMemoryException if there is no memory; nothing is left allocated then
   */
  static SlotTypes allocate(KernelMemory memory, Encoding encoding, Memslot slot, PageType type) {
    PageTypeArray pages = allocate(memory, encoding, slot, PG_LEVEL_4K, "attr.4k");
    PageTypeArray blocks2m;
    try {
      blocks2m = allocate(memory, encoding, slot, PG_LEVEL_2M, "attr.2m");
    } catch (KernelOutOfMemoryException e) {
      pages.free();
      throw e;
    }
    PageTypeArray blocks1g;
    try {
      blocks1g = allocate(memory, encoding, slot, PG_LEVEL_1G, "attr.1g");
    } catch (KernelOutOfMemoryException e) {
      pages.free();
      blocks2m.free();
      throw e;
    }
    SlotTypes types = new SlotTypes(slot, pages, blocks2m, blocks1g);
    pages.fill(0, pages.length(), type);
    types.fillWholeBlocks(PG_LEVEL_2M, type);
    types.fillWholeBlocks(PG_LEVEL_1G, type);
    return types;
  }

  private static PageTypeArray allocate(
      KernelMemory memory, Encoding encoding, Memslot slot, PageLevel level, String label) {
    return PageTypeArray.allocate(
        memory, label, encoding, level == PG_LEVEL_4K, slot.blocks(level));
  }

  private void fillWholeBlocks(PageLevel level, PageType type) {
    long first = level.roundUp(slot.range().start());
    long end = level.roundDown(slot.range().end());
    if (first < end) {
      long index = index(level, first);
      array(level).fill(index, index + ((end - first) >>> level.shift()), type);
    }
  }

  @Override
  public Memslot slot() {
    return slot;
  }

  /** One load. */
  @Override
  public int attributes(long gfn) {
    return pages.attributes(gfn - start);
  }

  /** What the array of {@code level} says. One load. */
  @Override
  public PageType type(long gfn, PageLevel level) {
    return array(level).get(index(level, gfn));
  }

  /** One load per level. */
  @Override
  public PageLevel maxLevel(long gfn, PageLevel ceiling) {
    if (ceiling == PG_LEVEL_1G && blocks1g.isPure(index(PG_LEVEL_1G, gfn))) {
      return PG_LEVEL_1G;
    }
    boolean is2M = ceiling != PG_LEVEL_4K && blocks2m.isPure(index(PG_LEVEL_2M, gfn));
    return is2M ? PG_LEVEL_2M : PG_LEVEL_4K;
  }

  @Override
  public long firstDifference(long gfn, long end, int attributes) {
    PageType type = PageAttributes.type(attributes);
    long next = gfn;
    while (next < end) {
      if (type(next, PG_LEVEL_1G) == type) {
        next = PG_LEVEL_1G.roundDown(next) + PG_LEVEL_1G.pages();
      } else if (type(next, PG_LEVEL_2M) == type) {
        next = PG_LEVEL_2M.roundDown(next) + PG_LEVEL_2M.pages();
      } else {
        long stop = Math.min(end, PG_LEVEL_2M.roundDown(next) + PG_LEVEL_2M.pages());
        next = start + pages.mismatch(next - start, stop - start, type);
        if (next < stop) {
          return next;
        }
      }
    }
    return end;
  }

  @Override
  public void convert(long start, long end, int attributes, Transitions told) {
    PageType type = PageAttributes.type(attributes);
    for (long next = start; next < end; ) {
      long stop = Math.min(end, PG_LEVEL_1G.roundDown(next) + PG_LEVEL_1G.pages());
      convertInBlock(PG_LEVEL_1G, next, stop, type, told);
      next = stop;
    }
  }

  /** Converts a part or the whole of one block: split on the way down, merge on the way up. */
  private void convertInBlock(
      PageLevel level, long from, long to, PageType type, Transitions told) {
    long block = level.roundDown(from);
    long index = index(level, from);
    PageType before = array(level).get(index);
    if (before == type) {
      return;
    }
    if (before != PageType.INVALID && to - from == level.pages()) {
      fillBelow(level, block, type, told);
      array(level).set(index, type);
    } else {
      if (isPure(before)) {
        split(level, block, index, before);
        told.becameMixed(block, level);
      }
      convertChildren(level, from, to, type, told);
      if (before != PageType.MIXED || !childrenAre(level, block, type)) {
        return;
      }
      array(level).set(index, type);
    }
    if (before == PageType.MIXED) {
      told.becameUniform(block, level, attributes(type));
    }
  }

  private void convertChildren(
      PageLevel level, long from, long to, PageType type, Transitions told) {
    if (level == PG_LEVEL_2M) {
      pages.fill(index(PG_LEVEL_4K, from), index(PG_LEVEL_4K, from) + (to - from), type);
      return;
    }
    for (long next = from; next < to; ) {
      long stop = Math.min(to, PG_LEVEL_2M.roundDown(next) + PG_LEVEL_2M.pages());
      convertInBlock(PG_LEVEL_2M, next, stop, type, told);
      next = stop;
    }
  }

  /**
   * Hands a pure block's type to its 512 children. They have it already, because a change of a
   * whole block is carried down to 4K; the design as posted does both and pays for both, and so do
   * we.
   */
  private void split(PageLevel level, long block, long index, PageType type) {
    PageLevel below = level.below();
    long first = index(below, block);
    array(below).fill(first, first + (level.pages() >>> below.shift()), type);
    array(level).set(index, PageType.MIXED);
  }

  private boolean childrenAre(PageLevel level, long block, PageType type) {
    PageLevel below = level.below();
    long first = index(below, block);
    long end = first + (level.pages() >>> below.shift());
    return array(below).mismatch(first, end, type) == end;
  }

  /** Gives everything below a whole block its new type. */
  private void fillBelow(PageLevel level, long block, PageType type, Transitions told) {
    if (level == PG_LEVEL_1G) {
      long first = index(PG_LEVEL_2M, block);
      for (int i = 0; i < 512; i++) {
        if (blocks2m.get(first + i) == PageType.MIXED) {
          told.becameUniform(block + i * PG_LEVEL_2M.pages(), PG_LEVEL_2M, attributes(type));
        }
      }
      blocks2m.fill(first, first + 512, type);
    }
    long page = index(PG_LEVEL_4K, block);
    pages.fill(page, page + level.pages(), type);
  }

  @Override
  public void free() {
    pages.free();
    blocks2m.free();
    blocks1g.free();
  }

  /**
   * Recomputes both levels of blocks from the pages.
   *
   * @throws IllegalStateException if an element says something else
   */
  @Override
  public void audit() {
    auditLevel(PG_LEVEL_2M);
    auditLevel(PG_LEVEL_1G);
  }

  private void auditLevel(PageLevel level) {
    GfnRange range = slot.range();
    for (long block = level.roundDown(range.start()); block < range.end(); block += level.pages()) {
      long inside = Math.max(block, range.start());
      PageType expected = PageType.INVALID;
      if (slot.holdsBlock(inside, level)) {
        PageType first = pages.get(index(PG_LEVEL_4K, block));
        long page = index(PG_LEVEL_4K, block);
        boolean uniform = pages.mismatch(page, page + level.pages(), first) == page + level.pages();
        expected = uniform ? first : PageType.MIXED;
      }
      PageType found = type(inside, level);
      if (found != expected) {
        throw new IllegalStateException(
            "memslot %d: the %s block at 0x%x says %s, its pages say %s"
                .formatted(slot.id(), level.label(), block, found, expected));
      }
    }
  }

  static boolean isPure(PageType type) {
    return type == PageType.SHARED || type == PageType.PRIVATE;
  }

  private static int attributes(PageType type) {
    return type == PageType.PRIVATE ? PageAttributes.PRIVATE : PageAttributes.SHARED;
  }

  private PageTypeArray array(PageLevel level) {
    return level == PG_LEVEL_4K ? pages : level == PG_LEVEL_2M ? blocks2m : blocks1g;
  }

  private long index(PageLevel level, long gfn) {
    return (gfn >>> level.shift()) - (start >>> level.shift());
  }
}
