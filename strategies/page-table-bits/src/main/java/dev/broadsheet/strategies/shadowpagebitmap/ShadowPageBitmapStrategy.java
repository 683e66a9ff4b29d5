package dev.broadsheet.strategies.shadowpagebitmap;

import com.google.auto.service.AutoService;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageTables;
import dev.broadsheet.api.StrategyDescription;
import dev.broadsheet.api.StrategyOption;
import dev.broadsheet.api.StrategyTrait;
import dev.broadsheet.api.TrackerContext;
import dev.broadsheet.api.TrackingStrategy;
import dev.broadsheet.strategies.pagetablebits.TableBitsTracker;
import java.util.List;
import java.util.Set;

/** Option C: a bit in the entry, a bitmap in the table's header. See the package page. */
@AutoService(TrackingStrategy.class)
public final class ShadowPageBitmapStrategy implements TrackingStrategy {
  static final StrategyOption FIELD =
      StrategyOption.choice(
          "field",
          "Where the 64 bytes lie: in a field of their own, or where the TDP MMU leaves room idle.",
          "own",
          "idle");

  /** Creates the provider. */
  public ShadowPageBitmapStrategy() {}

  @Override
  public String id() {
    return "shadow-page-bitmap";
  }

  @Override
  public StrategyDescription description() {
    return new StrategyDescription(
        "Mixed bitmap in the shadow page",
        "A software bit of the entries says shared; 512 bits in a table's header say mixed.",
        "Xiaoyao Li, 14 Jul 2022, Re: [PATCH v7 000/102] KVM TDX basic feature support, option C",
        Set.of("C"),
        Set.of(StrategyTrait.NEEDS_PAGE_TABLES),
        PageAttributes.PRIVATE);
  }

  @Override
  public List<StrategyOption> options() {
    return List.of(FIELD);
  }

  @Override
  public PageAttributeTracker create(TrackerContext context) {
    PageTables tables = TableBitsTracker.tablesOf(context, id());
    int differs = 1 << tables.reserveBit(TableBitsTracker.bitName(context));
    PageTables.HeaderSpace space = context.options().get(FIELD, PageTables.HeaderSpace.class);
    int word = tables.reserveHeaderWords("mixed", MixedBitmap.WORDS, space);
    return new TableBitsTracker(context, tables, new MixedBitmap(tables, word), differs);
  }
}
