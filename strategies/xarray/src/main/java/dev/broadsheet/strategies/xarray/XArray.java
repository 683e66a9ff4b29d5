package dev.broadsheet.strategies.xarray;

import static dev.broadsheet.strategies.xarray.XaEntry.NULL;
import static dev.broadsheet.strategies.xarray.XaEntry.ZERO;
import static dev.broadsheet.strategies.xarray.XaNodes.CHUNK_SHIFT;
import static dev.broadsheet.strategies.xarray.XaNodes.MASK;
import static dev.broadsheet.strategies.xarray.XaNodes.SLOTS;

import dev.broadsheet.api.memory.ElementWidth;
import dev.broadsheet.api.memory.KernelArray;
import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;

/**
 * A radix tree of 64-slot nodes from indexes to values: {@code struct xarray}. See the package page
 * for its shape.
 *
 * <p>{@link #load} is lockless and safe at any time inside an RCU read section; everything else
 * belongs to one thread at a time. Pages are stored in two steps: {@link #reserve} takes all
 * memory, {@link #store} cannot fail. Ranges likewise: {@link #openRange}, {@link #storeRange}.
 */
public final class XArray {
  /** Size of a node, as in Linux on x86-64. */
  public static final int NODE_BYTES = XaNodes.NODE_BYTES;

  private static final int HEAD = 0;

  /** A reader stood on a slot that changed its kind under it. Never stored. */
  private static final long RETRY = -2;

  /** Indexes below one node above the leaves, as a shift. */
  private static final int NEAR_SHIFT = 2 * CHUNK_SHIFT;

  /** How many consecutive indexes one node above the leaves holds. */
  public static final long NEAR = 1L << NEAR_SHIFT;

  private static final long NOWHERE = -1;
  private static final long NOTHING = 0;
  private static final long ELSEWHERE = -1;

  private final KernelArray head;
  private final XaNodes nodes;
  private final XaRanges ranges;

  /** Where the search that found no leaf may go on. */
  private long skipTo;

  /** As {@link #nodeAboveLeaf} answered for {@link #nearPlace}, an index without its low bits. */
  private long nearNode;

  private long nearPlace = NOWHERE;

  /**
   * Creates an empty array.
   *
   * @throws KernelOutOfMemoryException if there is no memory for its 16 bytes
   */
  public XArray(KernelMemory memory) {
    this.head = memory.array("xa_head", ElementWidth.U64, 2);
    this.nodes = new XaNodes(memory);
    this.ranges = new XaRanges(this, nodes);
  }

  /** Returns the value entry at an index, or {@link XaEntry#NULL}. */
  public long load(long index) {
    while (true) {
      long entry = head.get(HEAD);
      if (!XaEntry.isNode(entry)) {
        return index == 0 && XaEntry.isValue(entry) ? entry : NULL;
      }
      entry = descend(XaEntry.handle(entry), index);
      if (!XaEntry.isInternal(entry)) {
        return entry;
      }
      if (entry != RETRY) {
        return NULL;
      }
    }
  }

  /**
   * Walks down as the kernel does, which reads the shift of every node. Here nobody waits for that
   * load: the shift is known, so the slot is loaded at the same time, and what was read is compared
   * afterwards. Look-ups at random in a tree of 16 million pages take half the time for it.
   */
  private long descend(long top, long index) {
    long node = top;
    int shift = nodes.shift(node);
    if (index >>> shift > MASK) {
      return NULL;
    }
    long entry = nodes.slot(node, (int) (index >>> shift) & MASK);
    while (XaEntry.isNode(entry)) {
      node = XaEntry.handle(entry);
      shift -= CHUNK_SHIFT;
      entry = nodes.slot(node, (int) (index >>> shift) & MASK);
      if (nodes.shift(node) != shift) {
        return RETRY;
      }
    }
    return XaEntry.isSibling(entry) ? sibling(node, entry) : entry;
  }

  /**
   * As {@link #load}, for whoever keeps the array from changing, and for indexes that lie near each
   * other: goes on from the node above the leaves where the last one was found, as {@code
   * xas_next()} does, rather than from the head. {@link #startNear} begins.
   */
  public long loadNear(long index) {
    if (index >>> NEAR_SHIFT != nearPlace) {
      nearPlace = index >>> NEAR_SHIFT;
      nearNode = nodeAboveLeaf(index);
    }
    if (nearNode == NOTHING) {
      return NULL;
    }
    return nearNode == ELSEWHERE ? load(index) : loadBelow(nearNode, index);
  }

  /**
   * Returns whether each {@code stride}-th index of {@code [from, to)} has this value entry or
   * {@link XaEntry#NULL}; for whoever keeps the array from changing.
   *
   * @param from first of indexes that all lie in one aligned group of {@link #NEAR}
   */
  public boolean have(long from, long to, long stride, long entry) {
    assert from >>> NEAR_SHIFT == (to - 1) >>> NEAR_SHIFT
        : "0x%x to 0x%x is not below one node".formatted(from, to);
    long node = nodeAboveLeaf(from);
    if (node == NOTHING) {
      return entry == NULL;
    }
    long index = from;
    while (index < to && entry == (node == ELSEWHERE ? load(index) : loadBelow(node, index))) {
      index += stride;
    }
    return index >= to;
  }

  private long loadBelow(long nodeAboveLeaf, long index) {
    long above = nodes.slotPlain(nodeAboveLeaf, (int) (index >>> CHUNK_SHIFT) & MASK);
    if (!XaEntry.isNode(above)) {
      return above == NULL ? NULL : load(index);
    }
    long entry = nodes.slotPlain(XaEntry.handle(above), (int) index & MASK);
    if (XaEntry.isSibling(entry)) {
      return load(index);
    }
    return XaEntry.isValue(entry) ? entry : NULL;
  }

  /** Forgets where {@link #loadNear} stood. */
  public void startNear() {
    nearPlace = NOWHERE;
  }

  /**
   * Returns the node above the leaf of an index; {@link #NOTHING} if no index near it has an entry,
   * {@link #ELSEWHERE} if one entry stands for all of them or the tree is not so high.
   */
  private long nodeAboveLeaf(long index) {
    long entry = head.getPlain(HEAD);
    if (!XaEntry.isNode(entry)) {
      return entry == NULL ? NOTHING : ELSEWHERE;
    }
    long node = XaEntry.handle(entry);
    int shift = nodes.shift(node);
    if (index >>> shift > MASK) {
      return shift < CHUNK_SHIFT ? ELSEWHERE : NOTHING;
    }
    while (shift > CHUNK_SHIFT) {
      entry = nodes.slotPlain(node, (int) (index >>> shift) & MASK);
      if (!XaEntry.isNode(entry)) {
        return entry == NULL ? NOTHING : ELSEWHERE;
      }
      node = XaEntry.handle(entry);
      shift -= CHUNK_SHIFT;
    }
    return shift == CHUNK_SHIFT ? node : ELSEWHERE;
  }

  private long sibling(long node, long sibling) {
    long entry = nodes.slot(node, XaEntry.slotOf(sibling));
    return XaEntry.isValue(entry) || entry == NULL ? entry : RETRY;
  }

  /**
   * Returns the first index of {@code [from, to)} that has a value, or {@code to}. What {@code
   * xa_for_each_range} visits first: reserved and missing indexes are passed by in silence.
   */
  public long nextPresent(long from, long to) {
    return next(from, to, /* present= */ true);
  }

  /** Returns the first index of {@code [from, to)} that has no value, or {@code to}. */
  public long nextAbsent(long from, long to) {
    return next(from, to, /* present= */ false);
  }

  private long next(long from, long to, boolean present) {
    long next = from;
    while (next < to) {
      long entry = head.get(HEAD);
      if (!XaEntry.isNode(entry)) {
        boolean found = next == 0 && XaEntry.isValue(entry);
        if (found == present) {
          return next;
        }
        next = found ? 1 : to; // behind index 0 there is nothing
        continue;
      }
      long node = XaEntry.handle(entry);
      int shift = nodes.shift(node);
      if (next >>> shift > MASK) {
        return present ? to : next;
      }
      int slot = (int) (next >>> shift) & MASK;
      entry = nodes.slot(node, slot);
      while (XaEntry.isNode(entry)) {
        node = XaEntry.handle(entry);
        shift -= CHUNK_SHIFT;
        slot = (int) (next >>> shift) & MASK;
        entry = nodes.slot(node, slot);
      }
      if (XaEntry.isPresent(entry) == present) {
        return next;
      }
      int stop = nodes.mismatch(node, slot, SLOTS, entry);
      next = ((next >>> shift) + (stop - slot)) << shift;
    }
    return to;
  }

  /**
   * Makes sure that every index of {@code [from, to)} has a slot: puts the zero entry where nothing
   * is.
   *
   * @throws KernelOutOfMemoryException if there is no memory; the array is as before. (Linux leaves
   *     what it has reserved so far in place.)
   */
  public void reserve(long from, long to) {
    long next = from;
    try {
      while (next < to) {
        if (next == 0 && XaEntry.isValue(head.getPlain(HEAD))) {
          next = 1; // the value in the head has its place already
          continue;
        }
        long leaf = createLeaf(next);
        int slot = (int) next & MASK;
        int end = (int) Math.min(SLOTS, slot + (to - next));
        reserveIn(leaf, slot, end);
        next += end - slot;
      }
    } catch (KernelOutOfMemoryException e) {
      release(from, next);
      throw e;
    }
  }

  private void reserveIn(long leaf, int from, int to) {
    int added = 0;
    if (nodes.mismatch(leaf, from, to, NULL) == to) {
      nodes.fill(leaf, from, to, ZERO);
      added = to - from;
    } else {
      for (int slot = from; slot < to; slot++) {
        if (nodes.slotPlain(leaf, slot) == NULL) {
          nodes.setSlot(leaf, slot, ZERO);
          added++;
        }
      }
    }
    if (added > 0) {
      nodes.addCounts(leaf, added, 0);
    }
  }

  /** Takes back what {@link #reserve} put into {@code [from, to)} and was not stored over. */
  public void release(long from, long to) {
    long next = from;
    while (next < to && XaEntry.isNode(head.getPlain(HEAD))) {
      long leaf = findLeaf(next);
      if (leaf == 0) {
        next = skipTo;
        continue;
      }
      int slot = (int) next & MASK;
      int end = (int) Math.min(SLOTS, slot + (to - next));
      int removed = 0;
      for (int i = slot; i < end; i++) {
        if (nodes.slotPlain(leaf, i) == ZERO) {
          nodes.setSlot(leaf, i, NULL);
          removed++;
        }
      }
      if (removed > 0) {
        nodes.addCounts(leaf, -removed, 0);
        deleteEmpty(leaf);
      }
      next += end - slot;
    }
  }

  /**
   * Stores a value entry in every index of {@code [from, to)}, all of which are reserved or have a
   * value; or erases them with {@link XaEntry#NULL}.
   */
  public void store(long from, long to, long entry) {
    long next = from;
    while (next < to) {
      long top = head.getPlain(HEAD);
      if (!XaEntry.isNode(top)) {
        if (next > 0 || top == NULL) {
          requireErasing(next, entry);
          return;
        }
        head.set(HEAD, entry);
        next = 1;
        continue;
      }
      long leaf = findLeaf(next);
      if (leaf == 0) {
        requireErasing(next, entry);
        next = skipTo;
        continue;
      }
      int slot = (int) next & MASK;
      int end = (int) Math.min(SLOTS, slot + (to - next));
      if (entry == NULL) {
        eraseIn(leaf, slot, end);
      } else {
        storeIn(leaf, slot, end, entry);
      }
      next += end - slot;
    }
  }

  private static void requireErasing(long index, long entry) {
    if (entry != NULL) {
      throw new IllegalStateException(
          "store at 0x%x without a place for it; reserve it first".formatted(index));
    }
  }

  private void storeIn(long leaf, int from, int to, long entry) {
    if (nodes.mismatch(leaf, from, to, ZERO) == to) {
      nodes.fill(leaf, from, to, entry);
      nodes.addCounts(leaf, 0, to - from);
      return;
    }
    int values = 0;
    for (int slot = from; slot < to; slot++) {
      long old = nodes.slotPlain(leaf, slot);
      if (old == NULL) {
        requireErasing(slot, entry);
      }
      if (old != entry) {
        values += XaEntry.isValue(old) ? 0 : 1;
        nodes.setSlot(leaf, slot, entry);
      }
    }
    nodes.addCounts(leaf, 0, values);
  }

  private void eraseIn(long leaf, int from, int to) {
    int entries = 0;
    int values = 0;
    if (to - from == SLOTS) {
      entries = nodes.count(leaf);
      values = nodes.values(leaf);
      nodes.fill(leaf, from, to, NULL);
    } else {
      for (int slot = from; slot < to; slot++) {
        long old = nodes.slotPlain(leaf, slot);
        if (old != NULL) {
          entries++;
          values += XaEntry.isValue(old) ? 1 : 0;
          nodes.setSlot(leaf, slot, NULL);
        }
      }
    }
    if (entries > 0) {
      nodes.addCounts(leaf, -entries, -values);
      deleteEmpty(leaf);
    }
  }

  /**
   * Prepares {@link #storeRange}: makes the nodes that the two ends of the range need and splits
   * the entries that they cut. Changes no answer.
   *
   * @throws KernelOutOfMemoryException if there is no memory; the array is as before
   */
  public void openRange(long from, long to, long entry) {
    ranges.open(from, to, entry);
  }

  /** Takes back what {@link #openRange} did. */
  public void closeRange(long from, long to) {
    ranges.close(from, to);
  }

  /**
   * Stores a value, or nothing, in all of {@code [from, to)} with as few entries as fit: each run
   * of whole slots of one node becomes one multi-index entry. The ends were opened for this entry.
   */
  public void storeRange(long from, long to, long entry) {
    ranges.store(from, to, entry);
  }

  /** Returns the number of nodes that belong to the tree. */
  public long nodes() {
    return nodes.live();
  }

  /** Returns the most nodes since {@link #restartPeak}. */
  public long peakNodes() {
    return nodes.peak();
  }

  /** Lets {@link #peakNodes} begin anew from what is there now. */
  public void restartPeak() {
    nodes.restartPeak();
  }

  /** Returns what the head holds: 0 nothing, 1 a value, 2 a node. */
  public int headKind() {
    long entry = head.get(HEAD);
    return entry == NULL ? 0 : XaEntry.isNode(entry) ? 2 : 1;
  }

  /** Frees everything at once; nothing may be called afterwards. */
  public void free() {
    long entry = head.getPlain(HEAD);
    if (XaEntry.isNode(entry)) {
      freeTree(XaEntry.handle(entry));
    }
    head.free();
  }

  private void freeTree(long node) {
    for (int slot = 0; slot < SLOTS; slot++) {
      long entry = nodes.slotPlain(node, slot);
      if (XaEntry.isNode(entry)) {
        freeTree(XaEntry.handle(entry));
      }
    }
    nodes.freeNow(node);
  }

  /**
   * Recounts everything.
   *
   * @return the number of reserved places
   * @throws IllegalStateException if a count, a link or a sibling is wrong, or a node is empty
   */
  public long audit() {
    return new XaAudit(nodes).run(head.get(HEAD));
  }

  long head() {
    return head.getPlain(HEAD);
  }

  void setHead(long entry) {
    head.set(HEAD, entry);
  }

  /** Returns the leaf that has the index, or 0 with {@link #skipTo} behind what is missing. */
  private long findLeaf(long index) {
    long node = XaEntry.handle(head.getPlain(HEAD));
    int shift = nodes.shift(node);
    if (index >>> shift > MASK) {
      skipTo = Long.MAX_VALUE;
      return 0;
    }
    while (shift > 0) {
      long entry = nodes.slotPlain(node, (int) (index >>> shift) & MASK);
      if (!XaEntry.isNode(entry)) {
        requireNothing(index, entry);
        skipTo = ((index >>> shift) + 1) << shift;
        return 0;
      }
      node = XaEntry.handle(entry);
      shift -= CHUNK_SHIFT;
    }
    return node;
  }

  private static void requireNothing(long index, long entry) {
    if (entry != NULL) {
      throw new IllegalStateException(
          "0x%x lies in an entry of many indexes; store ranges there".formatted(index));
    }
  }

  /** Returns the leaf that has the index, making what is missing. */
  private long createLeaf(long index) {
    long node = 0;
    try {
      node = expand(shiftFor(index));
      int shift = nodes.shift(node);
      while (shift > 0) {
        int slot = (int) (index >>> shift) & MASK;
        long entry = nodes.slotPlain(node, slot);
        shift -= CHUNK_SHIFT;
        if (XaEntry.isNode(entry)) {
          node = XaEntry.handle(entry);
        } else {
          requireNothing(index, entry);
          node = addChild(node, slot, shift);
        }
      }
      return node;
    } catch (KernelOutOfMemoryException e) {
      if (node != 0) {
        deleteEmpty(node);
      } else {
        shrink();
      }
      throw e;
    }
  }

  private long addChild(long node, int slot, int shift) {
    long child = nodes.allocate(shift, node, slot);
    nodes.addCounts(node, 1, 0);
    nodes.setSlot(node, slot, XaEntry.node(child));
    return child;
  }

  private static int shiftFor(long index) {
    int shift = 0;
    while (index >>> shift > MASK) {
      shift += CHUNK_SHIFT;
    }
    return shift;
  }

  /** Returns a top of at least this shift, growing the tree upwards. */
  long expand(int shift) {
    long entry = head.getPlain(HEAD);
    if (entry == NULL) {
      long top = nodes.allocate(shift, 0, 0);
      head.set(HEAD, XaEntry.node(top));
      return top;
    }
    long top;
    if (XaEntry.isNode(entry)) {
      top = XaEntry.handle(entry);
    } else {
      top = nodes.allocate(0, 0, 0);
      nodes.addCounts(top, 1, 1);
      nodes.setSlot(top, 0, entry);
      head.set(HEAD, XaEntry.node(top));
    }
    while (nodes.shift(top) < shift) {
      long above = nodes.allocate(nodes.shift(top) + CHUNK_SHIFT, 0, 0);
      nodes.addCounts(above, 1, 0);
      nodes.setSlot(above, 0, XaEntry.node(top));
      nodes.setParent(top, above);
      head.set(HEAD, XaEntry.node(above));
      top = above;
    }
    return top;
  }

  /** Deletes a node if it is empty, and those above that become so; then shrinks the tree. */
  void deleteEmpty(long node) {
    long at = node;
    while (nodes.count(at) == 0) {
      long parent = nodes.parent(at);
      if (parent == 0) {
        head.set(HEAD, NULL);
        nodes.free(at);
        return;
      }
      nodes.setSlot(parent, nodes.offset(at), NULL);
      nodes.addCounts(parent, -1, 0);
      nodes.free(at);
      at = parent;
    }
    if (nodes.parent(at) == 0) {
      shrink();
    }
  }

  /** Drops the top while it has nothing but its first slot, and that can stand for it. */
  void shrink() {
    while (XaEntry.isNode(head.getPlain(HEAD))) {
      long top = XaEntry.handle(head.getPlain(HEAD));
      long first = nodes.slotPlain(top, 0);
      if (nodes.count(top) != 1 || first == NULL || first == ZERO) {
        return;
      }
      if (XaEntry.isNode(first)) {
        nodes.setParent(XaEntry.handle(first), 0);
      } else if (nodes.shift(top) > 0) {
        return; // an entry of many indexes cannot live in the head
      }
      head.set(HEAD, first);
      nodes.free(top);
    }
  }
}
