package dev.broadsheet.lab.runner;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.PageType;
import dev.broadsheet.core.vm.VirtualMachine;
import dev.broadsheet.lab.trace.AttributeRuns;
import java.util.List;

/**
 * The truth beside a machine: compares every kind of answer of its tracker with plain runs of
 * attributes that the runner keeps itself.
 */
final class Oracle {
  private static final List<PageLevel> LARGE =
      List.of(PageLevel.PG_LEVEL_2M, PageLevel.PG_LEVEL_1G);

  /** Blocks whose level is asked after each conversion, at most. */
  private static final int MOST_BLOCKS = 1024;

  private final VirtualMachine vm;
  private final List<Memslot> slots;
  private final AttributeRuns truth;
  private final PageLevel largest;

  private long comparisons;
  private long differences;
  private String firstDifference = "";
  private long lastGfn;

  Oracle(VirtualMachine vm, List<Memslot> slots, int initialAttributes) {
    this.vm = vm;
    this.slots = slots;
    this.truth = new AttributeRuns(initialAttributes);
    this.largest = vm.geometry().maxLevel();
    for (Memslot slot : slots) {
      lastGfn = Math.max(lastGfn, slot.range().end());
    }
  }

  /** Notes that a range was converted, and asks about everything that it may have changed. */
  void converted(long start, long end, int attributes) {
    truth.convert(start, end, attributes);
    lastGfn = Math.max(lastGfn, end);
    compareAttributes(start - 1);
    compareAttributes(start);
    compareAttributes(end - 1);
    compareAttributes(end);
    compareRun(start, end, attributes);
    for (PageLevel level : LARGE) {
      compareType(start, level);
      compareType(end - 1, level);
    }
    PageLevel level = PageLevel.PG_LEVEL_2M;
    int asked = 0;
    for (long gfn = level.roundDown(start);
        gfn < end && asked < MOST_BLOCKS;
        gfn += level.pages()) {
      compareLevel(gfn);
      asked++;
    }
    compareLevel(end - 1);
  }

  /**
   * Compares answers while a range is being converted: each page of it has the old attributes or
   * the new ones, its neighbours have theirs (rule R9).
   *
   * @param next how far the conversion has come
   */
  void during(long start, long end, int attributes, long next) {
    for (long gfn : new long[] {start, next - 1, next, end - 1}) {
      if (gfn >= start && gfn < end) {
        int found = vm.attributes(gfn);
        if (compared(found == attributes || found == truth.attributes(gfn))) {
          differ(
              "attributes of gfn 0x%x are %s while it is converted from %s to %s"
                  .formatted(
                      gfn,
                      PageAttributes.format(found),
                      PageAttributes.format(truth.attributes(gfn)),
                      PageAttributes.format(attributes)));
        }
      }
    }
  }

  /** Compares every run of attributes and every block of every slot. */
  void compareAll() {
    compareRuns(0, lastGfn, /* hasTracker= */ false);
    for (Memslot slot : slots) {
      compareRuns(slot.range().start(), slot.range().end(), /* hasTracker= */ true);
      for (PageLevel level : LARGE) {
        for (long gfn = level.roundDown(slot.range().start());
            gfn < slot.range().end();
            gfn += level.pages()) {
          compareType(gfn, level);
          compareLevel(gfn);
        }
      }
    }
  }

  /**
   * Compares every run of a range at its ends; inside slots the tracker also says that nothing
   * differs in between. Outside, a tracker with a default of its own may never have been told.
   */
  private void compareRuns(long start, long stop, boolean hasTracker) {
    for (long gfn = start; gfn < stop; ) {
      long end = Math.min(stop, truth.runEnd(gfn));
      compareAttributes(gfn);
      compareAttributes(end - 1);
      if (hasTracker) {
        compareRun(gfn, end, truth.attributes(gfn));
      }
      gfn = end;
    }
  }

  private void compareAttributes(long gfn) {
    if (gfn >= 0 && gfn < GfnRange.GFN_LIMIT) {
      int expected = truth.attributes(gfn);
      int found = vm.attributes(gfn);
      if (compared(found == expected)) {
        differ(
            "attributes of gfn 0x%x are %s, not %s"
                .formatted(gfn, PageAttributes.format(found), PageAttributes.format(expected)));
      }
    }
  }

  private void compareRun(long start, long end, int attributes) {
    long expected = truth.firstDifference(start, end, attributes);
    long found = vm.tracker().firstDifference(start, end, attributes);
    if (compared(found == expected)) {
      differ(
          "first gfn of [0x%x, 0x%x) that is not %s is 0x%x, not 0x%x"
              .formatted(start, end, PageAttributes.format(attributes), found, expected));
    }
  }

  private void compareType(long gfn, PageLevel level) {
    PageType expected = type(gfn, level);
    PageType found = vm.tracker().type(gfn, level);
    if (compared(found == expected)) {
      differ(
          "the %s block of gfn 0x%x is %s, not %s".formatted(level.label(), gfn, found, expected));
    }
  }

  /** Rule R3: no level whose block holds two attributes or leaves its slot. */
  private void compareLevel(long gfn) {
    if (!isInSlot(gfn)) {
      return;
    }
    PageLevel found = vm.effectiveLevel(gfn);
    boolean right = found == PageLevel.PG_LEVEL_4K || isWhole(gfn, found);
    if (compared(right)) {
      differ(
          "gfn 0x%x may be mapped at %s, but that block holds two attributes or leaves its slot"
              .formatted(gfn, found.label()));
    }
  }

  /** Returns the number of uniform blocks of a level inside slots that may not be mapped large. */
  long misses() {
    long misses = 0;
    for (PageLevel level : LARGE) {
      if (level.number() <= largest.number()) {
        misses += count(level, gfn -> isWhole(gfn, level) && !isAllowed(gfn, level));
      }
    }
    return misses;
  }

  /** Returns the number of blocks of a level wholly inside slots. */
  long blocks(PageLevel level) {
    return count(level, gfn -> true);
  }

  /** Returns how many of them may be mapped at that level or larger. */
  long allowedBlocks(PageLevel level) {
    return count(level, gfn -> vm.effectiveLevel(gfn).number() >= level.number());
  }

  /** Returns how many 2M regions hold two attributes. */
  long mixedRegions() {
    return count(PageLevel.PG_LEVEL_2M, gfn -> !isWhole(gfn, PageLevel.PG_LEVEL_2M));
  }

  private interface BlockTest {
    boolean test(long gfn);
  }

  private long count(PageLevel level, BlockTest test) {
    long count = 0;
    for (Memslot slot : slots) {
      for (long gfn = level.roundUp(slot.range().start());
          gfn + level.pages() <= slot.range().end();
          gfn += level.pages()) {
        if (test.test(gfn)) {
          count++;
        }
      }
    }
    return count;
  }

  /** A block that the machine itself forbids, because the guest accepted it small, is no miss. */
  private boolean isAllowed(long gfn, PageLevel level) {
    if (vm.effectiveLevel(gfn).number() >= level.number()) {
      return true;
    }
    var slot = vm.slots().find(gfn);
    return slot != null && slot.lpageInfo().isInhibited(gfn, level);
  }

  private boolean isInSlot(long gfn) {
    return slots.stream().anyMatch(slot -> slot.range().contains(gfn));
  }

  private boolean isWhole(long gfn, PageLevel level) {
    long start = level.roundDown(gfn);
    return slots.stream().anyMatch(slot -> slot.holdsBlock(gfn, level))
        && truth.isUniform(start, start + level.pages());
  }

  private PageType type(long gfn, PageLevel level) {
    if (slots.stream().noneMatch(slot -> slot.holdsBlock(gfn, level))) {
      return PageType.INVALID;
    }
    long start = level.roundDown(gfn);
    return truth.isUniform(start, start + level.pages())
        ? PageAttributes.type(truth.attributes(gfn))
        : PageType.MIXED;
  }

  private boolean compared(boolean equal) {
    comparisons++;
    if (!equal) {
      differences++;
    }
    return !equal;
  }

  private void differ(String difference) {
    if (firstDifference.isEmpty()) {
      firstDifference = difference;
    }
  }

  AttributeRuns truth() {
    return truth;
  }

  long comparisons() {
    return comparisons;
  }

  long differences() {
    return differences;
  }

  String firstDifference() {
    return firstDifference;
  }
}
