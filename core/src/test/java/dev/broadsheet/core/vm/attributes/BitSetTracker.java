package dev.broadsheet.core.vm.attributes;

import dev.broadsheet.api.Conversion;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.PageType;
import dev.broadsheet.api.Plan;
import dev.broadsheet.core.memslot.KvmMemslot;
import dev.broadsheet.core.memslot.Memslots;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** A tracker over one bit per page of low memory: the naive truth for tests of the flow. */
public final class BitSetTracker implements PageAttributeTracker {
  final BitSet privatePages = new BitSet();
  final StringBuilder calls = new StringBuilder();

  /** What the next plan says; null for an honest one. */
  @Nullable Plan forced;

  private final Memslots slots;

  /** Creates a tracker over slots; every page is shared. */
  public BitSetTracker(Memslots slots) {
    this.slots = slots;
  }

  @Override
  public int defaultAttributes() {
    return PageAttributes.SHARED;
  }

  @Override
  public int attributes(long gfn) {
    return privatePages.get((int) gfn) ? PageAttributes.PRIVATE : PageAttributes.SHARED;
  }

  @Override
  public PageType type(long gfn, PageLevel level) {
    KvmMemslot slot = slots.find(gfn);
    if (slot == null || !slot.holdsBlock(gfn, level)) {
      return PageType.INVALID;
    }
    GfnRange block = level.block(gfn);
    int first = attributes(block.start());
    return firstDifference(block.start(), block.end(), first) == block.end()
        ? PageAttributes.type(first)
        : PageType.MIXED;
  }

  @Override
  public Conversion prepare(GfnRange range, int attributes) {
    boolean same = firstDifference(range.start(), range.end(), attributes) == range.end();
    Plan honest = same ? new Plan.Unchanged() : new Plan.Ready(range);
    Plan plan = forced == null ? honest : forced;
    return new Conversion() {
      @Override
      public Plan plan() {
        return plan;
      }

      @Override
      public long store(long from) {
        long end = ((Plan.Ready) plan).range().end();
        long next = Math.min(end, from + 1000);
        privatePages.set((int) from, (int) next, PageAttributes.isPrivate(attributes));
        calls.append("store ");
        return next;
      }

      @Override
      public void publish() {
        calls.append("publish ");
      }

      @Override
      public void cancel() {
        calls.append("cancel ");
      }
    };
  }

  @Override
  public void memslotAdded(Memslot slot) {}

  @Override
  public void memslotRemoved(Memslot slot) {}

  @Override
  public void audit() {}

  @Override
  public void close() {}
}
