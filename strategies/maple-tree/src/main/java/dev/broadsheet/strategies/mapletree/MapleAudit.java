package dev.broadsheet.strategies.mapletree;

/** What must hold of a tree whenever nobody changes it. */
final class MapleAudit {
  private final MapleNodes nodes;
  private long counted;
  private long next;
  private long entryBefore = -1;

  MapleAudit(MapleNodes nodes) {
    this.nodes = nodes;
  }

  /**
   * Walks the whole tree.
   *
   * @throws IllegalStateException if a range is empty, neighbours are equal, a node is too empty,
   *     or nodes exist that the tree does not reach
   */
  void check(long top, int height) {
    check(top, height, MapleTree.LAST, true);
    if (counted != nodes.live()) {
      throw broken("%d nodes are reached, %d exist".formatted(counted, nodes.live()));
    }
  }

  private void check(long node, int height, long last, boolean top) {
    counted++;
    int count = nodes.count(node);
    int least = !top ? MapleRebuild.LEAST : height > 1 ? 2 : 1;
    if (count < least || count > MapleNodes.SLOTS) {
      throw broken("a node holds %d slots".formatted(count));
    }
    for (int slot = 0; slot < count; slot++) {
      long end = nodes.pivot(node, slot, last);
      if (end < next || end > last) {
        throw broken("a slot ends at 0x%x, it begins at 0x%x".formatted(end, next));
      }
      if (height > 1) {
        check(nodes.slot(node, slot), height - 1, end, false);
      } else {
        long entry = nodes.slot(node, slot);
        if (entry == entryBefore) {
          throw broken("equal neighbours at 0x%x: %x".formatted(next, entry));
        }
        entryBefore = entry;
        next = end + 1;
      }
    }
  }

  private static IllegalStateException broken(String what) {
    return new IllegalStateException("maple tree: " + what);
  }
}
