package dev.broadsheet.conformance;

import dev.broadsheet.api.Conversion;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.PageType;
import dev.broadsheet.api.Plan;
import java.util.Map;
import java.util.Objects;

/**
 * A tracker whose both sides are checked: what the caller does (order of phases, ranges, life
 * cycle; {@link IllegalStateException}, {@link IllegalArgumentException}) and what the tracker
 * answers ({@link RuleViolation}). Cheap enough to wrap a tracker in any test.
 *
 * <p>Reads may come from many threads; all else from one at a time.
 */
public final class AssertingTracker implements PageAttributeTracker {
  private final PageAttributeTracker tracker;
  private final int attributeBits;
  private boolean converting;
  private volatile boolean closed;

  /**
   * Wraps a tracker.
   *
   * @param attributeBits the bits that its strategy declares
   */
  public AssertingTracker(PageAttributeTracker tracker, int attributeBits) {
    this.tracker = tracker;
    this.attributeBits = attributeBits;
  }

  @Override
  public int defaultAttributes() {
    return checkedBits(tracker.defaultAttributes(), "defaultAttributes()");
  }

  @Override
  public int attributes(long gfn) {
    requireOpen();
    return checkedBits(tracker.attributes(gfn), "attributes");
  }

  @Override
  public PageLevel maxLevel(long gfn, PageLevel ceiling) {
    requireOpen();
    PageLevel level = tracker.maxLevel(gfn, ceiling);
    if (level == null || level.number() > ceiling.number()) {
      throw new RuleViolation(
          Rule.R3,
          "maxLevel(0x%x, %s): expected a level up to the ceiling, found %s"
              .formatted(gfn, ceiling.label(), level));
    }
    return level;
  }

  @Override
  public PageType type(long gfn, PageLevel level) {
    requireOpen();
    return Objects.requireNonNull(tracker.type(gfn, level), "type");
  }

  @Override
  public long firstDifference(long gfn, long end, int attributes) {
    requireOpen();
    long found = tracker.firstDifference(gfn, end, attributes);
    if (found < gfn || found > end) {
      throw new RuleViolation(
          Rule.R2,
          "firstDifference(0x%x, 0x%x, %d): expected a gfn between them, found 0x%x"
              .formatted(gfn, end, attributes, found));
    }
    return found;
  }

  @Override
  public Conversion prepare(GfnRange range, int attributes) {
    requireOpen();
    requireCaller(!converting, "prepare while another conversion is under way");
    Conversion conversion = tracker.prepare(range, attributes);
    Plan plan = conversion.plan();
    if (plan instanceof Plan.Ready ready) {
      boolean prefix = ready.range().start() == range.start() && ready.range().end() <= range.end();
      if (!prefix) {
        throw new RuleViolation(
            Rule.R2,
            "prepare(%s): expected a prefix of it, found %s".formatted(range, ready.range()));
      }
      converting = true;
      return new AssertingConversion(conversion, ready.range());
    }
    return conversion;
  }

  @Override
  public void memslotAdded(Memslot slot) {
    requireOpen();
    requireCaller(!converting, "memslotAdded during a conversion");
    tracker.memslotAdded(slot);
  }

  @Override
  public void memslotRemoved(Memslot slot) {
    requireOpen();
    requireCaller(!converting, "memslotRemoved during a conversion");
    tracker.memslotRemoved(slot);
  }

  @Override
  public Map<String, Long> gauges() {
    requireOpen();
    return tracker.gauges();
  }

  @Override
  public void audit() {
    requireOpen();
    requireCaller(!converting, "audit during a conversion");
    tracker.audit();
  }

  @Override
  public void close() {
    requireOpen();
    requireCaller(!converting, "close during a conversion");
    closed = true;
    tracker.close();
  }

  private int checkedBits(int attributes, String call) {
    if ((attributes & ~attributeBits) != 0) {
      throw new RuleViolation(
          Rule.R2,
          "%s: expected bits of 0x%x, found 0x%x".formatted(call, attributeBits, attributes));
    }
    return attributes;
  }

  private void requireOpen() {
    requireCaller(!closed, "a call after close");
  }

  private static void requireCaller(boolean kept, String mistake) {
    if (!kept) {
      throw new IllegalStateException("the caller broke the contract: " + mistake);
    }
  }

  private final class AssertingConversion implements Conversion {
    private final Conversion inner;
    private final GfnRange range;
    private long next;
    private boolean ended;

    AssertingConversion(Conversion inner, GfnRange range) {
      this.inner = inner;
      this.range = range;
      this.next = range.start();
    }

    @Override
    public Plan plan() {
      Plan plan = inner.plan();
      if (!(plan instanceof Plan.Ready ready) || !ready.range().equals(range)) {
        throw new RuleViolation(
            Rule.R2, "plan(): expected Ready(%s) again, found %s".formatted(range, plan));
      }
      return plan;
    }

    @Override
    public long store(long from) {
      requireCaller(!ended && from == next && from < range.end(), "store out of order");
      next = inner.store(from);
      if (next <= from || next > range.end()) {
        throw new RuleViolation(
            Rule.R2,
            "store(0x%x) of %s: expected one page at least and the end at most, found 0x%x"
                .formatted(from, range, next));
      }
      return next;
    }

    @Override
    public void publish() {
      requireCaller(!ended && next == range.end(), "publish before all is stored");
      end();
      inner.publish();
    }

    @Override
    public void cancel() {
      requireCaller(!ended && next == range.start(), "cancel after the first store");
      end();
      inner.cancel();
    }

    private void end() {
      ended = true;
      converting = false;
    }
  }
}
