package dev.broadsheet.strategies.pagetablebits;

import dev.broadsheet.api.Conversion;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.OneStepConversion;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.PageTables;
import dev.broadsheet.api.PageTables.Tree;
import dev.broadsheet.api.PageType;
import dev.broadsheet.api.Plan;
import dev.broadsheet.api.RejectReason;
import dev.broadsheet.api.TrackerContext;
import dev.broadsheet.api.Transitions;
import dev.broadsheet.api.UnmetRequirementException;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import dev.broadsheet.api.support.SlotMap;

/**
 * The tracker of options B and C: a bit in the entries of both trees, marks as {@link MixedMarks}
 * makes them.
 *
 * <p>A conversion makes the tables that it needs in {@code prepare}; where memory ends, the plan is
 * the largest prefix that ends at the border of an entry that exists. It writes all entries in
 * {@code publish}, with {@code mmu_lock} held for write, as MapGPA did in v7.
 */
public final class TableBitsTracker implements PageAttributeTracker {
  private final PageTables tables;
  private final Transitions transitions;
  private final int initial;

  /** The tree that is read: the mirror, which is always there for private memory. */
  private final TreeState read;

  /** The other one, or the same where there is one tree. */
  private final TreeState other;

  private final SlotMap<Memslot> slots = new SlotMap<>();
  private final BitConversion conversion = new BitConversion();

  /**
   * Creates the tracker; bits and header words are reserved already.
   *
   * @param differs mask of the bit that says that a page differs from the default
   */
  public TableBitsTracker(
      TrackerContext context, PageTables tables, MixedMarks marks, int differs) {
    this.tables = tables;
    this.transitions = context.transitions();
    this.initial = context.initialAttributes() & PageAttributes.PRIVATE;
    this.read =
        new TreeState(tables, tables.hasTwoTrees() ? Tree.MIRROR : Tree.DIRECT, marks, differs);
    try {
      this.other = tables.hasTwoTrees() ? new TreeState(tables, Tree.DIRECT, marks, differs) : read;
    } catch (KernelOutOfMemoryException e) {
      read.clear();
      throw e;
    }
    tables.listen(new Linked());
  }

  /**
   * Returns the context's page tables.
   *
   * @throws UnmetRequirementException if there are none
   */
  public static PageTables tablesOf(TrackerContext context, String id) {
    return context
        .pageTables()
        .orElseThrow(
            () ->
                new UnmetRequirementException(
                    "%s keeps its truth in page tables, and there are none here; run it in a"
                            .formatted(id)
                        + " virtual machine, or over a standalone page-table store"));
  }

  /** Returns what the bit in the entries is called: the attribute that is not the default. */
  public static String bitName(TrackerContext context) {
    return PageAttributes.isPrivate(context.initialAttributes()) ? "SHARED" : "PRIVATE";
  }

  @Override
  public int defaultAttributes() {
    return initial;
  }

  @Override
  public int attributes(long gfn) {
    return read.differs(gfn) ? initial ^ PageAttributes.PRIVATE : initial;
  }

  @Override
  public PageLevel maxLevel(long gfn, PageLevel ceiling) {
    return read.uniformLevel(gfn, ceiling);
  }

  @Override
  public PageType type(long gfn, PageLevel level) {
    Memslot slot = slots.find(gfn);
    if (slot == null || !slot.holdsBlock(gfn, level)) {
      return PageType.INVALID;
    }
    return read.uniformLevel(gfn, level) == level
        ? PageAttributes.type(attributes(gfn))
        : PageType.MIXED;
  }

  @Override
  public long firstDifference(long gfn, long end, int wanted) {
    if (gfn > end) {
      throw new IllegalArgumentException(
          "first difference in [0x%x, 0x%x): the start lies behind the end".formatted(gfn, end));
    }
    return read.firstOther(gfn, end, wanted != initial);
  }

  @Override
  public Conversion prepare(GfnRange range, int wanted) {
    if ((wanted & ~PageAttributes.PRIVATE) != 0) {
      return OneStepConversion.rejected(
          RejectReason.UNSUPPORTED_ATTRIBUTES,
          "%s asked, one bit says private or shared".formatted(PageAttributes.format(wanted)));
    }
    if (firstDifference(range.start(), range.end(), wanted) == range.end()) {
      return OneStepConversion.unchanged();
    }
    if (!tables.reaches(range.end() - 1)) {
      return OneStepConversion.rejected(
          RejectReason.OUT_OF_REACH,
          "%s asked, a page table of %s entries has no place for all of it; split the call"
              .formatted(range, tables.rootLevel().label()));
    }
    return conversion.begin(range, wanted);
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
  public void audit() {
    read.audit();
    if (other != read) {
      other.audit();
      long reach = tables.rootLevel().pages() * 512;
      boolean differs = false;
      for (long gfn = 0; gfn < reach; differs = !differs) {
        long inRead = read.firstOther(gfn, reach, differs);
        long inOther = other.firstOther(gfn, reach, differs);
        if (inRead != inOther) {
          throw new IllegalStateException(
              "the trees differ: behind 0x%x one turns at 0x%x, the other at 0x%x"
                  .formatted(gfn, inRead, inOther));
        }
        gfn = inRead;
      }
    }
  }

  @Override
  public void close() {
    read.clear();
    if (other != read) {
      other.clear();
    }
  }

  /** New tables continue what the entry above said. */
  private final class Linked implements PageTables.Listener {
    @Override
    public void linked(Tree tree, long table, long gfn, PageLevel level) {
      (tree == Tree.DIRECT ? other : read).tableLinked(table, gfn, level);
    }

    @Override
    public void split(Tree tree, long table, long gfn, PageLevel level) {
      // The new entries carry the leaf's bit, and no leaf is mixed.
    }

    @Override
    public void unlinked(Tree tree, long table, long gfn, PageLevel level) {
      // Tables that carry state of their own are pinned; what this one says, the entry above says.
    }
  }

  /** The conversion under way; there is one at a time, so it is used again. */
  private final class BitConversion implements Conversion, TreeState.Turned {
    private Plan plan = new Plan.Unchanged();
    private GfnRange range = new GfnRange(0, 1);
    private int wanted;
    private long readHead;
    private long otherHead;
    private long readTail;
    private long otherTail;

    /** Opens the edges, and takes as much of the range as memory allows. */
    Conversion begin(GfnRange newRange, int newWanted) {
      range = newRange;
      wanted = newWanted;
      readHead = 0;
      otherHead = 0;
      readTail = 0;
      otherTail = 0;
      try {
        readHead = read.open(range.start(), range.start(), differs());
        otherHead = other == read ? 0 : other.open(range.start(), range.start(), differs());
        openTail(newRange);
      } catch (KernelOutOfMemoryException e) {
        release();
        throw e;
      }
      plan = new Plan.Ready(range);
      return this;
    }

    /** Opens the end of the range, or else the next border before it at a higher level. */
    private void openTail(GfnRange whole) {
      PageLevel level = read.borderLevel(whole.end());
      while (true) {
        try {
          readTail = read.open(range.end(), range.end() - 1, differs());
          otherTail = other == read ? 0 : other.open(range.end(), range.end() - 1, differs());
          return;
        } catch (KernelOutOfMemoryException e) {
          releaseTail();
          long border = 0;
          while (level != tables.rootLevel() && border <= whole.start()) {
            level = level.above();
            border = level.roundDown(whole.end());
          }
          if (border <= whole.start() || firstDifference(whole.start(), border, wanted) == border) {
            throw e;
          }
          range = new GfnRange(whole.start(), border);
          level = read.borderLevel(border);
        }
      }
    }

    private boolean differs() {
      return wanted != initial;
    }

    private void release() {
      read.close(readHead, range.start(), range.start());
      readHead = 0;
      if (other != read) {
        other.close(otherHead, range.start(), range.start());
        otherHead = 0;
      }
      releaseTail();
    }

    private void releaseTail() {
      read.close(readTail, range.end(), range.end() - 1);
      readTail = 0;
      if (other != read) {
        other.close(otherTail, range.end(), range.end() - 1);
        otherTail = 0;
      }
    }

    @Override
    public Plan plan() {
      return plan;
    }

    @Override
    public long store(long from) {
      return range.end();
    }

    @Override
    public void publish() {
      if (other != read) {
        other.convert(range.start(), range.end(), differs(), TreeState.SILENT);
      }
      read.convert(range.start(), range.end(), differs(), this);
      release();
    }

    @Override
    public void cancel() {
      release();
    }

    @Override
    public void mixed(long gfn, PageLevel level) {
      if (inOneSlot(gfn, level)) {
        transitions.becameMixed(gfn, level);
      }
    }

    @Override
    public void uniform(long gfn, PageLevel level) {
      if (inOneSlot(gfn, level)) {
        transitions.becameUniform(gfn, level, wanted);
      }
    }

    private boolean inOneSlot(long gfn, PageLevel level) {
      Memslot slot = slots.find(gfn);
      return slot != null && slot.holdsBlock(gfn, level);
    }
  }
}
