package dev.broadsheet.strategies.mapletree;

import dev.broadsheet.api.memory.KernelOutOfMemoryException;

/**
 * One store of a range, from the first allocation to the last free. Belongs to the writer; one at a
 * time.
 *
 * <p><b>How.</b> {@link #build} makes, from the leaves upwards, all nodes that replace those which
 * the range cuts; nobody can reach them. {@link #publish} puts them in place by a single store,
 * into the lowest slot that covers all of them or into the head, and frees what they replace after
 * a grace period. A reader therefore sees the whole range as before or the whole range as after.
 *
 * <p><b>How full nodes get.</b> The slots of a level are divided evenly over as few nodes as hold
 * them. Fewer than {@link #LEAST} take in the next node. One too many go to the node before, if
 * that has room: it is filled but for two places, what one more store may need. So a guest that
 * converts upwards leaves full nodes behind.
 */
final class MapleRebuild {
  /** Fewest slots of a node that has a neighbour. */
  static final int LEAST = 6;

  /** How far a node is filled by what does not fit into its neighbour. */
  private static final int PACKED = MapleNodes.SLOTS - 2;

  /** A level makes at most three nodes out of what it replaces. */
  private static final int MADE = 3;

  /** Two ends, a neighbour, and two that an end has left behind on its way to a neighbour. */
  private static final int REPLACED = 5;

  private final MapleTree tree;
  private final MapleNodes nodes;
  private final MapleEdge left;
  private final MapleEdge right;
  private final MapleItems items;

  private final long[] made = new long[MADE];
  private final long[] madeLast = new long[MADE];
  private int madeCount;

  /** Whether the first node of the level under way is filled up to {@link #PACKED}. */
  private boolean packed;

  /** All nodes made by {@link #build}, and the nodes they replace. */
  private final long[] fresh = new long[MADE * MapleEdge.MAX_HEIGHT + 1];

  private int freshCount;
  private final long[] replaced = new long[REPLACED * MapleEdge.MAX_HEIGHT];
  private int replacedCount;

  private long first;
  private long last;

  /** Where the new nodes go: a slot of {@code above}, or the head if that is 0. */
  private long above;

  private int aboveSlot;
  private long top;
  private int topHeight;

  /** The highest node that goes, and what it covers. */
  private long oldTop;

  private int oldLevel;
  private long oldLast;

  MapleRebuild(MapleTree tree, MapleNodes nodes) {
    this.tree = tree;
    this.nodes = nodes;
    this.left = new MapleEdge(nodes);
    this.right = new MapleEdge(nodes);
    this.items = new MapleItems(nodes);
  }

  /**
   * Makes what {@link #publish} will put in place.
   *
   * @param from first index of the range
   * @param to its last index
   * @throws KernelOutOfMemoryException if there is no memory; nothing has changed then
   */
  void build(long from, long to, long entry) {
    freshCount = 0;
    replacedCount = 0;
    try {
      buildLevels(from, to, entry);
    } catch (KernelOutOfMemoryException e) {
      cancel();
      throw e;
    }
  }

  private void buildLevels(long from, long to, long entry) {
    int height = tree.height();
    int leaf = height - 1;
    left.descend(tree.top(), height, from);
    right.descend(tree.top(), height, to);
    grow(leaf, entry, from, to);
    leafItems(leaf, from, entry);
    for (int level = leaf; ; level--) {
      noteReplaced(level);
      packed = false;
      boolean alone = level == 0 || !fill(level);
      if (alone && level < leaf && items.count() == 1) {
        goesToHead(items.content(0), height - 1 - level, level);
        return;
      }
      divide();
      if (level == 0) {
        goesToHead(madeCount == 1 ? made[0] : newTop(), madeCount == 1 ? height : height + 1, 0);
        return;
      }
      if (madeCount == 1 && left.slot(level - 1) == right.slot(level - 1) && sameNode(level - 1)) {
        above = left.node(level - 1);
        aboveSlot = left.slot(level - 1);
        top = made[0];
        old(level);
        return;
      }
      itemsAbove(level - 1);
    }
  }

  /** Widens the range over neighbours that hold the same entry already. */
  private void grow(int leaf, long entry, long from, long to) {
    first = from;
    last = to;
    if (left.slotFirst(leaf) < from) {
      first = slotOf(left, leaf) == entry ? left.slotFirst(leaf) : from;
    } else if (from > 0 && tree.load(from - 1) == entry) {
      left.descend(tree.top(), tree.height(), from - 1);
      first = left.slotFirst(leaf);
    }
    if (right.slotLast(leaf) > to) {
      last = slotOf(right, leaf) == entry ? right.slotLast(leaf) : to;
    } else if (to < MapleTree.LAST && tree.load(to + 1) == entry) {
      right.descend(tree.top(), tree.height(), to + 1);
      last = right.slotLast(leaf);
    }
  }

  private long slotOf(MapleEdge edge, int level) {
    return nodes.slot(edge.node(level), edge.slot(level));
  }

  private boolean sameNode(int level) {
    return left.node(level) == right.node(level);
  }

  private void leafItems(int leaf, long from, long entry) {
    items.clear();
    items.add(left.node(leaf), 0, left.slot(leaf), left.last(leaf));
    if (left.slotFirst(leaf) < first) {
      items.add(from - 1, slotOf(left, leaf));
    }
    items.add(last, entry);
    if (right.slotLast(leaf) > last) {
      items.add(right.slotLast(leaf), slotOf(right, leaf));
    }
    addBehind(leaf);
  }

  private void itemsAbove(int level) {
    items.clear();
    items.add(left.node(level), 0, left.slot(level), left.last(level));
    for (int i = 0; i < madeCount; i++) {
      items.add(madeLast[i], made[i]);
    }
    addBehind(level);
  }

  private void addBehind(int level) {
    long node = right.node(level);
    items.add(node, right.slot(level) + 1, nodes.count(node), right.last(level));
  }

  /**
   * Takes in a neighbour where there is too little, or where what is too much finds room in it.
   *
   * @return whether the level has nodes beside those that are replaced
   */
  private boolean fill(int level) {
    if (items.count() < LEAST) {
      return takeBehind(level) || takeBefore(level);
    }
    int over = items.count() - MapleNodes.SLOTS;
    if (over > 0
        && over <= 2
        && left.slot(level - 1) > 0
        && nodes.count(before(level)) + over <= PACKED) {
      packed = takeBefore(level);
    }
    return true;
  }

  private boolean takeBehind(int level) {
    int turn = right.turnAhead(level);
    if (turn < 0) {
      return false;
    }
    noteLeftBehind(right, left, turn, level);
    right.advance(level, turn);
    items.add(right.node(level), 0, nodes.count(right.node(level)), right.last(level));
    note(right.node(level));
    return true;
  }

  private long before(int level) {
    return nodes.slot(left.node(level - 1), left.slot(level - 1) - 1);
  }

  private boolean takeBefore(int level) {
    int turn = left.turnBack(level);
    if (turn < 0) {
      return false;
    }
    noteLeftBehind(left, right, turn, level);
    left.retreat(level, turn);
    items.prepend(left.node(level), left.last(level));
    note(left.node(level));
    return true;
  }

  /** An end that goes to a neighbour below {@code turn} has used up the nodes it came through. */
  private void noteLeftBehind(MapleEdge moving, MapleEdge other, int turn, int level) {
    for (int up = turn + 1; up < level; up++) {
      if (moving.node(up) != other.node(up)) {
        note(moving.node(up));
      }
    }
  }

  /** Writes the items into as few nodes as hold them. */
  private void divide() {
    int count = items.count();
    int into = (count + MapleNodes.SLOTS - 1) / MapleNodes.SLOTS;
    madeCount = 0;
    int to = 0;
    for (int i = 0; i < into; i++) {
      int from = to;
      to = packed && i == 0 ? PACKED : packed ? count : count * (i + 1) / into;
      long node = allocate();
      items.write(node, from, to);
      made[madeCount] = node;
      madeLast[madeCount] = items.pivot(to - 1);
      madeCount++;
    }
  }

  private long newTop() {
    long node = allocate();
    items.clear();
    for (int i = 0; i < madeCount; i++) {
      items.add(madeLast[i], made[i]);
    }
    items.write(node, 0, madeCount);
    return node;
  }

  private long allocate() {
    long node = nodes.allocate();
    fresh[freshCount++] = node;
    return node;
  }

  private void noteReplaced(int level) {
    note(left.node(level));
    if (!sameNode(level)) {
      note(right.node(level));
    }
  }

  private void note(long node) {
    replaced[replacedCount++] = node;
  }

  private void goesToHead(long newTop, int height, int level) {
    above = 0;
    top = newTop;
    topHeight = height;
    for (int up = level - 1; up >= 0; up--) {
      noteReplaced(up);
    }
    old(0);
  }

  private void old(int level) {
    oldTop = left.node(level);
    oldLevel = level;
    oldLast = left.last(level);
  }

  /** Puts the new nodes in place and frees the old; cannot fail. */
  void publish() {
    int oldHeight = tree.height() - oldLevel;
    long oldFirst = left.first(oldLevel);
    if (above != 0) {
      nodes.publish(above, aboveSlot, top);
    } else {
      tree.setTop(top, topHeight);
    }
    freeBetween(oldTop, oldHeight, oldFirst, oldLast);
    for (int i = 0; i < replacedCount; i++) {
      nodes.free(replaced[i]);
    }
  }

  /** Frees the subtrees that lie between the two ends of the range. */
  private void freeBetween(long node, int height, long nodeFirst, long nodeLast) {
    if (height == 1) {
      return;
    }
    long start = nodeFirst;
    for (int slot = 0; slot < nodes.count(node) && start <= last; slot++) {
      long end = nodes.pivot(node, slot, nodeLast);
      if (end >= first) {
        long child = nodes.slot(node, slot);
        if (start > first && end < last) {
          freeAll(child, height - 1);
        } else {
          freeBetween(child, height - 1, start, end);
        }
      }
      start = end + 1;
    }
  }

  private void freeAll(long node, int height) {
    if (height > 1) {
      for (int slot = 0; slot < nodes.count(node); slot++) {
        freeAll(nodes.slot(node, slot), height - 1);
      }
    }
    nodes.free(node);
  }

  /** Gives back what {@link #build} made. */
  void cancel() {
    for (int i = 0; i < freshCount; i++) {
      nodes.freeNow(fresh[i]);
    }
    freshCount = 0;
  }
}
