package dev.broadsheet.strategies.pagetablebits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.PageTables.Tree;
import dev.broadsheet.api.PageType;
import dev.broadsheet.core.memory.MemoryMeter;
import dev.broadsheet.core.memory.MeteredMemory;
import dev.broadsheet.core.memory.PlainMemory;
import dev.broadsheet.core.memory.Rcu;
import dev.broadsheet.core.strategy.StandalonePageTables;
import dev.broadsheet.strategies.sptemixedbit.SpteMixedBitStrategy;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * Option B over page tables that a test may spoil: what its audit finds, what it keeps of tables,
 * and what it says beyond them.
 */
class TreeAuditTest {
  /** Bit 0 says shared, bit 1 mixed: the order in which they were reserved. */
  private static final int SHARED_BIT = 1;

  private static final int MIXED_BIT = 2;

  /** Where tables of 512G entries end. */
  private static final long REACH = 1L << 36;

  private final Rcu rcu = new Rcu();
  private final MemoryMeter meter = new MemoryMeter();
  private final MeteredMemory memory = new MeteredMemory(new PlainMemory(rcu), rcu, meter);
  private final StandalonePageTables tables =
      new StandalonePageTables(
          memory, PageLevel.PG_LEVEL_512G, /* twoTrees= */ true, StandalonePageTables.FREE_BITS);
  private final PageAttributeTracker tracker =
      TestTrackers.create(new SpteMixedBitStrategy(), memory, rcu, Optional.of(tables));

  private void share(long start, long end) {
    tracker.convert(new GfnRange(start, end), PageAttributes.SHARED);
  }

  private void spoil(Tree tree, long gfn, PageLevel level, int clear, int set) {
    tables.updateBits(tables.find(tree, gfn, level), level.index(gfn), clear, set);
  }

  private void assertAuditFinds(String what) {
    assertThatThrownBy(tracker::audit)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(what);
  }

  @Test
  void audit_entryThatLostItsMark_isFound() {
    share(0x207, 0x208);
    tracker.audit();

    spoil(Tree.MIRROR, 0x207, PageLevel.PG_LEVEL_2M, MIXED_BIT, 0);
    assertAuditFinds(
        "MIRROR tree, 2M entry at 0x200: bit 0, not marked, the pages below say mixed");
  }

  @Test
  void audit_uniformEntryWithAMark_isFound() {
    share(0x207, 0x208);

    spoil(Tree.MIRROR, 0x400, PageLevel.PG_LEVEL_2M, 0, MIXED_BIT);
    assertAuditFinds("MIRROR tree, 2M entry at 0x400: bit 0, marked mixed, the pages below say 0");
  }

  @Test
  void audit_otherTree_isLookedAtToo() {
    share(0x207, 0x208);

    spoil(Tree.DIRECT, 0x207, PageLevel.PG_LEVEL_1G, MIXED_BIT, 0);
    assertAuditFinds("DIRECT tree, 1G entry at 0x0: bit 0, not marked, the pages below say mixed");
  }

  @Test
  void audit_treesThatDiffer_areFound() {
    share(0x207, 0x208);

    spoil(Tree.DIRECT, 0x209, PageLevel.PG_LEVEL_4K, 0, SHARED_BIT);
    assertAuditFinds(
        "the trees differ: behind 0x208 one turns at 0x1000000000, the other at 0x209");
  }

  @Test
  void tables_areKeptWhereStateDiffersAndGivenBack() {
    long rootsAlone = meter.totalFootprint().bytes();

    share(0x207, 0x208);
    for (Tree tree : new Tree[] {Tree.MIRROR, Tree.DIRECT}) {
      assertThat(tables.find(tree, 0x207, PageLevel.PG_LEVEL_4K)).isNotZero();
      assertThat(tables.find(tree, 0x400, PageLevel.PG_LEVEL_4K)).isZero();
    }

    share(0x200, 0x400);
    for (Tree tree : new Tree[] {Tree.MIRROR, Tree.DIRECT}) {
      assertThat(tables.find(tree, 0x207, PageLevel.PG_LEVEL_4K)).isZero();
      assertThat(tables.find(tree, 0x207, PageLevel.PG_LEVEL_2M)).isNotZero();
    }

    tracker.convert(new GfnRange(0x200, 0x400), PageAttributes.PRIVATE);
    rcu.quiescent();
    assertThat(meter.totalFootprint().bytes()).isEqualTo(rootsAlone);
  }

  @Test
  void prepare_cancelled_givesItsTablesBack() {
    long rootsAlone = meter.totalFootprint().bytes();

    var conversion = tracker.prepare(new GfnRange(0x207, 0x40009), PageAttributes.SHARED);
    for (Tree tree : new Tree[] {Tree.MIRROR, Tree.DIRECT}) {
      assertThat(tables.find(tree, 0x207, PageLevel.PG_LEVEL_4K)).as("head").isNotZero();
      assertThat(tables.find(tree, 0x40008, PageLevel.PG_LEVEL_4K)).as("tail").isNotZero();
    }

    conversion.cancel();
    rcu.quiescent();
    assertThat(meter.totalFootprint().bytes()).isEqualTo(rootsAlone);
  }

  @Test
  void beyondTheTables_allIsAsUntouched() {
    share(REACH - 1, REACH);

    assertThat(tracker.attributes(REACH - 1)).isEqualTo(PageAttributes.SHARED);
    assertThat(tracker.attributes(REACH)).isEqualTo(PageAttributes.PRIVATE);
    assertThat(tracker.maxLevel(REACH, PageLevel.PG_LEVEL_1G)).isEqualTo(PageLevel.PG_LEVEL_1G);
    assertThat(tracker.firstDifference(REACH, REACH + 9, PageAttributes.PRIVATE))
        .isEqualTo(REACH + 9);
    assertThat(tracker.firstDifference(REACH, REACH + 9, PageAttributes.SHARED)).isEqualTo(REACH);
    assertThat(tracker.firstDifference(REACH - 1, REACH + 9, PageAttributes.SHARED))
        .isEqualTo(REACH);
    assertThat(tracker.type(REACH, PageLevel.PG_LEVEL_4K)).isEqualTo(PageType.INVALID);
  }

  @Test
  void newTable_saysWhatTheEntryAboveSays() {
    share(0x200, 0x400);

    long table = tables.require(Tree.MIRROR, 0x200, PageLevel.PG_LEVEL_4K);

    assertThat(tables.bits(table, 0)).isEqualTo(SHARED_BIT);
    assertThat(tables.bits(table, 511)).isEqualTo(SHARED_BIT);
    tracker.audit();
  }

  @Test
  void firstDifference_turnedRange_isRefused() {
    assertThat(tracker.firstDifference(5, 5, PageAttributes.SHARED)).isEqualTo(5);
    assertThatThrownBy(() -> tracker.firstDifference(6, 5, PageAttributes.SHARED))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
