package dev.broadsheet.strategies.mapletree;

import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.api.memory.ObjectCache;

/**
 * The nodes of one tree: the words of a range node of the kernel's maple tree.
 *
 * <pre>{@code
 * word 0        number of slots in use (the kernel: parent pointer; the count stands in a spare slot)
 * word 1..15    pivots: the last index of slots 0..14
 * word 16..31   slots: entries in a leaf, handles of nodes above
 * }</pre>
 *
 * <p>A node is written by one thread before anybody can reach it. Afterwards a slot may be replaced
 * by one that covers the same indexes, and nothing else changes until the node is freed: what a
 * reader finds in a node belongs together.
 */
final class MapleNodes {
  static final int NODE_BYTES = 256;
  static final int SLOTS = 16;

  private static final int COUNT = 0;
  private static final int PIVOT = 1;
  private static final int SLOT = 16;

  private final ObjectCache cache;

  MapleNodes(KernelMemory memory) {
    this.cache = memory.cache("maple_node", NODE_BYTES);
  }

  /** Returns the number of nodes that belong to the tree, or are being made for it. */
  long live() {
    return cache.live();
  }

  /**
   * Takes an empty node; it is in no tree yet.
   *
   * @throws dev.broadsheet.api.memory.KernelOutOfMemoryException if there is no memory
   */
  long allocate() {
    return cache.allocate();
  }

  /** Gives back a node that no reader has seen. */
  void freeNow(long node) {
    cache.free(node);
  }

  /** Gives a node back; readers may stand in it until a grace period is over. */
  void free(long node) {
    cache.freeAfterGrace(node);
  }

  int count(long node) {
    return (int) cache.getPlain(node, COUNT);
  }

  void setCount(long node, int slots) {
    cache.setPlain(node, COUNT, slots);
  }

  /** Returns the last index of a slot, which must not be the last slot of 16. */
  long pivot(long node, int slot) {
    return cache.getPlain(node, PIVOT + slot);
  }

  /** Returns the last index of a slot in a node whose own last index is {@code last}. */
  long pivot(long node, int slot, long last) {
    return slot == count(node) - 1 ? last : pivot(node, slot);
  }

  /** Writes a slot of a node that is not reachable yet; the last of 16 has no place for a pivot. */
  void put(long node, int slot, long pivot, long content) {
    if (slot < SLOTS - 1) {
      cache.setPlain(node, PIVOT + slot, pivot);
    }
    cache.setPlain(node, SLOT + slot, content);
  }

  /** Loads a slot; acquires, so that the node behind it is seen whole. */
  long slot(long node, int slot) {
    return cache.get(node, SLOT + slot);
  }

  /** Replaces the content of a slot; releases. */
  void publish(long node, int slot, long content) {
    cache.set(node, SLOT + slot, content);
  }
}
