package dev.broadsheet.strategies.flatbitmap;

import com.google.auto.service.AutoService;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.StrategyDescription;
import dev.broadsheet.api.StrategyTrait;
import dev.broadsheet.api.TrackerContext;
import dev.broadsheet.api.TrackingStrategy;
import dev.broadsheet.api.support.SlotTracker;
import java.util.Set;

/** One bit per page of each memslot, and counters per block. See the package page. */
@AutoService(TrackingStrategy.class)
public final class FlatBitmapStrategy implements TrackingStrategy {
  /** Creates the provider. */
  public FlatBitmapStrategy() {}

  @Override
  public String id() {
    return "flat-bitmap";
  }

  @Override
  public StrategyDescription description() {
    return new StrategyDescription(
        "Flat bitmap with counters",
        "Each memslot holds one bit per page and counts the bits of each block; a fault loads one word"
            + " and one counter per level.",
        "QEMU, system/ram-block-attributes.c; OpenHCL, underhill_mem; the counters are ours",
        Set.of(),
        Set.of(StrategyTrait.PER_MEMSLOT_STATE),
        PageAttributes.PRIVATE);
  }

  @Override
  public PageAttributeTracker create(TrackerContext context) {
    return new SlotTracker(context, slot -> new SlotBitmap(context, slot));
  }
}
