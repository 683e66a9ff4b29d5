package dev.broadsheet.core.mmu.tdp;

import dev.broadsheet.core.memory.OwnLines;
import dev.broadsheet.core.memory.Stripes;
import dev.broadsheet.core.mmu.spte.Spte;

/**
 * Walks a tree in pre-order from a root: the kernel's {@code tdp_iter}.
 *
 * <pre>{@code
 * for (it.start(tree, root, minLevel, first); it.isValid() && it.gfn() < end; it.next()) ...
 * }</pre>
 *
 * <p>{@link #spte} is a snapshot taken when the entry was reached; {@link #next} reads the entry
 * again before it goes down, so an entry that was zapped in between is not entered. {@link
 * #restart} begins again at the root, at the gfn that was to come next, after the lock was given
 * up. Gfns are plain; the tree's shared bit is added for indexing only.
 *
 * <p>One thread uses an iterator; it is reused, so nothing is allocated.
 */
public final class TdpIterator extends OwnLines {
  /** By level; what is above the levels keeps the next object off its lines. */
  private final long[] path = new long[6 + 2 * Stripes.WORDS];

  private TdpTree tree;
  private long root;
  private int minLevel;
  private long nextLastLevelGfn;
  private long yieldedGfn;
  private int level;
  private long gfn;
  private int index;
  private long spte;
  private boolean valid;

  /** Creates an iterator over nothing yet; any tree will do. */
  public TdpIterator(TdpTree tree) {
    this.tree = tree;
  }

  /** Stands at the root's entry for {@code first}. */
  public void start(TdpTree newTree, long newRoot, int newMinLevel, long first) {
    if (tree != newTree) { // to store a reference costs the garbage collector's barrier
      tree = newTree;
    }
    root = newRoot;
    minLevel = newMinLevel;
    nextLastLevelGfn = first;
    restart();
  }

  /** Begins again at the root, at the gfn that comes next. */
  void restart() {
    yieldedGfn = nextLastLevelGfn;
    level = tree.rootLevel();
    path[level] = root;
    place(nextLastLevelGfn);
    valid = true;
  }

  private void place(long at) {
    gfn = at & -(1L << (9 * (level - 1)));
    index = tree.index(at, level);
    spte = tree.get(path[level], index);
  }

  /** Goes on: down if the entry is a table, else to the side, else up and to the side. */
  public void next() {
    if (stepDown()) {
      return;
    }
    do {
      if (stepSide()) {
        return;
      }
    } while (stepUp());
    valid = false;
  }

  private boolean stepDown() {
    if (level == minLevel) {
      return false;
    }
    // Read again: the entry may have changed since the snapshot.
    spte = tree.get(path[level], index);
    if (!Spte.isTable(spte, level)) {
      return false;
    }
    long child = Spte.pfn(spte);
    level--;
    path[level] = child;
    place(nextLastLevelGfn);
    return true;
  }

  private boolean stepSide() {
    if (index == Spte.ENTRIES - 1) {
      return false;
    }
    gfn += 1L << (9 * (level - 1));
    nextLastLevelGfn = gfn;
    index++;
    spte = tree.get(path[level], index);
    return true;
  }

  private boolean stepUp() {
    if (level == tree.rootLevel()) {
      return false;
    }
    level++;
    place(gfn);
    return true;
  }

  /** Returns the gfn that comes next: where a walk goes on that gave the lock up. */
  long nextGfn() {
    return nextLastLevelGfn;
  }

  /** Returns whether the walk made progress since it last gave up the lock. */
  boolean progressed() {
    return nextLastLevelGfn != yieldedGfn;
  }

  /** Returns whether the iterator stands at an entry. */
  public boolean isValid() {
    return valid;
  }

  /** Returns the first gfn of the entry. */
  public long gfn() {
    return gfn;
  }

  /** Returns the level of the entry. */
  public int level() {
    return level;
  }

  /** Returns the entry as it was when it was reached, or last written through here. */
  public long spte() {
    return spte;
  }

  /** Returns the table that holds the entry. */
  public long table() {
    return path[level];
  }

  /** Returns the table of a level on the way here; valid from the current level up. */
  long table(int atLevel) {
    return path[atLevel];
  }

  /** Returns the entry's position in its table. */
  public int index() {
    return index;
  }

  /** Returns the tree. */
  public TdpTree tree() {
    return tree;
  }

  /** Takes a fresh snapshot. */
  public void refresh() {
    spte = tree.get(path[level], index);
  }

  void wrote(long now) {
    spte = now;
  }
}
