package dev.broadsheet.conformance.trial;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageLevel;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Ranges and slots shaped as guests and user space make them: whole blocks, islands, ranges that
 * straddle a boundary by a page, slots that are small, misaligned, adjacent, or far up. Uniform
 * noise would never make a uniform 1G block.
 */
final class RegionShapes {
  private static final long MAX_PAGES_PER_RANGE = 2 * PageLevel.PG_LEVEL_1G.pages();

  private final SplittableRandom random;
  private final long highest;

  RegionShapes(SplittableRandom random, long highest) {
    this.random = random;
    this.highest = highest;
  }

  /** Returns candidates for slots that do not overlap each other. */
  List<Memslot> slots() {
    List<Memslot> slots = new ArrayList<>();
    long at = random.nextInt(3) == 0 ? near(PageLevel.PG_LEVEL_2M.pages()) : 0;
    int count = 1 + random.nextInt(5);
    for (int id = 0; id < count; id++) {
      long pages = slotPages();
      if (at + pages > highest) {
        break;
      }
      GfnRange range = GfnRange.ofPages(at, pages);
      slots.add(new Memslot(id, range, at + misalignment()));
      at = range.end() + gap();
    }
    return slots;
  }

  private long slotPages() {
    return switch (random.nextInt(6)) {
      case 0 -> 1 + random.nextInt(8);
      case 1 -> 1 + random.nextInt(1500);
      case 2 -> near(PageLevel.PG_LEVEL_2M.pages() * (1 + random.nextInt(8)));
      case 3 -> near(PageLevel.PG_LEVEL_1G.pages());
      case 4 -> near(PageLevel.PG_LEVEL_1G.pages() + random.nextInt(4096));
      default -> PageLevel.PG_LEVEL_1G.pages() * (1 + random.nextInt(2));
    };
  }

  private long misalignment() {
    return switch (random.nextInt(8)) {
      case 0 -> 1 + random.nextInt(511);
      case 1 -> PageLevel.PG_LEVEL_2M.pages() * (1 + random.nextInt(511));
      default -> 0;
    };
  }

  private long gap() {
    return switch (random.nextInt(5)) {
      case 0, 1 -> 0;
      case 2 -> 1 + random.nextInt(2000);
      case 3 -> random.nextLong(PageLevel.PG_LEVEL_1G.pages());
      default -> highest / 4;
    };
  }

  private long near(long value) {
    return Math.max(1, value + random.nextInt(5) - 2);
  }

  /** Returns a range to convert; the slots attract it, holes and the far end do too. */
  GfnRange range(List<Memslot> slots) {
    long anchor = anchor(slots);
    long pages =
        switch (random.nextInt(10)) {
          case 0, 1 -> 1;
          case 2, 3 -> 1 + random.nextInt(600);
          case 4 -> PageLevel.PG_LEVEL_2M.pages();
          case 5 -> PageLevel.PG_LEVEL_2M.pages() * (1 + random.nextInt(16));
          case 6 -> 1 + random.nextLong(PageLevel.PG_LEVEL_2M.pages() * 20);
          case 7 -> near(PageLevel.PG_LEVEL_2M.pages());
          case 8 -> random.nextInt(4) == 0 ? PageLevel.PG_LEVEL_1G.pages() : 64;
          default -> random.nextInt(8) == 0 ? MAX_PAGES_PER_RANGE : 513;
        };
    long start =
        switch (random.nextInt(6)) {
          case 0 -> anchor;
          case 1 -> anchor - random.nextInt(3);
          case 2 -> anchor - pages / 2;
          case 3 -> PageLevel.PG_LEVEL_2M.roundDown(anchor);
          case 4 -> PageLevel.PG_LEVEL_1G.roundDown(anchor);
          default -> anchor - pages;
        };
    start = Math.max(0, Math.min(start, highest - pages));
    return GfnRange.ofPages(start, pages);
  }

  private long anchor(List<Memslot> slots) {
    if (slots.isEmpty() || random.nextInt(20) == 0) {
      return random.nextInt(3) == 0 ? highest : random.nextLong(4 * MAX_PAGES_PER_RANGE);
    }
    GfnRange range = slots.get(random.nextInt(slots.size())).range();
    return switch (random.nextInt(5)) {
      case 0 -> range.start();
      case 1 -> range.end();
      case 2 -> PageLevel.PG_LEVEL_2M.roundUp(range.start() + random.nextLong(range.pages()));
      case 3 -> PageLevel.PG_LEVEL_1G.roundUp(range.start() + random.nextLong(range.pages()));
      default -> range.start() + random.nextLong(range.pages());
    };
  }
}
