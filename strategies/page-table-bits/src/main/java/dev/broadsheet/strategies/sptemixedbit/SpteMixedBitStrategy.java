package dev.broadsheet.strategies.sptemixedbit;

import com.google.auto.service.AutoService;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageTables;
import dev.broadsheet.api.StrategyDescription;
import dev.broadsheet.api.StrategyTrait;
import dev.broadsheet.api.TrackerContext;
import dev.broadsheet.api.TrackingStrategy;
import dev.broadsheet.strategies.pagetablebits.TableBitsTracker;
import java.util.Set;

/** Option B: two software bits of the page-table entry. See the package page. */
@AutoService(TrackingStrategy.class)
public final class SpteMixedBitStrategy implements TrackingStrategy {
  /** Creates the provider. */
  public SpteMixedBitStrategy() {}

  @Override
  public String id() {
    return "spte-mixed-bit";
  }

  @Override
  public StrategyDescription description() {
    return new StrategyDescription(
        "Mixed bit in the SPTE",
        "Two software bits of the entries of both trees say shared and mixed.",
        "Xiaoyao Li, 14 Jul 2022, Re: [PATCH v7 000/102] KVM TDX basic feature support, option B",
        Set.of("B"),
        Set.of(StrategyTrait.NEEDS_PAGE_TABLES),
        PageAttributes.PRIVATE);
  }

  @Override
  public PageAttributeTracker create(TrackerContext context) {
    PageTables tables = TableBitsTracker.tablesOf(context, id());
    int differs = 1 << tables.reserveBit(TableBitsTracker.bitName(context));
    int mixed = 1 << tables.reserveBit("MIXED");
    return new TableBitsTracker(context, tables, new MixedBit(tables, mixed), differs);
  }
}
