package dev.broadsheet.strategies.mapletree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import dev.broadsheet.core.memory.FailingMemory;
import dev.broadsheet.core.memory.PlainMemory;
import dev.broadsheet.core.memory.Rcu;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ranges beside a naive map of borders; the tree is audited after every store. */
class MapleTreePropertyTest {
  private final Rcu rcu = new Rcu();

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void store_anyRanges_answersAsTheBorders(long seed) {
    Random random = new Random(seed);
    MapleTree tree = new MapleTree(new PlainMemory(rcu), 8);
    NavigableBorders truth = new NavigableBorders(8);
    long span = 1L << (6 + random.nextInt(20));
    for (int step = 0; step < 4000; step++) {
      long from = Math.floorMod(random.nextLong(), span);
      // Mostly single pages, so that there are many runs; now and then a sweep that drops subtrees.
      long length = random.nextInt(200) == 0 ? 1 + span / (1 + random.nextInt(8)) : 1;
      long to = Math.min(MapleTree.LAST, from + length - 1);
      int value = random.nextBoolean() ? 8 : 0;
      tree.prepare(from, to, value);
      if (random.nextInt(10) == 0) {
        tree.cancel();
      } else {
        tree.commit();
        truth.store(from, to, value);
      }
      rcu.quiescent();
      if (step % 7 == 0) {
        tree.audit();
        truth.check(tree, Math.floorMod(random.nextLong(), span));
        truth.check(tree, from);
        truth.check(tree, to + (to < MapleTree.LAST ? 1 : 0));
      }
    }
    truth.checkAll(tree);
    assertThat(tree.height()).as("the runs need levels").isGreaterThan(1);
    tree.prepare(0, MapleTree.LAST, 8);
    tree.commit();
    rcu.quiescent();
    tree.audit();
    assertThat(tree.nodes()).isEqualTo(1);
    assertThat(tree.height()).isEqualTo(1);
  }

  /** Ranges as wide as a leaf or two fall away, so that what is left looks for neighbours. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void store_sweepsInADeepTree_answerAsTheBorders(long seed) {
    Random random = new Random(seed);
    MapleTree tree = new MapleTree(new PlainMemory(rcu), 8);
    NavigableBorders truth = new NavigableBorders(8);
    int span = 6000;
    for (int gfn = 0; gfn < span; gfn += 2) {
      tree.prepare(gfn, gfn, 0);
      tree.commit();
      truth.store(gfn, gfn, 0);
    }
    assertThat(tree.height()).isEqualTo(4);
    for (int step = 0; step < 400; step++) {
      int from = random.nextInt(span);
      int to = from + random.nextInt(40) * (1 + random.nextInt(12));
      int value = random.nextBoolean() ? 8 : 0;
      tree.prepare(from, to, value);
      tree.commit();
      truth.store(from, to, value);
      rcu.quiescent();
      tree.audit();
    }
    truth.checkAll(tree);
    tree.free();
    rcu.quiescent();
    assertThat(tree.nodes()).isZero();
  }

  @Test
  void store_upwards_leavesFullNodes() {
    MapleTree tree = new MapleTree(new PlainMemory(rcu), 8);
    int pages = 4096;
    for (long gfn = 0; gfn < 2L * pages; gfn += 2) {
      tree.prepare(gfn, gfn, 0);
      tree.commit();
      rcu.quiescent();
    }
    tree.audit();
    // 8,193 ranges, 14 in a leaf that was packed: 585 leaves, 42 above, 3, 1.
    assertThat(tree.nodes()).isBetween(626L, 640L);
  }

  @Test
  void prepare_eachAllocationFails_changesNothing() {
    FailingMemory memory = new FailingMemory(new PlainMemory(rcu));
    MapleTree tree = new MapleTree(memory, 8);
    for (long gfn = 0; gfn < 400; gfn += 2) {
      tree.prepare(gfn, gfn, 0);
      tree.commit();
    }
    // In the middle of a full part, so that nodes are divided up to the top.
    int failures = 0;
    long before = tree.nodes();
    for (int nth = 1; ; nth++) {
      memory.failAt(nth);
      try {
        tree.prepare(101, 300, 8);
        break;
      } catch (KernelOutOfMemoryException e) {
        failures++;
        assertThat(tree.nodes()).isEqualTo(before);
        tree.audit();
        assertThat(tree.get(102)).isZero();
      }
    }
    assertThat(failures).isPositive();
    tree.commit();
    rcu.quiescent();
    tree.audit();
    assertThat(tree.lastOfRange(101)).isEqualTo(301);
  }

  @Test
  void audit_equalNeighbours_areFound() {
    PlainMemory memory = new PlainMemory(rcu);
    MapleNodes nodes = new MapleNodes(memory);
    long leaf = nodes.allocate();
    nodes.put(leaf, 0, 5, 17);
    nodes.put(leaf, 1, MapleTree.LAST, 17);
    nodes.setCount(leaf, 2);
    assertThatThrownBy(() -> new MapleAudit(nodes).check(leaf, 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("equal neighbours at 0x6");
  }

  /** First index of each range, and its value. */
  private static final class NavigableBorders {
    private final TreeMap<Long, Integer> borders = new TreeMap<>();

    NavigableBorders(int value) {
      borders.put(0L, value);
    }

    void store(long from, long to, int value) {
      int behind = value(to < MapleTree.LAST ? to + 1 : to);
      borders.subMap(from, true, to, true).clear();
      borders.put(from, value);
      if (to < MapleTree.LAST) {
        borders.put(to + 1, behind);
      }
      merge(from);
      if (to < MapleTree.LAST) {
        merge(to + 1);
      }
    }

    private void merge(long border) {
      Map.Entry<Long, Integer> lower = borders.lowerEntry(border);
      if (lower != null && lower.getValue().equals(borders.get(border))) {
        borders.remove(border);
      }
    }

    private int value(long index) {
      return borders.floorEntry(index).getValue();
    }

    void check(MapleTree tree, long index) {
      assertThat(tree.get(index)).as("0x%x", index).isEqualTo(value(index));
      Long next = borders.higherKey(index);
      assertThat(tree.lastOfRange(index))
          .as("0x%x", index)
          .isEqualTo(next == null ? MapleTree.LAST : next - 1);
    }

    void checkAll(MapleTree tree) {
      borders.keySet().forEach(border -> check(tree, border));
    }
  }
}
