package dev.broadsheet.strategies.flatbitmap;

import static dev.broadsheet.api.PageLevel.PG_LEVEL_1G;
import static dev.broadsheet.api.PageLevel.PG_LEVEL_2M;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.TrackerContext;
import dev.broadsheet.api.memory.ElementWidth;
import dev.broadsheet.api.memory.KernelArray;
import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.api.support.SlotBlocks;

/**
 * One bit for each page of a memslot, set where its attributes are not the initial ones, and for
 * each block that the slot touches how many of its bits are set.
 *
 * <p>Bits begin at a 2M boundary, so that the bits of a 2M block are one line of 64 bytes.
 */
final class SlotBitmap extends SlotBlocks {
  private final int initial;
  private final long firstGfn;
  private final KernelArray bits;
  private final KernelArray set2m;
  private final KernelArray set1g;

  SlotBitmap(TrackerContext context, Memslot slot) {
    super(slot);
    KernelMemory memory = context.memory();
    long blocks = slot.blocks(PG_LEVEL_2M);
    this.initial = context.initialAttributes();
    this.firstGfn = PG_LEVEL_2M.roundDown(slot.range().start());
    this.bits = array(memory, "bitmap", ElementWidth.U64, blocks * PG_LEVEL_2M.pages() / Long.SIZE);
    this.set2m = array(memory, "count.2m", ElementWidth.U16, blocks);
    this.set1g = array(memory, "count.1g", ElementWidth.U32, slot.blocks(PG_LEVEL_1G));
  }

  @Override
  public int attributes(long gfn) {
    int differs = (int) (bits.get(word(gfn)) >>> gfn) & 1;
    return initial ^ differs * PageAttributes.PRIVATE;
  }

  @Override
  protected boolean isMixed(long block, PageLevel level) {
    long count = counts(level).get(slot().blockIndex(block, level));
    return count != 0 && count != level.pages();
  }

  @Override
  protected void set(long start, long end, int attributes) {
    boolean differs = attributes != initial;
    long turned = 0;
    for (long gfn = start; gfn < end; gfn = nextWord(gfn)) {
      long pages = -1L << gfn;
      if (end < nextWord(gfn)) {
        pages &= (1L << end) - 1;
      }
      long old = bits.getPlain(word(gfn));
      bits.set(word(gfn), differs ? old | pages : old & ~pages);
      turned += Long.bitCount(pages & (differs ? ~old : old));
    }
    count(PG_LEVEL_2M, start, differs ? turned : -turned);
    count(PG_LEVEL_1G, start, differs ? turned : -turned);
  }

  private void count(PageLevel level, long gfn, long change) {
    long index = slot().blockIndex(gfn, level);
    counts(level).set(index, counts(level).getPlain(index) + change);
  }

  @Override
  protected long findDifference(long gfn, long end, int attributes) {
    long same = attributes == initial ? 0 : -1;
    long from = gfn;
    while (from < end) {
      long others = (bits.getPlain(word(from)) ^ same) & -1L << from;
      if (others != 0) {
        return Math.min(end, (from & -Long.SIZE) + Long.numberOfTrailingZeros(others));
      }
      from = nextWord(from);
    }
    return end;
  }

  /** Counts the bits anew, of blocks that the slot's edge cuts as well. */
  @Override
  public void audit() {
    audit(PG_LEVEL_2M);
    audit(PG_LEVEL_1G);
    super.audit();
  }

  private void audit(PageLevel level) {
    GfnRange range = slot().range();
    for (long index = 0; index < counts(level).length(); index++) {
      GfnRange block = level.block(range.start() + (index << level.shift()));
      long first = Math.max(block.start(), firstGfn);
      long set = 0;
      for (long gfn = first; gfn < Math.min(block.end(), range.end()); gfn = nextWord(gfn)) {
        set += Long.bitCount(bits.getPlain(word(gfn)));
      }
      if (counts(level).get(index) != set) {
        throw new IllegalStateException(
            "memslot %d: the %s block at 0x%x counts %d pages, its bits say %d"
                .formatted(
                    slot().id(), level.label(), block.start(), counts(level).get(index), set));
      }
    }
  }

  private KernelArray counts(PageLevel level) {
    return level == PG_LEVEL_2M ? set2m : set1g;
  }

  /** Returns where the bit of {@code gfn} is: bit {@code gfn % 64} of this word. */
  private long word(long gfn) {
    return (gfn - firstGfn) >>> 6;
  }

  private static long nextWord(long gfn) {
    return (gfn | Long.SIZE - 1) + 1;
  }
}
