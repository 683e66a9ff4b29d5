package dev.broadsheet.strategies.mapletree;

/**
 * The slots of several neighbouring nodes of one level, laid out in a row while they are divided
 * anew. Belongs to the writer.
 */
final class MapleItems {
  /** Two nodes without the slots that are replaced, and the three that replace them. */
  private static final int MOST = 2 * (MapleNodes.SLOTS - 1) + 3;

  private final MapleNodes nodes;
  private final long[] pivot = new long[MOST];
  private final long[] content = new long[MOST];
  private int count;

  MapleItems(MapleNodes nodes) {
    this.nodes = nodes;
  }

  int count() {
    return count;
  }

  void clear() {
    count = 0;
  }

  long pivot(int item) {
    return pivot[item];
  }

  long content(int item) {
    return content[item];
  }

  void add(long itemPivot, long itemContent) {
    pivot[count] = itemPivot;
    content[count] = itemContent;
    count++;
  }

  /** Adds the slots {@code [from, to)} of a node whose last index is {@code last}. */
  void add(long node, int from, int to, long last) {
    for (int slot = from; slot < to; slot++) {
      add(nodes.pivot(node, slot, last), nodes.slot(node, slot));
    }
  }

  /** Puts all slots of a node in front. */
  void prepend(long node, long last) {
    int more = nodes.count(node);
    System.arraycopy(pivot, 0, pivot, more, count);
    System.arraycopy(content, 0, content, more, count);
    int had = count;
    count = 0;
    add(node, 0, more, last);
    count += had;
  }

  /** Writes the items {@code [from, to)} into a node that nobody reaches yet. */
  void write(long node, int from, int to) {
    for (int item = from; item < to; item++) {
      nodes.put(node, item - from, pivot[item], content[item]);
    }
    nodes.setCount(node, to - from);
  }
}
