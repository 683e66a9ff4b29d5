package dev.broadsheet.conformance;

import dev.broadsheet.api.Conversion;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.LpageInfo;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.OneStepConversion;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.PageType;
import dev.broadsheet.api.RejectReason;
import dev.broadsheet.api.TrackerContext;
import dev.broadsheet.api.Transitions;
import dev.broadsheet.api.memory.ElementWidth;
import dev.broadsheet.api.memory.KernelArray;
import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import dev.broadsheet.api.memory.ObjectCache;
import dev.broadsheet.api.support.SlotMap;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Runs of equal attributes in a linked list of kernel objects. A conversion builds a new list and
 * publishes its head; readers of the old one are waited for. Mixed blocks are flagged in
 * lpage_info. For each slot a word says how large its largest whole block is.
 */
final class SampleTracker implements PageAttributeTracker {
  private static final PageLevel[] LARGE = {PageLevel.PG_LEVEL_2M, PageLevel.PG_LEVEL_1G};
  private static final int START = 0;
  private static final int ATTRIBUTES = 1;
  private static final int NEXT = 2;

  private final @Nullable Defect defect;
  private final int number;
  private final TrackerContext context;
  private final KernelMemory memory;
  private final LpageInfo lpageInfo;
  private final Transitions transitions;
  private final int untouched;
  private final ObjectCache runs;
  private final KernelArray head;
  private final SlotMap<KernelArray> slots = new SlotMap<>();
  private final Map<Long, Integer> remembered = new HashMap<>();

  /** Creates the tracker that its strategy made as its n-th. */
  SampleTracker(TrackerContext context, @Nullable Defect defect, int number) {
    this.number = number;
    this.defect = defect;
    this.context = context;
    this.memory = context.memory();
    this.lpageInfo = context.lpageInfo();
    this.transitions = context.transitions();
    this.untouched = context.initialAttributes();
    this.runs = memory.cache("sample.run", 24);
    this.head = memory.array("sample.head", ElementWidth.U64, 1);
    try {
      head.set(0, newRun(0, untouched, 0));
    } catch (KernelOutOfMemoryException e) {
      head.free();
      throw e;
    }
  }

  private long newRun(long start, int attributes, long next) {
    long run = runs.allocate();
    runs.setPlain(run, START, start);
    runs.setPlain(run, ATTRIBUTES, attributes);
    runs.set(run, NEXT, next);
    return run;
  }

  @Override
  public int defaultAttributes() {
    return untouched;
  }

  @Override
  public int attributes(long gfn) {
    return (int) runs.get(runOf(head.get(0), gfn), ATTRIBUTES);
  }

  private long runOf(long first, long gfn) {
    long run = first;
    long next = runs.get(run, NEXT);
    while (next != 0 && runs.get(next, START) <= gfn) {
      run = next;
      next = runs.get(run, NEXT);
    }
    return run;
  }

  @Override
  public PageLevel maxLevel(long gfn, PageLevel ceiling) {
    KernelArray largest = slots.find(gfn);
    if (defect == Defect.ABOVE_CEILING) {
      return PageLevel.PG_LEVEL_1G;
    }
    return largest == null
        ? PageLevel.PG_LEVEL_4K
        : ceiling.min(PageLevel.of((int) largest.get(0)));
  }

  @Override
  public PageType type(long gfn, PageLevel level) {
    Memslot slot = slots.slotOf(gfn);
    return slot != null && slot.holdsBlock(gfn, level)
        ? blockType(level.block(gfn))
        : PageType.INVALID;
  }

  private PageType blockType(GfnRange block) {
    int attributes = attributes(block.start());
    return isAll(block, attributes) ? PageAttributes.type(attributes) : PageType.MIXED;
  }

  private boolean isAll(GfnRange range, int attributes) {
    return firstDifference(range.start(), range.end(), attributes) == range.end();
  }

  @Override
  public long firstDifference(long gfn, long end, int attributes) {
    long run = runOf(head.get(0), gfn);
    long at = gfn;
    if (defect == Defect.SKIPS_FIRST_DIFFERENCE && end > gfn + 1) {
      at += runs.get(run, ATTRIBUTES) == attributes ? 0 : 1;
    }
    while (at < end && runs.get(run, ATTRIBUTES) == attributes) {
      run = runs.get(run, NEXT);
      at = run == 0 ? end : Math.min(end, runs.get(run, START));
    }
    return at;
  }

  @Override
  public Conversion prepare(GfnRange range, int attributes) {
    if (defect != Defect.ACCEPTS_ANY_BITS && (attributes & ~PageAttributes.PRIVATE) != 0) {
      return OneStepConversion.rejected(
          RejectReason.UNSUPPORTED_ATTRIBUTES, "only the private bit is kept");
    }
    if (isAll(range, attributes) && defect != Defect.NEVER_UNCHANGED) {
      return OneStepConversion.unchanged();
    }
    GfnRange stored =
        defect == Defect.FORGETS_LAST_PAGE && range.pages() > 2
            ? new GfnRange(range.start(), range.end() - 1)
            : range;
    long fresh = copyWith(stored, attributes & PageAttributes.PRIVATE);
    if (defect == Defect.FLAGS_IN_PREPARE
        && lpageInfo.covers(range.start(), PageLevel.PG_LEVEL_2M)) {
      lpageInfo.setMixed(range.start(), PageLevel.PG_LEVEL_2M);
    }
    return new OneStepConversion(range) {
      @Override
      protected void apply() {
        replace(fresh, range);
        if (defect == Defect.REMEMBERS_ON_HEAP) {
          remembered.put(range.start(), attributes);
        }
      }

      @Override
      public void cancel() {
        freeNow(fresh);
      }
    };
  }

  /** Builds the list as it will be; on a failure nothing of it is left. */
  private long copyWith(GfnRange range, int attributes) {
    long first = 0;
    long last = 0;
    try {
      long run = head.get(0);
      long start = 0;
      while (true) {
        int value =
            range.contains(start) ? attributes : (int) runs.get(runOf(run, start), ATTRIBUTES);
        if (last == 0 || runs.get(last, ATTRIBUTES) != value) {
          long added = newRun(start, value, 0);
          if (last == 0) {
            first = added;
          } else {
            runs.set(last, NEXT, added);
          }
          last = added;
        }
        long next = nextStart(run, start, range);
        if (next == Long.MAX_VALUE) {
          return first;
        }
        start = next;
      }
    } catch (KernelOutOfMemoryException e) {
      if (defect != Defect.LEAKS_ON_FAILURE) {
        freeNow(first);
      }
      throw e;
    }
  }

  private long nextStart(long first, long start, GfnRange range) {
    long run = runs.get(runOf(first, start), NEXT);
    long next = run == 0 ? Long.MAX_VALUE : runs.get(run, START);
    if (start < range.start()) {
      return Math.min(next, range.start());
    }
    return start < range.end() ? Math.min(next, range.end()) : next;
  }

  private void replace(long fresh, GfnRange range) {
    long old = head.get(0);
    head.set(0, fresh);
    if (defect == Defect.FREES_AT_ONCE) {
      freeNow(old);
    } else {
      while (old != 0) {
        long next = runs.get(old, NEXT);
        runs.freeAfterGrace(old);
        old = next;
      }
    }
    if (defect == Defect.WORKS_BY_NUMBER) {
      for (int i = number; i > 0; i--) {
        head.get(0);
      }
    }
    flag(range);
  }

  private void freeNow(long first) {
    long run = first;
    while (run != 0) {
      long next = runs.get(run, NEXT);
      runs.free(run);
      run = next;
    }
  }

  /** Brings the flags of all blocks that a range touches up to date. */
  private void flag(GfnRange range) {
    for (int i = 0; i < slots.size(); i++) {
      GfnRange touched = slots.slot(i).range().intersection(range);
      if (touched == null) {
        continue;
      }
      for (PageLevel level : LARGE) {
        long end = level.roundUp(touched.end());
        if (defect == Defect.FORGETS_TAIL_BLOCK && end > level.roundUp(touched.start() + 1)) {
          end -= level.pages();
        }
        for (long gfn = level.roundDown(touched.start()); gfn < end; gfn += level.pages()) {
          flagBlock(Math.max(gfn, touched.start()), level, range);
        }
      }
    }
  }

  private void flagBlock(long gfn, PageLevel level, GfnRange converted) {
    if (!lpageInfo.covers(gfn, level) && defect != Defect.FLAGS_CUT_BLOCKS) {
      return;
    }
    GfnRange block = level.block(gfn);
    boolean mixed = blockType(block) == PageType.MIXED;
    if (defect == Defect.TELLS_HALF && !mixed && lpageInfo.isMixed(gfn, level)) {
      transitions.becameUniform(block.start(), level, attributes(gfn));
    }
    if (mixed) {
      lpageInfo.setMixed(gfn, level);
    } else if (defect != Defect.NEVER_CLEARS
        && (defect != Defect.CLEARS_ONLY_WHOLE_BLOCKS || converted.contains(block))) {
      lpageInfo.clearMixed(gfn, level);
    }
  }

  @Override
  public void memslotAdded(Memslot slot) {
    KernelArray largest = memory.array("sample.slot", ElementWidth.U8, 1);
    largest.set(0, largestLevel(slot).number());
    slots.add(slot, largest);
    flag(slot.range());
    if (defect == Defect.TELLS_OF_A_NEW_SLOT) {
      transitions.becameMixed(slot.range().start(), PageLevel.PG_LEVEL_2M);
    }
  }

  private static PageLevel largestLevel(Memslot slot) {
    GfnRange range = slot.range();
    PageLevel level = PageLevel.PG_LEVEL_1G;
    while (level != PageLevel.PG_LEVEL_4K
        && level.roundUp(range.start()) >= level.roundDown(range.end())) {
      level = level.below();
    }
    return level;
  }

  @Override
  public void memslotRemoved(Memslot slot) {
    KernelArray largest = slots.remove(slot);
    if (defect == Defect.FREES_SLOT_AT_ONCE) {
      largest.free();
    } else if (defect != Defect.LEAKS_PER_SLOT) {
      context.defer(largest::free);
    }
  }

  @Override
  public Map<String, Long> gauges() {
    return Map.of("runs", runs.live());
  }

  @Override
  public void audit() {
    long run = head.get(0);
    for (long next = runs.get(run, NEXT); next != 0; next = runs.get(run, NEXT)) {
      if (runs.get(next, START) <= runs.get(run, START)) {
        throw new IllegalStateException("runs are out of order");
      }
      run = next;
    }
  }

  @Override
  public void close() {
    if (defect != Defect.LEAKS_AT_CLOSE) {
      freeNow(head.get(0));
    }
    for (int i = 0; i < slots.size(); i++) {
      slots.value(i).free();
    }
    head.free();
  }
}
