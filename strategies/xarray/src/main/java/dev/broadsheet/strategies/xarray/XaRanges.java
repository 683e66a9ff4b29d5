package dev.broadsheet.strategies.xarray;

import static dev.broadsheet.strategies.xarray.XaEntry.NULL;
import static dev.broadsheet.strategies.xarray.XaNodes.CHUNK_SHIFT;
import static dev.broadsheet.strategies.xarray.XaNodes.MASK;
import static dev.broadsheet.strategies.xarray.XaNodes.SLOTS;

import dev.broadsheet.api.memory.KernelOutOfMemoryException;

/**
 * Entries of many indexes: as {@code xa_store_range} lays them out, and as {@code xas_split} cuts
 * them.
 *
 * <p>A range is stored at the highest level at which whole slots fit: a run of slots of one node is
 * one entry, its first slot with the value and the others siblings. A run of all 64 slots goes into
 * one slot of the level above. Nothing is put together again later: neighbours of the same value
 * stay as they were stored, as in the kernel.
 *
 * <p>Every step leaves each index with its old or its new value, for readers look on.
 */
final class XaRanges {
  private final XArray array;
  private final XaNodes nodes;

  XaRanges(XArray array, XaNodes nodes) {
    this.array = array;
    this.nodes = nodes;
  }

  void open(long from, long to, long entry) {
    try {
      if (entry != NULL) {
        if (fitsInHead(from, to)) {
          return;
        }
        array.expand(shiftFor(from, to));
      }
      openEdge(from, entry);
      openEdge(to, entry);
    } catch (KernelOutOfMemoryException e) {
      close(from, to);
      throw e;
    }
  }

  /** A single value at index 0 of an array without nodes. */
  private boolean fitsInHead(long from, long to) {
    return from == 0 && to == 1 && !XaEntry.isNode(array.head());
  }

  /** Returns the least shift of a top in which the range is a part of the slots. */
  private static int shiftFor(long from, long to) {
    int shift = 0;
    while ((to - 1) >>> shift > MASK || (from == 0 && to == (long) SLOTS << shift)) {
      shift += CHUNK_SHIFT;
    }
    return shift;
  }

  /**
   * Makes nodes down to where {@code edge} is the border of a slot, unless nothing changes there.
   */
  private void openEdge(long edge, long entry) {
    if (!XaEntry.isNode(array.head())) {
      return;
    }
    long node = XaEntry.handle(array.head());
    int shift = nodes.shift(node);
    if (edge >>> shift > MASK) {
      return;
    }
    while ((edge & ((1L << shift) - 1)) != 0) {
      int slot = (int) (edge >>> shift) & MASK;
      long old = nodes.slotPlain(node, slot);
      if (XaEntry.isNode(old)) {
        node = XaEntry.handle(old);
      } else {
        long value = resolve(node, old);
        if (value == entry) {
          return;
        }
        node = split(node, slot, value);
      }
      shift -= CHUNK_SHIFT;
    }
  }

  private long resolve(long node, long entry) {
    return XaEntry.isSibling(entry) ? nodes.slotPlain(node, XaEntry.slotOf(entry)) : entry;
  }

  /** Puts a node in the place of one slot; it says for all its indexes what the slot said. */
  private long split(long node, int slot, long value) {
    long child = nodes.allocate(nodes.shift(node) - CHUNK_SHIFT, node, slot);
    if (value == NULL) {
      nodes.addCounts(node, 1, 0);
    } else {
      nodes.setSlot(child, 0, value);
      nodes.fill(child, 1, SLOTS, XaEntry.sibling(0));
      nodes.addCounts(child, SLOTS, SLOTS);
      beginEntryAt(node, slot + 1);
      nodes.addCounts(node, 0, -1);
    }
    nodes.setSlot(node, slot, XaEntry.node(child));
    return child;
  }

  /** If a slot is a sibling, makes it the first of an entry of its own, with those behind it. */
  private void beginEntryAt(long node, int slot) {
    if (slot == SLOTS) {
      return;
    }
    long sibling = nodes.slotPlain(node, slot);
    if (!XaEntry.isSibling(sibling)) {
      return;
    }
    nodes.setSlot(node, slot, resolve(node, sibling));
    for (int i = slot + 1; i < SLOTS && nodes.slotPlain(node, i) == sibling; i++) {
      nodes.setSlot(node, i, XaEntry.sibling(slot));
    }
  }

  void close(long from, long to) {
    closeEdge(from);
    closeEdge(to);
    array.shrink();
  }

  /** Folds nodes on the way to {@code edge} that hold nothing, or one value from end to end. */
  private void closeEdge(long edge) {
    if (!XaEntry.isNode(array.head())) {
      return;
    }
    long node = XaEntry.handle(array.head());
    int shift = nodes.shift(node);
    if (edge >>> shift <= MASK) {
      long entry = nodes.slotPlain(node, (int) (edge >>> shift) & MASK);
      while (XaEntry.isNode(entry)) {
        node = XaEntry.handle(entry);
        shift -= CHUNK_SHIFT;
        entry = nodes.slotPlain(node, (int) (edge >>> shift) & MASK);
      }
    }
    while (nodes.parent(node) != 0 && isOneValue(node)) {
      long parent = nodes.parent(node);
      nodes.setSlot(parent, nodes.offset(node), nodes.slotPlain(node, 0));
      nodes.addCounts(parent, 0, 1);
      nodes.free(node);
      node = parent;
    }
    array.deleteEmpty(node);
  }

  /** The entry of a node that was split is in pieces, which the edges below it have cut. */
  private boolean isOneValue(long node) {
    long value = nodes.slotPlain(node, 0);
    int slot = 1;
    while (slot < SLOTS && resolve(node, nodes.slotPlain(node, slot)) == value) {
      slot++;
    }
    return slot == SLOTS && XaEntry.isValue(value);
  }

  void store(long from, long to, long entry) {
    long head = array.head();
    if (!XaEntry.isNode(head)) {
      if (from == 0) {
        array.setHead(entry);
      }
      return;
    }
    long top = XaEntry.handle(head);
    long span = (long) SLOTS << nodes.shift(top);
    if (from < span) {
      storeIn(top, 0, from, Math.min(to, span), entry);
      array.deleteEmpty(top);
    }
  }

  /** Stores in the part {@code [from, to)} of a node whose first index is {@code base}. */
  private void storeIn(long node, long base, long from, long to, long entry) {
    int shift = nodes.shift(node);
    long width = 1L << shift;
    int slot = (int) ((from - base) >>> shift);
    while (base + slot * width < to) {
      long start = base + slot * width;
      if (from <= start && start + width <= to) {
        int end = (int) ((to - base) >>> shift);
        storeSlots(node, slot, end, entry);
        slot = end;
      } else {
        long old = nodes.slotPlain(node, slot);
        if (XaEntry.isNode(old)) {
          long child = XaEntry.handle(old);
          storeIn(child, start, Math.max(from, start), Math.min(to, start + width), entry);
          if (nodes.count(child) == 0) {
            nodes.setSlot(node, slot, NULL);
            nodes.addCounts(node, -1, 0);
            nodes.free(child);
          }
        } else if (resolve(node, old) != entry) {
          throw new IllegalStateException(
              "range [0x%x, 0x%x) was not opened for this entry".formatted(from, to));
        }
        slot++;
      }
    }
  }

  /** Makes the slots {@code [from, to)} one entry, or empties them. */
  private void storeSlots(long node, int from, int to, long entry) {
    beginEntryAt(node, to);
    int entries = 0;
    int values = 0;
    for (int slot = from; slot < to; slot++) {
      long old = nodes.slotPlain(node, slot);
      long replaced = entry == NULL || slot == from ? entry : XaEntry.sibling(from);
      nodes.setSlot(node, slot, replaced);
      entries += (replaced == NULL ? 0 : 1) - (old == NULL ? 0 : 1);
      values += (replaced == NULL ? 0 : 1) - (XaEntry.isPresent(old) ? 1 : 0);
      if (XaEntry.isNode(old)) {
        freeBelow(XaEntry.handle(old));
      }
    }
    nodes.addCounts(node, entries, values);
  }

  private void freeBelow(long node) {
    for (int slot = 0; slot < SLOTS; slot++) {
      long entry = nodes.slotPlain(node, slot);
      if (XaEntry.isNode(entry)) {
        freeBelow(XaEntry.handle(entry));
      }
    }
    nodes.free(node);
  }
}
