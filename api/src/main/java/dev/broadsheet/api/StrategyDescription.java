package dev.broadsheet.api;

import java.util.Set;

/**
 * What a strategy says about itself, for lists and reports.
 *
 * @param title a few words in title case ("Memslot page-type array")
 * @param sentence one sentence: where the truth lives and what an answer costs
 * @param source where the design comes from: author, date, subject; or the version that merged it
 * @param aliases other names accepted on input and never printed as keys, such as the letters A to
 *     D of the thread of 2022
 * @param traits needs and declared policies
 * @param attributeBits bits of {@link PageAttributes} that the strategy keeps per page; a
 *     conversion to any other bit is rejected with {@link RejectReason#UNSUPPORTED_ATTRIBUTES}
 */
public record StrategyDescription(
    String title,
    String sentence,
    String source,
    Set<String> aliases,
    Set<StrategyTrait> traits,
    int attributeBits) {
  /** Copies the sets. */
  public StrategyDescription {
    aliases = Set.copyOf(aliases);
    traits = Set.copyOf(traits);
  }

  /** Returns whether {@code trait} is declared. */
  public boolean has(StrategyTrait trait) {
    return traits.contains(trait);
  }
}
