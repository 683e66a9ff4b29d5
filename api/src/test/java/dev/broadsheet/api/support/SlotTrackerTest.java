package dev.broadsheet.api.support;

import static dev.broadsheet.api.PageAttributes.PRIVATE;
import static dev.broadsheet.api.PageAttributes.SHARED;
import static dev.broadsheet.api.PageLevel.PG_LEVEL_1G;
import static dev.broadsheet.api.PageLevel.PG_LEVEL_2M;
import static dev.broadsheet.api.PageLevel.PG_LEVEL_4K;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.broadsheet.api.Conversion;
import dev.broadsheet.api.ConversionOutcome.Converted;
import dev.broadsheet.api.ConversionOutcome.Rejected;
import dev.broadsheet.api.ConversionOutcome.Unchanged;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.PageType;
import dev.broadsheet.api.memory.ElementWidth;
import dev.broadsheet.api.memory.KernelArray;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a design need not care for when its state hangs on memslots. */
class SlotTrackerTest {
  private static final long MIB2 = PG_LEVEL_2M.pages();

  /** 4M and a page, from a page before a 2M boundary: both edges cut a block. */
  private static final Memslot SLOT = Memslot.aligned(1, new GfnRange(MIB2 - 1, 3 * MIB2));

  private static final Memslot GIB =
      Memslot.aligned(2, GfnRange.ofPages(PG_LEVEL_1G.pages(), PG_LEVEL_1G.pages()));

  private final HeapContext context = new HeapContext();
  private final SlotTracker tracker = new SlotTracker(context, Words::new);
  private boolean diesBetweenArrays;
  private boolean deniesMixed;
  private boolean slotOf1GIsDry;

  /** A word for each page, and a second array without use. */
  private final class Words extends SlotBlocks {
    private final KernelArray words;
    private @Nullable KernelArray spare;

    Words(Memslot slot) {
      super(slot);
      words = array(context.memory(), "words", ElementWidth.U64, slot.range().pages());
      context.memory.isDry |= diesBetweenArrays;
      array(context.memory(), "second", ElementWidth.U64, 1);
    }

    @Override
    public int attributes(long gfn) {
      return (int) words.get(gfn - slot().range().start());
    }

    @Override
    protected boolean isMixed(long block, PageLevel level) {
      long end = block + level.pages();
      long gfn = block;
      while (gfn < end && attributes(gfn) == attributes(block)) {
        gfn++;
      }
      return gfn < end && !deniesMixed;
    }

    /** Takes one array; the slot of a GiB finds no memory when asked so. */
    @Override
    public void reserve(long start, long end, int attributes) {
      context.memory.isDry |= slotOf1GIsDry && slot().equals(GIB);
      spare = context.memory.array("spare", ElementWidth.U64, 1);
    }

    @Override
    public void release() {
      if (spare != null) {
        spare.free();
        spare = null;
      }
    }

    /** Needs what the constructor sets, as a subclass with memory of other kinds does. */
    @Override
    public void free() {
      assertThat(words.length()).isEqualTo(slot().range().pages());
      super.free();
    }

    @Override
    protected void set(long start, long end, int attributes) {
      assertThat(PG_LEVEL_2M.block(start).contains(new GfnRange(start, end))).isTrue();
      for (long gfn = start; gfn < end; gfn++) {
        words.set(gfn - slot().range().start(), attributes);
      }
    }
  }

  @AfterEach
  void close_freesAll() {
    context.memory.isDry = false;
    deniesMixed = false;
    tracker.audit();
    tracker.close();
    context.memory.graceEnds();
    assertThat(context.memory.live).isEmpty();
  }

  private void convert(long start, long end, int attributes) {
    GfnRange range = new GfnRange(start, end);
    assertThat(tracker.convert(range, attributes)).isEqualTo(new Converted(range));
  }

  @Test
  void attributes_slotComesAndGoes_stay() {
    convert(MIB2 - 4, MIB2 + 4, PRIVATE);
    tracker.memslotAdded(SLOT);
    assertThat(tracker.gauges()).containsEntry("outside.runs", 3L);
    convert(MIB2 + 2, MIB2 + 8, SHARED);
    tracker.memslotRemoved(SLOT);

    assertThat(tracker.firstDifference(0, 4 * MIB2, SHARED)).isEqualTo(MIB2 - 4);
    assertThat(tracker.firstDifference(MIB2 - 4, 4 * MIB2, PRIVATE)).isEqualTo(MIB2 + 2);
    assertThat(tracker.firstDifference(MIB2 + 2, 4 * MIB2, SHARED)).isEqualTo(4 * MIB2);
    assertThat(tracker.attributes(MIB2 + 1)).isEqualTo(PRIVATE);
    assertThat(tracker.attributes(MIB2 + 2)).isEqualTo(SHARED);
  }

  @Test
  void memslotRemoved_withoutMemory_isReadUntilThereIsSome() {
    tracker.memslotAdded(SLOT);
    for (long gfn = MIB2; gfn < MIB2 + 40; gfn += 2) {
      convert(gfn, gfn + 1, PRIVATE);
    }
    context.memory.isDry = true;
    tracker.memslotRemoved(SLOT);
    int heldBySlot = context.memory.live.size();

    assertThat(tracker.attributes(MIB2 + 38)).isEqualTo(PRIVATE);
    assertThat(tracker.attributes(MIB2 + 39)).isEqualTo(SHARED);
    assertThat(tracker.firstDifference(MIB2 + 3, 9 * MIB2, SHARED)).isEqualTo(MIB2 + 4);
    assertThatThrownBy(() -> tracker.prepare(new GfnRange(5, 6), PRIVATE))
        .isInstanceOf(KernelOutOfMemoryException.class);

    context.memory.isDry = false;
    convert(MIB2 + 39, MIB2 + 40, PRIVATE);
    context.memory.graceEnds();
    assertThat(context.memory.live).hasSizeLessThan(heldBySlot);
    assertThat(tracker.firstDifference(MIB2 + 38, 9 * MIB2, PRIVATE)).isEqualTo(MIB2 + 40);
  }

  @Test
  void memslotAdded_secondArrayFails_leavesNothing() {
    int before = context.memory.live.size();
    diesBetweenArrays = true;
    assertThatThrownBy(() -> tracker.memslotAdded(SLOT))
        .isInstanceOf(KernelOutOfMemoryException.class);
    context.memory.isDry = false;
    assertThat(context.memory.live).hasSize(before);
    assertThat(tracker.type(MIB2, PG_LEVEL_4K)).isEqualTo(PageType.INVALID);

    diesBetweenArrays = false;
    tracker.memslotAdded(SLOT);
    assertThat(tracker.type(MIB2, PG_LEVEL_4K)).isEqualTo(PageType.SHARED);
  }

  @Test
  void memslotRemoved_unknown_isRefused() {
    assertThatThrownBy(() -> tracker.memslotRemoved(SLOT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("memslot 1 [0x1ff, 0x600) does not exist");
  }

  @Test
  void levelsAndTypes_followThePagesAndTheSlotsEdges() {
    tracker.memslotAdded(SLOT);
    convert(MIB2 + 7, MIB2 + 8, PRIVATE);

    assertThat(tracker.type(MIB2 - 1, PG_LEVEL_2M)).isEqualTo(PageType.INVALID);
    assertThat(tracker.type(MIB2, PG_LEVEL_1G)).isEqualTo(PageType.INVALID);
    assertThat(tracker.type(MIB2, PG_LEVEL_2M)).isEqualTo(PageType.MIXED);
    assertThat(tracker.type(MIB2 + 7, PG_LEVEL_4K)).isEqualTo(PageType.PRIVATE);
    assertThat(tracker.type(2 * MIB2, PG_LEVEL_2M)).isEqualTo(PageType.SHARED);
    assertThat(tracker.maxLevel(MIB2 - 1, PG_LEVEL_1G)).isEqualTo(PG_LEVEL_4K);
    assertThat(tracker.maxLevel(MIB2, PG_LEVEL_1G)).isEqualTo(PG_LEVEL_4K);
    assertThat(tracker.maxLevel(2 * MIB2, PG_LEVEL_1G)).isEqualTo(PG_LEVEL_2M);
    assertThat(tracker.maxLevel(2 * MIB2, PG_LEVEL_4K)).isEqualTo(PG_LEVEL_4K);
    assertThat(tracker.maxLevel(9 * MIB2, PG_LEVEL_1G)).isEqualTo(PG_LEVEL_4K);
  }

  @Test
  void transitions_areToldOncePerBlockThatTurns() {
    tracker.memslotAdded(GIB);
    long block = GIB.range().start() + MIB2;
    convert(block + 8, block + MIB2 + 8, PRIVATE);
    assertThat(context.told)
        .containsExactly(
            "2M 0x%x mixed".formatted(block),
            "2M 0x%x mixed".formatted(block + MIB2),
            "1G 0x40000 mixed");

    context.told.clear();
    convert(block, block + 9, PRIVATE);
    assertThat(context.told).containsExactly("2M 0x%x uniform 8".formatted(block));

    context.told.clear();
    convert(block, block + 2 * MIB2, SHARED);
    assertThat(context.told)
        .containsExactly("2M 0x%x uniform 0".formatted(block + MIB2), "1G 0x40000 uniform 0");
  }

  @Test
  void transitions_ofWhatASlotTakesOver_areNotTold() {
    convert(MIB2, MIB2 + 1, PRIVATE);
    tracker.memslotAdded(SLOT);
    assertThat(tracker.type(MIB2, PG_LEVEL_2M)).isEqualTo(PageType.MIXED);
    assertThat(context.told).isEmpty();
  }

  @Test
  void prepare_refusesAndRecognizes_beforeItTakesMemory() {
    assertThat(tracker.convert(new GfnRange(0, 1), PRIVATE | PageAttributes.READ))
        .isInstanceOfSatisfying(
            Rejected.class,
            refusal ->
                assertThat(refusal.detail())
                    .isEqualTo("private+r asked, only private and shared are kept"));
    context.memory.isDry = true;
    assertThat(tracker.convert(new GfnRange(0, 9), SHARED)).isEqualTo(new Unchanged());
    assertThatThrownBy(() -> tracker.firstDifference(2, 1, SHARED))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void cancel_changesNothing() {
    tracker.memslotAdded(SLOT);
    Conversion conversion = tracker.prepare(new GfnRange(0, 3 * MIB2), PRIVATE);
    conversion.cancel();
    assertThat(tracker.firstDifference(0, 4 * MIB2, SHARED)).isEqualTo(4 * MIB2);
  }

  @Test
  void reserve_ofOneSlotFails_releasesTheOthers() {
    tracker.memslotAdded(SLOT);
    tracker.memslotAdded(GIB);
    int before = context.memory.live.size();
    slotOf1GIsDry = true;
    assertThatThrownBy(() -> tracker.prepare(new GfnRange(MIB2, 2 * GIB.range().start()), PRIVATE))
        .isInstanceOf(KernelOutOfMemoryException.class);
    assertThat(context.memory.live).hasSize(before);
  }

  @Test
  void reserve_cancelledOrPublished_isReleased() {
    tracker.memslotAdded(SLOT);
    int before = context.memory.live.size();
    Conversion conversion = tracker.prepare(new GfnRange(MIB2, MIB2 + 1), PRIVATE);
    assertThat(context.memory.live).hasSize(before + 1);
    conversion.cancel();
    assertThat(context.memory.live).hasSize(before);
    convert(MIB2, MIB2 + 1, PRIVATE);
    assertThat(context.memory.live).hasSize(before);
  }

  @Test
  void reserve_ofWhatASlotTakesOverFails_leavesNothing() {
    convert(GIB.range().start(), GIB.range().start() + 1, PRIVATE);
    int before = context.memory.live.size();
    slotOf1GIsDry = true;
    assertThatThrownBy(() -> tracker.memslotAdded(GIB))
        .isInstanceOf(KernelOutOfMemoryException.class);
    assertThat(context.memory.live).hasSize(before);
    assertThat(tracker.attributes(GIB.range().start())).isEqualTo(PRIVATE);
  }

  @Test
  void audit_blockThatDeniesToBeMixed_isFound() {
    tracker.memslotAdded(SLOT);
    convert(MIB2, MIB2 + 1, PRIVATE);
    deniesMixed = true;
    assertThatThrownBy(tracker::audit)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("memslot 1: mixed is false of the 2M block at 0x200, and true of its pages");
  }
}
