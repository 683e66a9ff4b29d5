package dev.broadsheet.strategies.mapletree;

import static org.assertj.core.api.Assertions.assertThat;

import dev.broadsheet.conformance.GuestShape;
import org.junit.jupiter.api.Test;

/** Bytes per GiB of guest, as the table of strategies/README.md and the package page give them. */
class FootprintTest {
  @Test
  void bytes_1GiB_areThoseOfTheTable() {
    var strategy = new MapleTreeStrategy();

    assertThat(GuestShape.UNIFORM.bytes(strategy, "maple-tree")).isZero();
    assertThat(GuestShape.POOL.bytes(strategy, "maple-tree")).isZero();
    assertThat(GuestShape.RANDOM.bytes(strategy, "maple-tree")).isEqualTo(85248);
    assertThat(GuestShape.SCATTERED.bytes(strategy, "maple-tree")).isEqualTo(20480);
    assertThat(GuestShape.ALTERNATE.bytes(strategy, "maple-tree")).isEqualTo(5162496);
  }
}
