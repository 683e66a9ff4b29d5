package templatepackage;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.TrackerContext;
import dev.broadsheet.api.support.AttributeRuns;
import dev.broadsheet.api.support.GfnTracker;

/** The attributes of all gfns as sorted runs in kernel memory; one run covers a uniform block. */
final class TemplateTracker extends GfnTracker {
  private final AttributeRuns runs;

  TemplateTracker(TrackerContext context) {
    super(context);
    int untouched = context.initialAttributes();
    runs = new AttributeRuns(context.memory(), "runs", untouched, context::defer);
  }

  @Override
  public int attributes(long gfn) {
    return runs.get(gfn);
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
    runs.reserve(1); // may fail, and nothing has changed then; store may not fail
  }

  @Override
  protected void store(GfnRange range, int attributes) {
    runs.assign(range.start(), range.end(), attributes);
  }

  @Override
  protected void cancel() {
    runs.trim(); // gives back what reserve took
  }

  @Override
  protected void trim() {
    runs.trim(); // after store: gives back what is no longer needed
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
