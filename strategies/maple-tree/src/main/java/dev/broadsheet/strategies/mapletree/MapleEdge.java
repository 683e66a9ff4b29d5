package dev.broadsheet.strategies.mapletree;

/**
 * The way from the top of a tree to one index: on each level a node, the range it covers, and the
 * slot that was taken. Belongs to the writer.
 */
final class MapleEdge {
  /** Enough for 2^41 entries in nodes that hold 6 each. */
  static final int MAX_HEIGHT = 16;

  private final MapleNodes nodes;
  private final long[] node = new long[MAX_HEIGHT];
  private final long[] first = new long[MAX_HEIGHT];
  private final long[] last = new long[MAX_HEIGHT];
  private final int[] slot = new int[MAX_HEIGHT];

  MapleEdge(MapleNodes nodes) {
    this.nodes = nodes;
  }

  /** Goes from {@code top}, level 0, down to the leaf that holds {@code index}. */
  void descend(long top, int height, long index) {
    node[0] = top;
    first[0] = 0;
    last[0] = MapleTree.LAST;
    for (int level = 0; ; level++) {
      int taken = 0;
      while (taken < nodes.count(node[level]) - 1 && nodes.pivot(node[level], taken) < index) {
        taken++;
      }
      slot[level] = taken;
      if (level == height - 1) {
        return;
      }
      enter(level);
    }
  }

  private void enter(int level) {
    node[level + 1] = nodes.slot(node[level], slot[level]);
    first[level + 1] = slotFirst(level);
    last[level + 1] = slotLast(level);
  }

  long node(int level) {
    return node[level];
  }

  int slot(int level) {
    return slot[level];
  }

  /** Returns the last index of the node on {@code level}. */
  long last(int level) {
    return last[level];
  }

  /** Returns the first index of the node on {@code level}. */
  long first(int level) {
    return first[level];
  }

  /** Returns the first index of the slot that was taken on {@code level}. */
  long slotFirst(int level) {
    return slot[level] == 0 ? first[level] : nodes.pivot(node[level], slot[level] - 1) + 1;
  }

  /** Returns the last index of the slot that was taken on {@code level}. */
  long slotLast(int level) {
    return nodes.pivot(node[level], slot[level], last[level]);
  }

  /** Returns the level above {@code level} on which a way to the next node turns off, or -1. */
  int turnAhead(int level) {
    int up = level - 1;
    while (up >= 0 && slot[up] == nodes.count(node[up]) - 1) {
      up--;
    }
    return up;
  }

  /** Moves to the next node on {@code level}; what stood below is stale then. */
  void advance(int level, int turn) {
    slot[turn]++;
    for (int up = turn; up < level; up++) {
      enter(up);
      slot[up + 1] = 0;
    }
  }

  /** Returns the level above {@code level} on which a way to the node before turns off, or -1. */
  int turnBack(int level) {
    int up = level - 1;
    while (up >= 0 && slot[up] == 0) {
      up--;
    }
    return up;
  }

  /** Moves to the node before on {@code level}; what stood below is stale then. */
  void retreat(int level, int turn) {
    slot[turn]--;
    for (int up = turn; up < level; up++) {
      enter(up);
      slot[up + 1] = nodes.count(node[up + 1]) - 1;
    }
  }
}
