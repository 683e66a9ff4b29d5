package dev.broadsheet.core.strategy;

import dev.broadsheet.api.OptionValues;
import dev.broadsheet.api.StrategySpec;
import dev.broadsheet.api.TrackingStrategy;

/**
 * A strategy with a value for each of its options: what a run is made of.
 *
 * @param strategy the provider
 * @param options the chosen value of every declared option
 * @param spec what was given, with the id in the place of an alias; how reports name it
 */
public record ConfiguredStrategy(
    TrackingStrategy strategy, OptionValues options, StrategySpec spec) {
  /**
   * Returns the id with the options that were given, such as {@code
   * memslot-array[encoding=packed]}.
   */
  @Override
  public String toString() {
    return spec.toString();
  }
}
