package dev.broadsheet.strategies.flatbitmap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.broadsheet.conformance.GuestShape;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Bytes per GiB of guest, as the table of strategies/README.md and the package page give them. */
class FootprintTest {
  @ParameterizedTest
  @EnumSource
  void bytes_1GiB_areThoseOfTheTable(GuestShape shape) {
    // 4096 words of bits, 512 counters of 2 bytes, one of 4.
    assertThat(shape.bytes(new FlatBitmapStrategy(), "flat-bitmap")).isEqualTo(33_796);
  }
}
