package dev.broadsheet.lab.replay;

import dev.broadsheet.api.StrategyTrait;
import dev.broadsheet.core.strategy.ConfiguredStrategy;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * Which answers a strategy has. All know attributes and levels; nodes belong to the kernel's
 * xarray, and large-page words in the kernel's form to the strategy that Linux merged.
 *
 * @param kinds what it has
 * @param mayBeSmaller whether its declared policy permits smaller pages than the kernel's
 */
record Applicability(Set<AnswerKind> kinds, boolean mayBeSmaller) {
  private static final Set<StrategyTrait> POLICIES =
      EnumSet.of(
          StrategyTrait.POLICY_ONE_WAY, StrategyTrait.POLICY_SMALL_ONLY, StrategyTrait.POLICY_LAZY);

  /**
   * Returns what a strategy has in a script.
   *
   * @param keepsInitialAbsent whether absence in its structure means the script's initial
   *     attributes; otherwise its tree is another one
   */
  static Applicability of(ConfiguredStrategy strategy, boolean keepsInitialAbsent) {
    EnumSet<AnswerKind> kinds =
        EnumSet.of(
            AnswerKind.LABEL,
            AnswerKind.RC,
            AnswerKind.CHANGED,
            AnswerKind.UNMAP,
            AnswerKind.STATE,
            AnswerKind.ACTUAL,
            AnswerKind.MAX,
            AnswerKind.ATTR);
    Map<String, String> options = strategy.options().asMap();
    switch (strategy.strategy().id()) {
      case "xarray-mixed-flag" -> {
        kinds.add(AnswerKind.INV);
        kinds.add(AnswerKind.WORDS);
        if (keepsInitialAbsent) {
          kinds.add(AnswerKind.NODES);
          kinds.add(AnswerKind.PEAK);
        }
      }
      case "xarray-lpage-info" -> {
        if (keepsInitialAbsent && "page".equals(options.get("store"))) {
          kinds.add(AnswerKind.NODES);
        }
      }
      default -> {}
    }
    boolean policy =
        POLICIES.stream().anyMatch(strategy.strategy().description().traits()::contains);
    return new Applicability(kinds, policy);
  }

  boolean has(AnswerKind kind) {
    return kinds.contains(kind);
  }
}
