package dev.broadsheet.strategies.pagetablebits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.PageTables;
import dev.broadsheet.api.Plan;
import dev.broadsheet.api.RejectReason;
import dev.broadsheet.api.TrackingStrategy;
import dev.broadsheet.api.UnmetRequirementException;
import dev.broadsheet.core.memory.PlainMemory;
import dev.broadsheet.core.memory.Rcu;
import dev.broadsheet.core.strategy.StandalonePageTables;
import dev.broadsheet.strategies.shadowpagebitmap.ShadowPageBitmapStrategy;
import dev.broadsheet.strategies.sptemixedbit.SpteMixedBitStrategy;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What options B and C refuse, and with which words. */
class RefusalTest {
  private final Rcu rcu = new Rcu();
  private final PlainMemory memory = new PlainMemory(rcu);

  private PageAttributeTracker create(TrackingStrategy strategy, Optional<PageTables> tables) {
    return TestTrackers.create(strategy, memory, rcu, tables);
  }

  private Optional<PageTables> tables(int freeBits) {
    return Optional.of(
        new StandalonePageTables(memory, PageLevel.PG_LEVEL_512G, /* twoTrees= */ true, freeBits));
  }

  @Test
  void spteMixedBit_oneFreeBit_isRefusedAtCreation() {
    assertThatThrownBy(() -> create(new SpteMixedBitStrategy(), tables(1)))
        .isInstanceOf(UnmetRequirementException.class)
        .hasMessage(
            "no software bit is left for MIXED: [SHARED] are taken, 1 are legal in every kind of"
                + " entry");
  }

  @Test
  void shadowPageBitmap_oneFreeBit_suffices() {
    create(new ShadowPageBitmapStrategy(), tables(1)).close();

    assertThatThrownBy(() -> create(new ShadowPageBitmapStrategy(), tables(0)))
        .isInstanceOf(UnmetRequirementException.class)
        .hasMessageContaining("SHARED");
  }

  @Test
  void create_withoutPageTables_saysWhatIsMissing() {
    assertThatThrownBy(() -> create(new SpteMixedBitStrategy(), Optional.empty()))
        .isInstanceOf(UnmetRequirementException.class)
        .hasMessageStartingWith("spte-mixed-bit keeps its truth in page tables");
  }

  @Test
  void convert_beyondTheTables_isOutOfReach() {
    PageAttributeTracker tracker = create(new SpteMixedBitStrategy(), tables(2));
    GfnRange range = new GfnRange((1L << 36) - 1, (1L << 36) + 1);

    Plan plan = tracker.prepare(range, PageAttributes.SHARED).plan();

    assertThat(plan).isInstanceOf(Plan.Rejected.class);
    assertThat(((Plan.Rejected) plan).reason()).isEqualTo(RejectReason.OUT_OF_REACH);
    assertThat(tracker.attributes((1L << 36) - 1)).isEqualTo(PageAttributes.PRIVATE);
    tracker.close();
  }
}
