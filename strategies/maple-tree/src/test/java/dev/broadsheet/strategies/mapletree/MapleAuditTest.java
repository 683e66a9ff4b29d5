package dev.broadsheet.strategies.mapletree;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.broadsheet.core.memory.PlainMemory;
import org.junit.jupiter.api.Test;

/** Each thing that must hold of a tree, broken by hand. */
class MapleAuditTest {
  private final MapleNodes nodes = new MapleNodes(new PlainMemory());

  /** Makes a node of slots that end at the given indexes; contents count from a first one. */
  private long node(long firstContent, long... pivots) {
    long node = nodes.allocate();
    for (int slot = 0; slot < pivots.length; slot++) {
      nodes.put(node, slot, pivots[slot], firstContent + slot);
    }
    nodes.setCount(node, pivots.length);
    return node;
  }

  /** Makes a top over two leaves of six slots, [0, 59] and [60, end]. */
  private long twoLevels() {
    long top = node(0, 59, MapleTree.LAST);
    nodes.publish(top, 0, node(100, 9, 19, 29, 39, 49, 59));
    nodes.publish(top, 1, node(200, 69, 79, 89, 99, 109, MapleTree.LAST));
    return top;
  }

  private void assertBroken(long top, int height, String what) {
    assertThatThrownBy(() -> new MapleAudit(nodes).check(top, height))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("maple tree: " + what);
  }

  @Test
  void soundTrees_pass() {
    new MapleAudit(nodes).check(twoLevels(), 2);
    MapleNodes others = new MapleNodes(new PlainMemory());
    long leaf = others.allocate();
    others.put(leaf, 0, MapleTree.LAST, 1);
    others.setCount(leaf, 1);
    new MapleAudit(others).check(leaf, 1);
  }

  @Test
  void sixteenSlots_pass() {
    new MapleAudit(nodes)
        .check(node(1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, MapleTree.LAST), 1);
  }

  @Test
  void topWithoutSlots_isFound() {
    assertBroken(node(1), 1, "a node holds 0 slots");
  }

  @Test
  void topWithOneChild_isFound() {
    long top = node(0, MapleTree.LAST);
    nodes.publish(top, 0, node(100, 9, 19, 29, 39, 49, MapleTree.LAST));
    assertBroken(top, 2, "a node holds 1 slots");
  }

  @Test
  void leafWithFiveSlots_isFound() {
    long top = node(0, 59, MapleTree.LAST);
    nodes.publish(top, 0, node(100, 9, 19, 29, 39, 59));
    nodes.publish(top, 1, node(200, 69, 79, 89, 99, 109, MapleTree.LAST));
    assertBroken(top, 2, "a node holds 5 slots");
  }

  @Test
  void moreSlotsThanANodeHas_areFound() {
    long leaf = node(1, 5, MapleTree.LAST);
    nodes.setCount(leaf, 17);
    assertBroken(leaf, 1, "a node holds 17 slots");
  }

  @Test
  void emptySlot_isFound() {
    assertBroken(node(1, 9, 8, MapleTree.LAST), 1, "a slot ends at 0x8, it begins at 0xa");
  }

  @Test
  void slotOfOneIndex_passes() {
    new MapleAudit(nodes).check(node(1, 9, 10, MapleTree.LAST), 1);
  }

  @Test
  void slotBeyondItsNode_isFound() {
    long top = twoLevels();
    long leaf = nodes.slot(top, 0);
    nodes.put(leaf, 4, 60, 104);
    assertBroken(top, 2, "a slot ends at 0x3c, it begins at 0x28");
  }

  @Test
  void equalNeighboursInTwoLeaves_areFound() {
    long top = twoLevels();
    nodes.publish(nodes.slot(top, 1), 0, 105);
    assertBroken(top, 2, "equal neighbours at 0x3c: 69");
  }

  @Test
  void nodeOutsideTheTree_isFound() {
    long top = twoLevels();
    nodes.allocate();
    assertBroken(top, 2, "3 nodes are reached, 4 exist");
  }
}
