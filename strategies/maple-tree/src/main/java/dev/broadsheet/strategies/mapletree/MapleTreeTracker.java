package dev.broadsheet.strategies.mapletree;

import dev.broadsheet.api.Conversion;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.OneStepConversion;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.PageType;
import dev.broadsheet.api.Plan;
import dev.broadsheet.api.RejectReason;
import dev.broadsheet.api.TrackerContext;
import dev.broadsheet.api.Transitions;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import dev.broadsheet.api.support.MixedBlocks;
import dev.broadsheet.api.support.SlotMap;
import java.util.Map;

/** One tree for the machine: attributes and levels are both read off the range of a gfn. */
final class MapleTreeTracker implements PageAttributeTracker {
  private final int initial;
  private final Transitions transitions;
  private final MapleTree tree;
  private final SlotMap<Memslot> slots = new SlotMap<>();
  private final MixedBlocks mixed;
  private final RangeConversion conversion = new RangeConversion();

  MapleTreeTracker(TrackerContext context) {
    this.initial = context.initialAttributes();
    this.transitions = context.transitions();
    this.tree = new MapleTree(context.memory(), initial);
    this.mixed =
        new MixedBlocks(
            context.memory(),
            slots,
            new MixedBlocks.Probe() {
              @Override
              public boolean isMixed(long gfn, PageLevel level) {
                return !isUniform(gfn, level);
              }

              @Override
              public int attributes(long gfn) {
                return tree.get(gfn);
              }
            },
            this::tell);
  }

  @Override
  public int defaultAttributes() {
    return initial;
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
  public PageType type(long gfn, PageLevel level) {
    Memslot slot = slots.find(gfn);
    if (slot == null || !slot.holdsBlock(gfn, level)) {
      return PageType.INVALID;
    }
    return isUniform(gfn, level) ? PageAttributes.type(tree.get(gfn)) : PageType.MIXED;
  }

  private boolean isUniform(long gfn, PageLevel level) {
    long start = level.roundDown(gfn);
    return tree.lastOfRange(start) >= start + level.pages() - 1;
  }

  @Override
  public long firstDifference(long gfn, long end, int attributes) {
    if (gfn > end) {
      throw new IllegalArgumentException(
          "first difference in [0x%x, 0x%x): the start lies behind the end".formatted(gfn, end));
    }
    if (gfn == end || tree.get(gfn) != attributes) {
      return gfn;
    }
    // Neighbours are coalesced, so what follows the range differs from it.
    return Math.min(end, tree.lastOfRange(gfn) + 1);
  }

  @Override
  public Conversion prepare(GfnRange range, int attributes) {
    if ((attributes & ~PageAttributes.PRIVATE) != 0) {
      return OneStepConversion.rejected(
          RejectReason.UNSUPPORTED_ATTRIBUTES,
          "%s asked, only private and shared are kept"
              .formatted(PageAttributes.format(attributes)));
    }
    if (firstDifference(range.start(), range.end(), attributes) == range.end()) {
      return OneStepConversion.unchanged();
    }
    mixed.before(range);
    try {
      tree.prepare(range.start(), range.end() - 1, attributes);
    } catch (KernelOutOfMemoryException e) {
      mixed.release();
      throw e;
    }
    return conversion.begin(range, attributes);
  }

  @Override
  public void memslotAdded(Memslot slot) {
    slots.add(slot, slot);
  }

  @Override
  public void memslotRemoved(Memslot slot) {
    slots.remove(slot);
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

  private void tell(long gfn, PageLevel level, boolean isMixed, int attributes) {
    if (isMixed) {
      transitions.becameMixed(gfn, level);
    } else {
      transitions.becameUniform(gfn, level, attributes);
    }
  }

  /** The conversion under way; there is one at a time, so it is used again. */
  private final class RangeConversion implements Conversion {
    private Plan plan = new Plan.Unchanged();
    private GfnRange range = new GfnRange(0, 1);
    private int attributes;

    Conversion begin(GfnRange newRange, int newAttributes) {
      range = newRange;
      attributes = newAttributes;
      plan = new Plan.Ready(newRange);
      return this;
    }

    @Override
    public Plan plan() {
      return plan;
    }

    @Override
    public long store(long from) {
      tree.commit();
      return range.end();
    }

    @Override
    public void publish() {
      mixed.after(range, attributes);
    }

    @Override
    public void cancel() {
      tree.cancel();
      mixed.release();
    }
  }
}
