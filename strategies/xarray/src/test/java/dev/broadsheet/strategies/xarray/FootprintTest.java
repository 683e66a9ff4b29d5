package dev.broadsheet.strategies.xarray;

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
        "xarray-lpage-info | 0 | 150336 | 1040256 | 332352 | 2396736",
        "xarray-lpage-info[store=range] | 0 | 576 | 890496 | 332352 | 2396736",
        "xarray-mixed-flag | 0 | 150336 | 1040256 | 332352 | 2396736",
        "xarray-mixed-flag[absent=shared] | 2396736 | 2246976 | 2246976 | 2396736 | 2396736"
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
