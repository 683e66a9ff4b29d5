package dev.broadsheet.strategies.xarray;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.broadsheet.core.memory.PlainMemory;
import org.junit.jupiter.api.Test;

/** A sound tree of two levels, and each thing that must hold of it, broken by hand. */
class XaAuditTest {
  private static final long VALUE = XaEntry.value(8);
  private static final int LEAF_OFFSET = 3;

  private final XaNodes nodes = new XaNodes(new PlainMemory());

  /** A top at shift 6; slot 0 and its sibling 1 hold a value, slot 3 a leaf. */
  private final long top = nodes.allocate(6, 0, 0);

  /** A value in slot 5, a reserved place in slot 6. */
  private final long leaf = nodes.allocate(0, top, LEAF_OFFSET);

  XaAuditTest() {
    nodes.setSlot(top, 0, VALUE);
    nodes.setSlot(top, 1, XaEntry.sibling(0));
    nodes.setSlot(top, LEAF_OFFSET, XaEntry.node(leaf));
    nodes.addCounts(top, 3, 2);
    nodes.setSlot(leaf, 5, VALUE);
    nodes.setSlot(leaf, 6, XaEntry.ZERO);
    nodes.addCounts(leaf, 2, 1);
  }

  private long audit() {
    return new XaAudit(nodes).run(XaEntry.node(top));
  }

  private void assertBroken(String what) {
    assertThatThrownBy(this::audit)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(what);
  }

  @Test
  void soundTree_countsItsReservedPlaces() {
    assertThat(audit()).isEqualTo(1);
  }

  @Test
  void threeSiblings_areSound() {
    nodes.setSlot(top, 2, XaEntry.sibling(0));
    nodes.addCounts(top, 1, 1);
    assertThat(audit()).isEqualTo(1);
  }

  @Test
  void valueInTheHead_leavesNodesOver() {
    assertThatThrownBy(() -> new XaAudit(nodes).run(VALUE))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("xarray: 2 nodes counted, 0 found");
  }

  @Test
  void nodeOutsideTheTree_isFound() {
    nodes.allocate(0, top, 4);
    assertBroken("3 nodes counted, 2 found");
  }

  @Test
  void topWithAParent_isFound() {
    nodes.setParent(top, leaf);
    assertBroken("the top has a parent is wrong");
  }

  @Test
  void leafWithAnotherParent_isFound() {
    nodes.setParent(leaf, leaf);
    assertBroken("links is wrong");
  }

  @Test
  void leafInAnotherSlot_isFound() {
    nodes.setSlot(top, LEAF_OFFSET, XaEntry.NULL);
    nodes.setSlot(top, LEAF_OFFSET + 1, XaEntry.node(leaf));
    assertBroken("links is wrong");
  }

  @Test
  void leafTwoLevelsBelow_isFound() {
    XaNodes others = new XaNodes(new PlainMemory());
    long high = others.allocate(12, 0, 0);
    long low = others.allocate(0, high, 0);
    others.setSlot(high, 0, XaEntry.node(low));
    others.addCounts(high, 1, 0);
    others.setSlot(low, 0, VALUE);
    others.addCounts(low, 1, 1);
    assertThatThrownBy(() -> new XaAudit(others).run(XaEntry.node(high)))
        .hasMessageContaining("its shift is wrong");
  }

  @Test
  void siblingOfNothing_isFound() {
    nodes.setSlot(top, 0, XaEntry.NULL);
    assertBroken("sibling of none is wrong");
  }

  @Test
  void siblingBeforeItsValue_isFound() {
    nodes.setSlot(leaf, 4, XaEntry.sibling(5));
    assertBroken("sibling of none is wrong");
  }

  @Test
  void siblingApartFromItsValue_isFound() {
    nodes.setSlot(leaf, 8, XaEntry.sibling(5));
    assertBroken("siblings apart is wrong");
  }

  @Test
  void emptyNode_isFound() {
    nodes.setSlot(leaf, 5, XaEntry.NULL);
    nodes.setSlot(leaf, 6, XaEntry.NULL);
    nodes.addCounts(leaf, -2, -1);
    assertBroken("it is empty is wrong");
  }

  @Test
  void wrongCountOfEntries_isFound() {
    nodes.addCounts(leaf, 1, 0);
    assertBroken("count of entries is wrong");
  }

  @Test
  void wrongCountOfValues_isFound() {
    nodes.addCounts(leaf, 0, 1);
    assertBroken("count of values is wrong");
  }
}
