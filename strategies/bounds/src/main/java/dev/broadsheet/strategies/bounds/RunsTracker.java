package dev.broadsheet.strategies.bounds;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.TrackerContext;
import dev.broadsheet.api.support.AttributeRuns;
import dev.broadsheet.api.support.GfnTracker;
import java.util.Map;

/** The truth as sorted runs; large pages up to a given level where one run covers the block. */
final class RunsTracker extends GfnTracker {
  private final PageLevel largest;
  private final AttributeRuns runs;

  RunsTracker(TrackerContext context, PageLevel largest) {
    super(context);
    this.largest = largest;
    this.runs =
        new AttributeRuns(context.memory(), "runs", context.initialAttributes(), context::defer);
  }

  @Override
  public int attributes(long gfn) {
    return runs.get(gfn);
  }

  @Override
  public PageLevel maxLevel(long gfn, PageLevel ceiling) {
    return super.maxLevel(gfn, ceiling.min(largest));
  }

  @Override
  protected boolean isMixed(long block, PageLevel level) {
    return !runs.isUniform(block, block + level.pages());
  }

  @Override
  protected long findDifference(long gfn, long end, int attributes) {
    return runs.firstDifference(gfn, end, attributes);
  }

  @Override
  protected void reserve(GfnRange range, int attributes) {
    runs.reserve(1);
  }

  @Override
  protected void store(GfnRange range, int attributes) {
    runs.assign(range.start(), range.end(), attributes);
  }

  @Override
  protected void trim() {
    runs.trim();
  }

  @Override
  protected void cancel() {
    runs.trim();
  }

  @Override
  public Map<String, Long> gauges() {
    return Map.of("runs", runs.runs());
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
