package dev.broadsheet.core.memslot;

import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.memory.ElementWidth;
import dev.broadsheet.api.memory.KernelArray;
import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import java.util.Arrays;

/**
 * The {@code lpage_info} of one memslot: a 32-bit word {@code disallow_lpage} for each 2M and each
 * 1G block that the slot touches. A block may be mapped large where its word is zero.
 *
 * <pre>
 *   31     block holds more than one attribute (KVM_LPAGE_MIXED_FLAG)
 *   30     the guest accepted it in smaller pages; never cleared
 *   29..0  count of other reasons: misalignment, write tracking, a tracker's own
 * </pre>
 *
 * <p>Shape: a word per block and level, by the block's place from the slot's first. Words live in
 * kernel memory labelled {@code lpage_info}. Reads come from any thread; changes are serialized by
 * {@code slots_lock}, except for bit 30, which faults may set at any time, so that every change is
 * atomic.
 *
 * <p>Source: Linux v6.12, arch/x86/kvm/x86.c: kvm_alloc_memslot_metadata(); mmu/mmu.c:
 * update_gfn_disallow_lpage_count(); bit 30 as in Yan Zhao, "KVM: TDX huge page support for private
 * memory", 2025.
 */
public final class SlotLpageInfo {
  /** Label of the words in reports on memory. */
  public static final String LABEL = "lpage_info";

  /** Bit 31: the block is mixed. */
  public static final long MIXED = 1L << 31;

  /** Bit 30: the guest accepted the block in smaller pages. */
  public static final long INHIBITED = 1L << 30;

  /** Bits 29..0: count of other reasons. */
  public static final long COUNT = INHIBITED - 1;

  private final Memslot slot;
  private final long start;
  private final KernelArray words2m;
  private final KernelArray words1g;

  /**
   * How many reasons of each word are the tracker's own, so that it cannot take back what it did
   * not add (R7). A debugging aid and no state of the kernel, hence not in kernel memory; empty
   * until the first reason is added.
   */
  private final int[][] ownReasons = {new int[0], new int[0]};

  /**
   * Allocates the words and counts the reasons that the slot's place brings: its first and last
   * block where cut, and all blocks where gfns and user addresses are not congruent. They are set,
   * not added up.
   *
   * @throws KernelOutOfMemoryException if there is no memory; nothing is left allocated then
   */
  SlotLpageInfo(KernelMemory memory, Memslot slot) {
    this.slot = slot;
    this.start = slot.range().start();
    this.words2m = allocate(memory, slot, PageLevel.PG_LEVEL_2M);
    try {
      this.words1g = allocate(memory, slot, PageLevel.PG_LEVEL_1G);
    } catch (KernelOutOfMemoryException e) {
      words2m.free();
      throw e;
    }
    countPlacement(words2m, PageLevel.PG_LEVEL_2M);
    countPlacement(words1g, PageLevel.PG_LEVEL_1G);
  }

  private static KernelArray allocate(KernelMemory memory, Memslot slot, PageLevel level) {
    return memory.array(LABEL, ElementWidth.U32, slot.blocks(level));
  }

  private void countPlacement(KernelArray array, PageLevel level) {
    if (!level.isAligned(start)) {
      array.setPlain(0, 1);
    }
    if (!level.isAligned(slot.range().end())) {
      array.setPlain(array.length() - 1, 1);
    }
    if (!level.isAligned(start ^ slot.userGfn())) {
      array.fill(0, array.length(), 1);
    }
  }

  /** Returns the number of words of a level, 2M or 1G. */
  public long length(PageLevel level) {
    return words(level).length();
  }

  /**
   * Returns the word at a position: the blocks of a level that the slot touches, from its first.
   */
  public long wordAt(PageLevel level, long index) {
    return words(level).get(index);
  }

  /** Returns the word of the block around a gfn of the slot; one load. */
  public long word(long gfn, PageLevel level) {
    return words(level).get(index(gfn, level));
  }

  /**
   * Returns the largest level, from a ceiling down, whose word is zero; 4K if there is none. One
   * load per level.
   *
   * @param gfn a gfn of the slot
   * @param ceiling 4K, 2M or 1G
   */
  public PageLevel maxLevel(long gfn, PageLevel ceiling) {
    if (ceiling == PageLevel.PG_LEVEL_1G && isAllowed(gfn, PageLevel.PG_LEVEL_1G)) {
      return PageLevel.PG_LEVEL_1G;
    }
    boolean is2M = ceiling != PageLevel.PG_LEVEL_4K && isAllowed(gfn, PageLevel.PG_LEVEL_2M);
    return is2M ? PageLevel.PG_LEVEL_2M : PageLevel.PG_LEVEL_4K;
  }

  /** Returns whether the word of the block around a gfn of the slot is zero; one load. */
  public boolean isAllowed(long gfn, PageLevel level) {
    return word(gfn, level) == 0;
  }

  /** Returns whether the block around a gfn of the slot has the mixed flag; one load. */
  public boolean isMixed(long gfn, PageLevel level) {
    return (word(gfn, level) & MIXED) != 0;
  }

  /**
   * Returns the first block of {@code [gfn, end)}, inside the slot, that has the mixed flag, or
   * {@code end}; one load per block.
   */
  long firstMixed(long gfn, long end, PageLevel level) {
    KernelArray array = words(level);
    long index = index(gfn, level);
    long block = gfn;
    while (block < end && (array.get(index) & MIXED) == 0) {
      block += level.pages();
      index++;
    }
    return Math.min(block, end);
  }

  void setMixed(long gfn, PageLevel level) {
    change(gfn, level, MIXED, 0);
  }

  void clearMixed(long gfn, PageLevel level) {
    change(gfn, level, 0, MIXED);
  }

  /** Notes for good that the guest accepted the block around {@code gfn} in smaller pages. */
  public void inhibit(long gfn, PageLevel level) {
    change(gfn, level, INHIBITED, 0);
  }

  /** Returns whether {@link #inhibit} was called for the block around {@code gfn}. */
  public boolean isInhibited(long gfn, PageLevel level) {
    return (word(gfn, level) & INHIBITED) != 0;
  }

  private void change(long gfn, PageLevel level, long set, long clear) {
    KernelArray array = words(level);
    long index = index(gfn, level);
    long before;
    do {
      before = array.get(index);
    } while (!array.compareAndSet(index, before, (before & ~clear) | set));
  }

  /**
   * Counts one reason more against both blocks around a gfn of the slot, such as write tracking;
   * blocks cut by the slot's edge included.
   */
  public void track(long gfn) {
    addReason(gfn, PageLevel.PG_LEVEL_2M);
    addReason(gfn, PageLevel.PG_LEVEL_1G);
  }

  /**
   * Takes back one {@link #track}.
   *
   * @throws IllegalStateException if a count would fall below zero
   */
  public void untrack(long gfn) {
    removeReason(gfn, PageLevel.PG_LEVEL_2M);
    removeReason(gfn, PageLevel.PG_LEVEL_1G);
  }

  void addOwnReason(long gfn, PageLevel level) {
    int[] own = ownReasons[level.number() - 2];
    if (own.length == 0) {
      own = new int[Math.toIntExact(length(level))];
      ownReasons[level.number() - 2] = own;
    }
    addReason(gfn, level);
    own[(int) index(gfn, level)]++;
  }

  void removeOwnReason(long gfn, PageLevel level) {
    int[] own = ownReasons[level.number() - 2];
    int index = (int) index(gfn, level);
    if (own.length == 0 || own[index] == 0) {
      throw new IllegalStateException(
          "the %s block at 0x%x of memslot %d has no reason that the tracker added (R7); its word is 0x%x"
              .formatted(level.label(), level.roundDown(gfn), slot.id(), word(gfn, level)));
    }
    own[index]--;
    removeReason(gfn, level);
  }

  private void addReason(long gfn, PageLevel level) {
    long before = words(level).getAndAdd(index(gfn, level), 1);
    if ((before & COUNT) == COUNT) {
      throw new IllegalStateException("too many reasons against " + describe(gfn, level));
    }
  }

  private void removeReason(long gfn, PageLevel level) {
    if ((word(gfn, level) & COUNT) == 0) {
      throw new IllegalStateException("no reason left against " + describe(gfn, level));
    }
    words(level).getAndAdd(index(gfn, level), -1);
  }

  private String describe(long gfn, PageLevel level) {
    return "the %s block at 0x%x of memslot %d"
        .formatted(level.label(), level.roundDown(gfn), slot.id());
  }

  private KernelArray words(PageLevel level) {
    assert level == PageLevel.PG_LEVEL_2M || level == PageLevel.PG_LEVEL_1G : level;
    return level == PageLevel.PG_LEVEL_2M ? words2m : words1g;
  }

  /** As {@link Memslot#blockIndex}, without the way through the slot: every fault asks. */
  private long index(long gfn, PageLevel level) {
    return (gfn >>> level.shift()) - (start >>> level.shift());
  }

  void free() {
    words2m.free();
    words1g.free();
    Arrays.fill(ownReasons, new int[0]);
  }
}
