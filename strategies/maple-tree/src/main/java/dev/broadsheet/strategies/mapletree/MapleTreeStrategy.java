package dev.broadsheet.strategies.mapletree;

import com.google.auto.service.AutoService;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.StrategyDescription;
import dev.broadsheet.api.TrackerContext;
import dev.broadsheet.api.TrackingStrategy;
import java.util.Set;

/** What Linux moves to: ranges in a maple tree. See the package page. */
@AutoService(TrackingStrategy.class)
public final class MapleTreeStrategy implements TrackingStrategy {
  /** Creates the provider. */
  public MapleTreeStrategy() {}

  @Override
  public String id() {
    return "maple-tree";
  }

  @Override
  public StrategyDescription description() {
    return new StrategyDescription(
        "Maple tree of ranges",
        "Coalesced ranges in a tree of 256-byte nodes; a level is allowed if one range covers its block.",
        "guest_memfd in-place conversion, Ackerley Tng, Sean Christopherson, RFC v1 Oct 2025 to v13 Sep 2026",
        Set.of(),
        Set.of(),
        PageAttributes.PRIVATE);
  }

  @Override
  public PageAttributeTracker create(TrackerContext context) {
    return new MapleTreeTracker(context);
  }
}
