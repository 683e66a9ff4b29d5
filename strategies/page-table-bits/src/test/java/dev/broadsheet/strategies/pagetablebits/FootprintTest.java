package dev.broadsheet.strategies.pagetablebits;

import static org.assertj.core.api.Assertions.assertThat;

import dev.broadsheet.conformance.GuestShape;
import dev.broadsheet.core.strategy.StrategyRegistry;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bytes per GiB of guest, as the table of strategies/README.md and the package pages give them. */
class FootprintTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "spte-mixed-bit | 0 | 17120 | 4040320 | 4399840 | 4399840",
        "shadow-page-bitmap | 0 | 17376 | 4100736 | 4465632 | 4465632",
        "shadow-page-bitmap[field=idle] | 0 | 17120 | 4040320 | 4399840 | 4399840"
      })
  void bytes_1GiB_areThoseOfTheTable(
      String spec, long uniform, long pool, long random, long scattered, long alternate) {
    var strategy = StrategyRegistry.load().configure(spec).strategy();

    assertThat(GuestShape.UNIFORM.bytes(strategy, spec)).isEqualTo(uniform);
    assertThat(GuestShape.POOL.bytes(strategy, spec)).isEqualTo(pool);
    assertThat(GuestShape.RANDOM.bytes(strategy, spec)).isEqualTo(random);
    assertThat(GuestShape.SCATTERED.bytes(strategy, spec)).isEqualTo(scattered);
    assertThat(GuestShape.ALTERNATE.bytes(strategy, spec)).isEqualTo(alternate);
  }
}
