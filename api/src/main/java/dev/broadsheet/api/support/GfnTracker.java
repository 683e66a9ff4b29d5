package dev.broadsheet.api.support;

import dev.broadsheet.api.Conversion;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.OneStepConversion;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.PageType;
import dev.broadsheet.api.TrackerContext;
import dev.broadsheet.api.Transitions;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;

/**
 * A tracker with one structure for all gfns, inside memslots and outside: a subclass has the
 * structure, this class has the rest. Private and shared are kept.
 *
 * <p>To be written: {@link #attributes}, {@link #isMixed} and {@link #findDifference}, which ask
 * the structure; {@link #reserve}, {@link #store} and {@link #cancel}, which change it; {@code
 * audit} and {@code close}. Kept here: which slots there are, what is refused and what is
 * unchanged, and who is told of blocks that turn. All that grows is kernel memory (R10).
 *
 * <p>A conversion that fails or is cancelled has changed no answer as long as {@link #reserve} and
 * {@link #cancel} change none (R8). Where {@link #isMixed} is dear, {@link #maxLevel} is the method
 * to override.
 */
public abstract class GfnTracker implements PageAttributeTracker {
  private final int initial;
  private final Transitions transitions;
  private final SlotMap<Memslot> slots = new SlotMap<>();
  private final MixedBlocks mixed;
  private final GfnConversion conversion = new GfnConversion();

  /** Creates a tracker without slots, whose pages have the initial attributes. */
  protected GfnTracker(TrackerContext context) {
    this.initial = context.initialAttributes();
    this.transitions = context.transitions();
    this.mixed =
        new MixedBlocks(
            context.memory(),
            slots,
            new MixedBlocks.Probe() {
              @Override
              public boolean isMixed(long gfn, PageLevel level) {
                return GfnTracker.this.isMixed(gfn, level);
              }

              @Override
              public int attributes(long gfn) {
                return GfnTracker.this.attributes(gfn);
              }
            },
            this::tell);
  }

  /**
   * Returns whether a block holds two attributes; safe at any time, no allocation.
   *
   * @param block first gfn of the block, which need not lie in a slot
   * @param level 2M or 1G
   */
  protected abstract boolean isMixed(long block, PageLevel level);

  /**
   * Returns the first gfn of {@code [gfn, end)}, which is not empty, with other attributes, or
   * {@code end}.
   */
  protected abstract long findDifference(long gfn, long end, int attributes);

  /**
   * Takes all memory that {@link #store} will need; changes no answer.
   *
   * @throws KernelOutOfMemoryException if there is none, having given back what it took
   */
  protected abstract void reserve(GfnRange range, int attributes);

  /** Gives all pages of a range these attributes; cannot fail. Readers overlap. */
  protected abstract void store(GfnRange range, int attributes);

  /** Gives back what {@link #reserve} took, instead of {@link #store}. */
  protected abstract void cancel();

  /** Gives back what is no longer needed after {@link #store}; nothing by default. */
  protected void trim() {}

  @Override
  public final int defaultAttributes() {
    return initial;
  }

  @Override
  public PageLevel maxLevel(long gfn, PageLevel ceiling) {
    PageLevel level = ceiling;
    while (level != PageLevel.PG_LEVEL_4K && isMixed(level.roundDown(gfn), level)) {
      level = level.below();
    }
    return level;
  }

  @Override
  public final PageType type(long gfn, PageLevel level) {
    Memslot slot = slots.find(gfn);
    if (slot == null || !slot.holdsBlock(gfn, level)) {
      return PageType.INVALID;
    }
    long block = level.roundDown(gfn);
    return level != PageLevel.PG_LEVEL_4K && isMixed(block, level)
        ? PageType.MIXED
        : PageAttributes.type(attributes(block));
  }

  @Override
  public final long firstDifference(long gfn, long end, int attributes) {
    if (gfn > end) {
      throw new IllegalArgumentException(
          "first difference in [0x%x, 0x%x): the start lies behind the end".formatted(gfn, end));
    }
    return gfn == end ? end : findDifference(gfn, end, attributes);
  }

  @Override
  public final Conversion prepare(GfnRange range, int attributes) {
    if ((attributes & ~PageAttributes.PRIVATE) != 0) {
      return OneStepConversion.unsupported(attributes);
    }
    if (findDifference(range.start(), range.end(), attributes) == range.end()) {
      return OneStepConversion.unchanged();
    }
    mixed.before(range);
    try {
      reserve(range, attributes);
    } catch (KernelOutOfMemoryException e) {
      mixed.release();
      throw e;
    }
    return conversion.begin(range, attributes);
  }

  @Override
  public final void memslotAdded(Memslot slot) {
    slots.add(slot, slot);
  }

  @Override
  public final void memslotRemoved(Memslot slot) {
    slots.remove(slot);
  }

  private void tell(long gfn, PageLevel level, boolean isMixed, int attributes) {
    if (isMixed) {
      transitions.becameMixed(gfn, level);
    } else {
      transitions.becameUniform(gfn, level, attributes);
    }
  }

  private final class GfnConversion extends ReusedConversion {
    @Override
    public long store(long from) {
      GfnTracker.this.store(range(), wanted());
      return range().end();
    }

    @Override
    public void publish() {
      trim();
      mixed.after(range(), wanted());
    }

    @Override
    public void cancel() {
      mixed.release();
      GfnTracker.this.cancel();
    }
  }
}
