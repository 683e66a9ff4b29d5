package dev.broadsheet.strategies.memslotarray;

import com.google.auto.service.AutoService;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageType;
import dev.broadsheet.api.StrategyDescription;
import dev.broadsheet.api.StrategyOption;
import dev.broadsheet.api.StrategyTrait;
import dev.broadsheet.api.TrackerContext;
import dev.broadsheet.api.TrackingStrategy;
import dev.broadsheet.api.support.SlotTracker;
import java.util.List;
import java.util.Set;

/** Option A: one page-type array per level, hung off each memslot. See the package page. */
@AutoService(TrackingStrategy.class)
public final class MemslotArrayStrategy implements TrackingStrategy {
  static final StrategyOption ENCODING =
      StrategyOption.choice(
          "encoding",
          "Size of an element: 4 bytes as posted, 1 byte, or 1 bit per 4K page and 2 bits per block.",
          "enum",
          "byte",
          "packed");

  /** Creates the provider. */
  public MemslotArrayStrategy() {}

  @Override
  public String id() {
    return "memslot-array";
  }

  @Override
  public StrategyDescription description() {
    return new StrategyDescription(
        "Memslot page-type array",
        "Each memslot holds one array of page types per level; a fault loads one element per level.",
        "Isaku Yamahata, 27 Jun 2022, [PATCH v7 000/102] KVM TDX basic feature support, option A",
        Set.of("A"),
        Set.of(StrategyTrait.PER_MEMSLOT_STATE),
        PageAttributes.PRIVATE);
  }

  @Override
  public List<StrategyOption> options() {
    return List.of(ENCODING);
  }

  @Override
  public PageAttributeTracker create(TrackerContext context) {
    Encoding encoding = context.options().get(ENCODING, Encoding.class);
    PageType initial = PageAttributes.type(context.initialAttributes());
    return new SlotTracker(
        context, slot -> SlotTypes.allocate(context.memory(), encoding, slot, initial));
  }
}
