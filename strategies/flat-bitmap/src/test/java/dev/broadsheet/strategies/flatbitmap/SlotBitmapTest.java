package dev.broadsheet.strategies.flatbitmap;

import static dev.broadsheet.api.PageAttributes.PRIVATE;
import static dev.broadsheet.api.PageAttributes.SHARED;
import static dev.broadsheet.api.PageLevel.PG_LEVEL_1G;
import static dev.broadsheet.api.PageLevel.PG_LEVEL_2M;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.broadsheet.api.Geometry;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.PageType;
import dev.broadsheet.api.TrackerContext;
import dev.broadsheet.api.memory.ElementWidth;
import dev.broadsheet.api.memory.KernelArray;
import dev.broadsheet.api.memory.KernelLock;
import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.api.memory.ObjectCache;
import dev.broadsheet.core.memory.PlainMemory;
import dev.broadsheet.core.memory.Rcu;
import dev.broadsheet.core.memslot.Memslots;
import dev.broadsheet.core.strategy.StandaloneContext;
import dev.broadsheet.core.strategy.StrategyRegistry;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The bits, what is counted of them, and the audit. */
class SlotBitmapTest {
  private static final long MIB2 = PG_LEVEL_2M.pages();

  /** 3.5 blocks of 2M, from within a block and a word, across a border of 1G. */
  private static final Memslot SLOT =
      Memslot.aligned(
          3, GfnRange.ofPages(PG_LEVEL_1G.pages() - 2 * MIB2 + 77, 3 * MIB2 + MIB2 / 2));

  private final Arrays memory = new Arrays();

  private SlotBitmap bitmap(Memslot slot, int initial) {
    StrategyRegistry registry = StrategyRegistry.of(List.of(new FlatBitmapStrategy()));
    TrackerContext context =
        StandaloneContext.of(
            memory,
            memory.rcu,
            new Memslots(Geometry.standard(), /* privateMemory= */ true),
            initial,
            registry::configure,
            registry.configure("flat-bitmap"));
    return new SlotBitmap(context, slot);
  }

  @ParameterizedTest
  @ValueSource(ints = {SHARED, PRIVATE})
  void conversions_ofAllSizes_areThoseOfASet(int initial) {
    SlotBitmap bitmap = bitmap(SLOT, initial);
    BitSet differ = new BitSet();
    long base = SLOT.range().start();
    int pages = (int) SLOT.range().pages();
    Random random = new Random(initial);
    for (int i = 0; i < 400; i++) {
      int from = random.nextInt(pages);
      int to = Math.min(pages, from + 1 + random.nextInt(i % 3 == 0 ? pages : 130));
      boolean sets = random.nextBoolean();
      differ.set(from, to, sets);
      bitmap.convert(
          base + from,
          base + to,
          sets ? initial ^ PRIVATE : initial,
          StandaloneContext.NO_TRANSITIONS);

      int asked = random.nextInt(pages);
      assertThat(bitmap.attributes(base + asked))
          .isEqualTo(differ.get(asked) ? initial ^ PRIVATE : initial);
      long firstSet = differ.nextSetBit(asked);
      assertThat(bitmap.firstDifference(base + asked, base + pages, initial))
          .isEqualTo(base + (firstSet < 0 ? pages : firstSet));
      assertThat(bitmap.firstDifference(base + asked, base + pages, initial ^ PRIVATE))
          .isEqualTo(base + Math.min(pages, differ.nextClearBit(asked)));
      bitmap.audit();
    }
  }

  @Test
  void firstDifference_stopsAtTheEnd_evenWithinAWord() {
    SlotBitmap bitmap = bitmap(Memslot.aligned(0, new GfnRange(0, MIB2)), SHARED);
    bitmap.convert(70, 71, PRIVATE, StandaloneContext.NO_TRANSITIONS);
    assertThat(bitmap.firstDifference(64, 68, SHARED)).isEqualTo(68);
    assertThat(bitmap.firstDifference(64, 128, SHARED)).isEqualTo(70);
    assertThat(bitmap.firstDifference(71, 128, SHARED)).isEqualTo(128);
  }

  @Test
  void block_isUniformAtNoneAndAtAll() {
    SlotBitmap bitmap = bitmap(Memslot.aligned(0, new GfnRange(0, PG_LEVEL_1G.pages())), SHARED);
    for (PageLevel level : new PageLevel[] {PG_LEVEL_2M, PG_LEVEL_1G}) {
      bitmap.convert(0, 1, PRIVATE, StandaloneContext.NO_TRANSITIONS);
      assertThat(bitmap.type(0, level)).isEqualTo(PageType.MIXED);
      bitmap.convert(1, level.pages(), PRIVATE, StandaloneContext.NO_TRANSITIONS);
      assertThat(bitmap.type(0, level)).isEqualTo(PageType.PRIVATE);
      bitmap.convert(5, 6, SHARED, StandaloneContext.NO_TRANSITIONS);
      assertThat(bitmap.type(0, level)).isEqualTo(PageType.MIXED);
      bitmap.convert(0, level.pages(), SHARED, StandaloneContext.NO_TRANSITIONS);
      assertThat(bitmap.type(0, level)).isEqualTo(PageType.SHARED);
    }
  }

  /** The drift is in blocks that the slot's edge cuts, where no level would tell. */
  @ParameterizedTest
  @ValueSource(strings = {"count.2m", "count.1g"})
  void audit_counterThatDrifted_isFound(String label) {
    SlotBitmap bitmap = bitmap(SLOT, SHARED);
    bitmap.convert(
        SLOT.range().start(), SLOT.range().start() + 3, PRIVATE, StandaloneContext.NO_TRANSITIONS);
    bitmap.audit();
    memory.get(label).getAndAdd(0, -1);
    assertThatThrownBy(bitmap::audit)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("counts 2 pages, its bits say 3");
  }

  @Test
  void audit_bitBehindACounter_isFound() {
    SlotBitmap bitmap = bitmap(SLOT, SHARED);
    memory.get("bitmap").set(2, 1); // 128 to 191 of the first block, all inside the slot
    assertThatThrownBy(bitmap::audit).isInstanceOf(IllegalStateException.class);
  }

  /** Memory whose arrays a test finds by their labels. */
  private static final class Arrays implements KernelMemory {
    final Rcu rcu = new Rcu();
    private final KernelMemory plain = new PlainMemory(rcu);
    private final Map<String, KernelArray> byLabel = new HashMap<>();

    KernelArray get(String label) {
      return requireNonNull(byLabel.get(label), label);
    }

    @Override
    public KernelArray array(String label, ElementWidth width, long length) {
      KernelArray array = plain.array(label, width, length);
      byLabel.put(label, array);
      return array;
    }

    @Override
    public ObjectCache cache(String label, int objectBytes) {
      return plain.cache(label, objectBytes);
    }

    @Override
    public KernelLock lock(String label) {
      return plain.lock(label);
    }
  }
}
