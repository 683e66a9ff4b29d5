package dev.broadsheet.api.support;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.memory.ElementWidth;
import dev.broadsheet.api.memory.KernelArray;
import dev.broadsheet.api.memory.KernelMemory;
import org.jspecify.annotations.Nullable;

/**
 * Finds out which 2M and 1G blocks one conversion turns mixed or uniform, exactly once per change.
 *
 * <p>{@link #before} remembers, one bit per block, which of the blocks that the range touches are
 * mixed; {@link #after} compares. Only blocks wholly inside one memslot count. Up to 64 blocks cost
 * no memory; a larger conversion takes a bitmap from kernel memory for as long as it lasts (128
 * bytes per 2 TiB of 1G blocks, 4 KiB per 64 GiB of 2M blocks).
 *
 * <p>A block that the range covers is uniform afterwards and is not looked at again. A block that
 * the range cuts and that was uniform is mixed afterwards exactly if its other pages differ from
 * the new attributes: one read. Only a cut block that was mixed is asked again.
 *
 * <p>For one conversion at a time.
 */
public final class MixedBlocks {
  /** What the helper asks about the tracker's state. */
  public interface Probe {
    /** Returns whether the block of 2M or 1G that begins at {@code gfn} is mixed now. */
    boolean isMixed(long gfn, PageLevel level);

    /** Returns the attributes of one page now. */
    int attributes(long gfn);
  }

  /** Told of each change, after the attributes are stored. */
  public interface Listener {
    /**
     * The block that begins at {@code gfn} has changed.
     *
     * @param mixed whether it is mixed now
     * @param attributes what all its pages have, if it is not
     */
    void changed(long gfn, PageLevel level, boolean mixed, int attributes);
  }

  private static final int BITS = 64;

  private final KernelMemory memory;
  private final SlotMap<?> slots;
  private final Probe probe;
  private final Listener listener;
  private @Nullable KernelArray bitmap;
  private long bits;

  /**
   * Creates the helper of one tracker.
   *
   * @param slots the memslots that exist
   */
  public MixedBlocks(KernelMemory memory, SlotMap<?> slots, Probe probe, Listener listener) {
    this.memory = memory;
    this.slots = slots;
    this.probe = probe;
    this.listener = listener;
  }

  /**
   * Remembers what is mixed among the blocks that {@code range} touches.
   *
   * @throws dev.broadsheet.api.memory.KernelOutOfMemoryException if there is no memory for the
   *     bitmap; nothing has changed then
   */
  public void before(GfnRange range) {
    long blocks = 0;
    for (int s = slots.firstEndingAfter(range.start()); overlaps(s, range); s++) {
      Memslot slot = slots.slot(s);
      blocks += touched(slot, range, PageLevel.PG_LEVEL_2M);
      blocks += touched(slot, range, PageLevel.PG_LEVEL_1G);
    }
    bits = 0;
    bitmap =
        blocks > BITS
            ? memory.array("mixed.before", ElementWidth.U64, (blocks + BITS - 1) / BITS)
            : null;
    long number = 0;
    for (int s = slots.firstEndingAfter(range.start()); overlaps(s, range); s++) {
      Memslot slot = slots.slot(s);
      number = note(slot, range, PageLevel.PG_LEVEL_2M, number);
      number = note(slot, range, PageLevel.PG_LEVEL_1G, number);
    }
  }

  /** Tells which blocks changed now that {@code range} has {@code attributes}, and forgets. */
  public void after(GfnRange range, int attributes) {
    long number = 0;
    for (int s = slots.firstEndingAfter(range.start()); overlaps(s, range); s++) {
      Memslot slot = slots.slot(s);
      number = compare(slot, range, attributes, PageLevel.PG_LEVEL_2M, number);
      number = compare(slot, range, attributes, PageLevel.PG_LEVEL_1G, number);
    }
    release();
  }

  /** Gives the bitmap back; what {@link #before} remembered is forgotten. */
  public void release() {
    KernelArray taken = bitmap;
    if (taken != null) {
      taken.free();
      bitmap = null;
    }
  }

  private boolean overlaps(int position, GfnRange range) {
    return position < slots.size() && slots.slot(position).range().start() < range.end();
  }

  private long note(Memslot slot, GfnRange range, PageLevel level, long number) {
    long first = firstTouched(slot, range, level);
    long count = touched(slot, range, level);
    long i = 0;
    while (i < count) {
      long start = first + (i << level.shift());
      if (level == PageLevel.PG_LEVEL_2M && beginsUniform1G(slot, range, start)) {
        i += PageLevel.PG_LEVEL_1G.pages() >>> level.shift();
        continue;
      }
      if (probe.isMixed(start, level)) {
        remember(number + i);
      }
      i++;
    }
    return number + count;
  }

  /** Returns whether a 1G block of the slot, covered by the range, begins here and is uniform. */
  private boolean beginsUniform1G(Memslot slot, GfnRange range, long gfn) {
    return PageLevel.PG_LEVEL_1G.isAligned(gfn)
        && gfn + PageLevel.PG_LEVEL_1G.pages() <= Math.min(range.end(), slot.range().end())
        && !probe.isMixed(gfn, PageLevel.PG_LEVEL_1G);
  }

  private long compare(Memslot slot, GfnRange range, int attributes, PageLevel level, long number) {
    long first = firstTouched(slot, range, level);
    long count = touched(slot, range, level);
    for (long i = 0; i < count; i++) {
      long start = first + (i << level.shift());
      boolean was = remembered(number + i);
      boolean is = isMixed(start, range, attributes, level, was);
      if (was != is) {
        listener.changed(start, level, is, attributes);
      }
    }
    return number + count;
  }

  private boolean isMixed(
      long start, GfnRange range, int attributes, PageLevel level, boolean was) {
    long end = start + level.pages();
    if (range.start() <= start && end <= range.end()) {
      return false;
    }
    if (was) {
      return probe.isMixed(start, level);
    }
    long untouched = start < range.start() ? start : range.end();
    return probe.attributes(untouched) != attributes;
  }

  /** Returns the first block wholly inside the slot that the range touches. */
  private static long firstTouched(Memslot slot, GfnRange range, PageLevel level) {
    return Math.max(level.roundUp(slot.range().start()), level.roundDown(range.start()));
  }

  private static long touched(Memslot slot, GfnRange range, PageLevel level) {
    long first = firstTouched(slot, range, level);
    long end = Math.min(level.roundDown(slot.range().end()), level.roundUp(range.end()));
    return end > first ? (end - first) >>> level.shift() : 0;
  }

  private void remember(long number) {
    KernelArray array = bitmap;
    if (array == null) {
      bits |= 1L << number;
    } else {
      long word = number / BITS;
      array.setPlain(word, array.getPlain(word) | 1L << (number % BITS));
    }
  }

  private boolean remembered(long number) {
    KernelArray array = bitmap;
    long word = array == null ? bits : array.getPlain(number / BITS);
    return (word >>> (number % BITS) & 1) != 0;
  }
}
