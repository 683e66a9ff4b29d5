package dev.broadsheet.api.support;

import static dev.broadsheet.api.PageAttributes.PRIVATE;
import static dev.broadsheet.api.PageAttributes.SHARED;
import static dev.broadsheet.api.PageLevel.PG_LEVEL_1G;
import static dev.broadsheet.api.PageLevel.PG_LEVEL_2M;
import static dev.broadsheet.api.PageLevel.PG_LEVEL_4K;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.broadsheet.api.ConversionOutcome.Converted;
import dev.broadsheet.api.ConversionOutcome.Rejected;
import dev.broadsheet.api.ConversionOutcome.Unchanged;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.PageType;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a design need not care for when it has one structure for all gfns. */
class GfnTrackerTest {
  private static final long MIB2 = PG_LEVEL_2M.pages();
  private static final long GIB = PG_LEVEL_1G.pages();

  private final HeapContext context = new HeapContext();
  private final List<String> asked = new ArrayList<>();
  private final Runs tracker = new Runs();

  private final class Runs extends GfnTracker {
    final AttributeRuns runs = new AttributeRuns(context.memory, "runs", SHARED, context::defer);

    Runs() {
      super(context);
    }

    @Override
    public int attributes(long gfn) {
      return runs.get(gfn);
    }

    @Override
    protected boolean isMixed(long block, PageLevel level) {
      assertThat(level.isAligned(block) && level != PG_LEVEL_4K).isTrue();
      return !runs.isUniform(block, block + level.pages());
    }

    @Override
    protected long findDifference(long gfn, long end, int attributes) {
      return runs.firstDifference(gfn, end, attributes);
    }

    @Override
    protected void reserve(GfnRange range, int attributes) {
      asked.add("reserve");
      runs.reserve(1);
    }

    @Override
    protected void store(GfnRange range, int attributes) {
      asked.add("store");
      runs.assign(range.start(), range.end(), attributes);
    }

    @Override
    protected void cancel() {
      asked.add("cancel");
    }

    @Override
    protected void trim() {
      asked.add("trim");
    }

    @Override
    public void audit() {
      runs.audit();
    }

    @Override
    public void close() {
      runs.free();
    }
  }

  private void convert(long start, long end, int attributes) {
    GfnRange range = new GfnRange(start, end);
    assertThat(tracker.convert(range, attributes)).isEqualTo(new Converted(range));
  }

  @Test
  void conversion_asksTheDesignInOrder_andTellsWhatTurned() {
    tracker.memslotAdded(Memslot.aligned(0, new GfnRange(0, 2 * GIB)));
    convert(MIB2 + 3, MIB2 + 4, PRIVATE);
    assertThat(asked).containsExactly("reserve", "store", "trim");
    assertThat(context.told).containsExactly("2M 0x200 mixed", "1G 0x0 mixed");

    context.told.clear();
    convert(MIB2, 2 * MIB2, PRIVATE);
    assertThat(context.told).containsExactly("2M 0x200 uniform 8");
  }

  @Test
  void levelsAndTypes_followThePagesAndTheSlotsEdges() {
    Memslot slot = Memslot.aligned(0, new GfnRange(MIB2, GIB));
    tracker.memslotAdded(slot);
    convert(2 * MIB2 + 1, 2 * MIB2 + 2, PRIVATE);

    assertThat(tracker.type(MIB2, PG_LEVEL_2M)).isEqualTo(PageType.SHARED);
    assertThat(tracker.type(2 * MIB2 + 9, PG_LEVEL_2M)).isEqualTo(PageType.MIXED);
    assertThat(tracker.type(2 * MIB2 + 1, PG_LEVEL_4K)).isEqualTo(PageType.PRIVATE);
    assertThat(tracker.type(MIB2, PG_LEVEL_1G)).isEqualTo(PageType.INVALID);
    assertThat(tracker.type(0, PG_LEVEL_4K)).isEqualTo(PageType.INVALID);
    assertThat(tracker.maxLevel(MIB2 + 7, PG_LEVEL_1G)).isEqualTo(PG_LEVEL_2M);
    assertThat(tracker.maxLevel(2 * MIB2 + 7, PG_LEVEL_1G)).isEqualTo(PG_LEVEL_4K);
    assertThat(tracker.maxLevel(GIB + 7, PG_LEVEL_1G)).isEqualTo(PG_LEVEL_1G);

    tracker.memslotRemoved(slot);
    assertThat(tracker.type(MIB2, PG_LEVEL_2M)).isEqualTo(PageType.INVALID);
    assertThat(tracker.attributes(2 * MIB2 + 1)).isEqualTo(PRIVATE);
  }

  @Test
  void prepare_failsOrIsCancelled_holdsNothing() {
    tracker.memslotAdded(Memslot.aligned(0, new GfnRange(0, 2 * GIB)));
    GfnRange whole = new GfnRange(0, 2 * GIB);
    int empty = context.memory.live.size();
    for (int i = 0; i < 2; i++) {
      convert(
          2 * i + 1, 2 * i + 2, PRIVATE); // three runs, then five: the next needs a longer array
    }
    assertThat(context.memory.live).hasSize(empty);

    tracker.prepare(whole, PRIVATE).cancel();
    context.memory.graceEnds();
    assertThat(asked).endsWith("reserve", "cancel");
    assertThat(context.memory.live).hasSize(empty);

    context.memory.isDry = true;
    assertThatThrownBy(() -> tracker.prepare(whole, PRIVATE))
        .isInstanceOf(KernelOutOfMemoryException.class);
    assertThat(context.memory.live).hasSize(empty);
    assertThat(tracker.firstDifference(4, 2 * GIB, SHARED)).isEqualTo(2 * GIB);
  }

  @Test
  void prepare_reserveFails_releasesWhatWasNotedOfBlocks() {
    GfnTracker dry =
        new GfnTracker(context) {
          @Override
          public int attributes(long gfn) {
            return SHARED;
          }

          @Override
          protected boolean isMixed(long block, PageLevel level) {
            return false;
          }

          @Override
          protected long findDifference(long gfn, long end, int attributes) {
            return gfn;
          }

          @Override
          protected void reserve(GfnRange range, int attributes) {
            throw new KernelOutOfMemoryException("runs", 8);
          }

          @Override
          protected void store(GfnRange range, int attributes) {}

          @Override
          protected void cancel() {}

          @Override
          public void audit() {}

          @Override
          public void close() {}
        };
    dry.memslotAdded(Memslot.aligned(0, new GfnRange(0, GIB)));
    int before = context.memory.live.size();

    assertThatThrownBy(() -> dry.prepare(new GfnRange(0, GIB), PRIVATE))
        .isInstanceOf(KernelOutOfMemoryException.class);
    assertThat(context.memory.live).hasSize(before); // 513 blocks take a bitmap
  }

  @Test
  void prepare_refusesAndRecognizes_beforeTheDesignIsAsked() {
    assertThat(tracker.convert(new GfnRange(0, 1), PageAttributes.EXECUTE))
        .isInstanceOf(Rejected.class);
    assertThat(tracker.convert(new GfnRange(0, 9), SHARED)).isEqualTo(new Unchanged());
    assertThat(asked).isEmpty();
    assertThat(tracker.firstDifference(7, 7, PRIVATE)).isEqualTo(7);
    assertThatThrownBy(() -> tracker.firstDifference(2, 1, SHARED))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
