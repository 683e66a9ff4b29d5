package dev.broadsheet.lab.complexity;

import dev.broadsheet.core.strategy.ConfiguredStrategy;
import java.util.function.Function;

/**
 * What a design costs those who write and maintain it.
 *
 * @param code its code, by concern
 * @param bits software bits of the page-table entries that it takes
 * @param headerWords 8-byte words of each table's header that it takes
 * @param locks locks of its own
 * @param homes kinds of place that hold its state: memory of its own, entries of page tables,
 *     headers of tables, large-page words
 */
public record DesignCost(StrategyCode code, int bits, int headerWords, int locks, int homes) {
  /**
   * Measures a strategy.
   *
   * @param strategies where a wrapper finds the strategy that it wraps
   */
  public static DesignCost of(
      ConfiguredStrategy strategy, Function<String, ConfiguredStrategy> strategies) {
    DesignProbe probe = DesignProbe.of(strategy, strategies);
    return new DesignCost(
        StrategyCode.of(strategy.strategy().getClass()),
        probe.bits(),
        probe.headerWords(),
        probe.locks(),
        probe.homes());
  }
}
