package dev.broadsheet.strategies.mapletree;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.TrackerContext;
import dev.broadsheet.api.support.GfnTracker;
import java.util.Map;

/** One tree for the machine: attributes and levels are both read off the range of a gfn. */
final class MapleTreeTracker extends GfnTracker {
  private final MapleTree tree;

  MapleTreeTracker(TrackerContext context) {
    super(context);
    this.tree = new MapleTree(context.memory(), context.initialAttributes());
  }

  @Override
  public int attributes(long gfn) {
    return tree.get(gfn);
  }

  @Override
  public PageLevel maxLevel(long gfn, PageLevel ceiling) {
    return ceiling.min(tree.largestBlock(gfn));
  }

  @Override
  protected boolean isMixed(long block, PageLevel level) {
    return tree.lastOfRange(block) < block + level.pages() - 1;
  }

  @Override
  protected long findDifference(long gfn, long end, int attributes) {
    if (tree.get(gfn) != attributes) {
      return gfn;
    }
    // Neighbours are coalesced, so what follows the range differs from it.
    return Math.min(end, tree.lastOfRange(gfn) + 1);
  }

  @Override
  protected void reserve(GfnRange range, int attributes) {
    tree.prepare(range.start(), range.end() - 1, attributes);
  }

  @Override
  protected void store(GfnRange range, int attributes) {
    tree.commit();
  }

  @Override
  protected void cancel() {
    tree.cancel();
  }

  @Override
  public Map<String, Long> gauges() {
    return Map.of("nodes", tree.nodes(), "height", (long) tree.height());
  }

  @Override
  public void audit() {
    tree.audit();
  }

  @Override
  public void close() {
    tree.free();
  }
}
