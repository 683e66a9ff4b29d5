package dev.broadsheet.core.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostMemoryPropertyTest {
  private static final long GIB = 1L << 18;

  private record Block(long pfn, int order) {}

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4})
  void randomBlocks_neverOverlapAndAllComeBack(long seed) {
    Random random = new Random(seed);
    HostMemory host = new HostMemory(2 * GIB + 12_345);
    BitSet used = new BitSet();
    List<Block> blocks = new ArrayList<>();
    for (int round = 0; round < 3000; round++) {
      if (random.nextInt(3) > 0) {
        int order = random.nextInt(20) == 0 ? 18 : random.nextInt(11);
        long pfn = host.allocate(order);
        if (pfn != HostMemory.NONE) {
          assertThat(pfn & ((1L << order) - 1)).isZero();
          int from = (int) pfn;
          int to = from + (1 << order);
          assertThat(used.nextSetBit(from))
              .satisfiesAnyOf(
                  next -> assertThat(next).isNegative(),
                  next -> assertThat(next).isGreaterThanOrEqualTo(to));
          assertThat(to).isLessThanOrEqualTo((int) host.frames());
          used.set(from, to);
          blocks.add(new Block(pfn, order));
        }
      } else if (!blocks.isEmpty()) {
        Block block = blocks.remove(random.nextInt(blocks.size()));
        giveBack(host, block, random.nextInt(4) == 0 && block.order() > 0);
        used.clear((int) block.pfn(), (int) block.pfn() + (1 << block.order()));
      }
      assertThat(host.allocated()).isEqualTo(used.cardinality());
    }
    blocks.forEach(block -> giveBack(host, block, false));
    assertThat(host.allocate(18)).isZero();
    assertThat(host.allocate(18)).isEqualTo(GIB);
    assertThat(host.allocate(18)).isEqualTo(HostMemory.NONE);
    assertThat(host.allocate(13)).isEqualTo(2 * GIB);
  }

  private static void giveBack(HostMemory host, Block block, boolean inHalves) {
    if (inHalves) {
      host.free(block.pfn(), block.order() - 1);
      host.free(block.pfn() + (1L << (block.order() - 1)), block.order() - 1);
    } else {
      host.free(block.pfn(), block.order());
    }
  }

  @Test
  void frameGivenBackTwice_isRefused() {
    HostMemory host = new HostMemory(GIB);
    long pfn = host.allocate(3);
    host.free(pfn, 3);
    assertThatThrownBy(() -> host.free(pfn, 3)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> host.free(pfn + 1, 0)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void fragmentedHost_hasFewerLargeBlocks() {
    long whole = countBlocks(new HostMemory(4 * GIB, 0, 9));
    long half = countBlocks(new HostMemory(4 * GIB, 0.5, 9));
    long none = countBlocks(new HostMemory(4 * GIB, 1, 9));
    assertThat(whole).isEqualTo(2048);
    assertThat(half).isBetween(900L, 1150L);
    assertThat(none).isZero();
    assertThat(countBlocks(new HostMemory(4 * GIB, 0.5, 9))).isEqualTo(half);
  }

  private static long countBlocks(HostMemory host) {
    long blocks = 0;
    while (host.allocate(9) != HostMemory.NONE) {
      blocks++;
    }
    return blocks;
  }
}
