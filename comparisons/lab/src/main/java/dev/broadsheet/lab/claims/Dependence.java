package dev.broadsheet.lab.claims;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What tells the cases in which a claim holds from those in which it does not.
 *
 * <p>A case has factors, such as the input, the assumption, an option of the design or the measure.
 * A factor explains the verdicts if all cases with the same value of it have the same verdict. The
 * first factor in the order of {@link Case} that explains them is named; else the first pair; else
 * the factor that comes closest, with how often the claim holds for each of its values.
 */
final class Dependence {
  /** An option that was not given, or a factor that a case does not have. */
  private static final String DEFAULT = "the default";

  /** The factor that comes before all others. */
  static final String ASSUMPTION = "assumption";

  private Dependence() {}

  /**
   * One comparison.
   *
   * @param options options of the design that were given, by name; looked at after the assumption
   * @param factors everything else, in order of preference
   * @param holds whether it speaks for the claim
   */
  record Case(Map<String, String> options, Map<String, String> factors, boolean holds) {
    private String value(String factor) {
      String option = options.get(factor);
      return option != null ? option : factors.getOrDefault(factor, DEFAULT);
    }
  }

  /** Returns what cases depend on, in words; the cases must not all agree. */
  static String explain(List<Case> cases) {
    List<String> factors = factors(cases);
    for (String factor : factors) {
      if (explains(cases, List.of(factor))) {
        return "on the " + factor + ": " + sides(cases, factor);
      }
    }
    for (int first = 0; first < factors.size(); first++) {
      for (int second = first + 1; second < factors.size(); second++) {
        List<String> pair = List.of(factors.get(first), factors.get(second));
        if (explains(cases, pair)) {
          return "on the %s and the %s: %s".formatted(pair.get(0), pair.get(1), split(cases, pair));
        }
      }
    }
    return closest(cases, factors);
  }

  /** Names of factors with more than one value: the assumption, options, the others. */
  private static List<String> factors(List<Case> cases) {
    Set<String> names = new LinkedHashSet<>(List.of(ASSUMPTION));
    cases.forEach(each -> names.addAll(each.options().keySet()));
    cases.forEach(each -> names.addAll(each.factors().keySet()));
    return names.stream()
        .filter(name -> cases.stream().map(each -> each.value(name)).distinct().count() > 1)
        .toList();
  }

  private static boolean explains(List<Case> cases, List<String> factors) {
    Map<List<String>, Boolean> seen = new LinkedHashMap<>();
    for (Case each : cases) {
      List<String> values = factors.stream().map(each::value).toList();
      Boolean before = seen.putIfAbsent(values, each.holds());
      if (before != null && before != each.holds()) {
        return false;
      }
    }
    return true;
  }

  private static String sides(List<Case> cases, String factor) {
    Set<String> yes = new LinkedHashSet<>();
    Set<String> no = new LinkedHashSet<>();
    for (Case each : cases) {
      (each.holds() ? yes : no).add(each.value(factor));
    }
    return "holds with %s, not with %s".formatted(String.join(", ", yes), String.join(", ", no));
  }

  /** Says for each value of the first factor which of the second hold; equal answers together. */
  private static String split(List<Case> cases, List<String> pair) {
    Map<String, List<String>> byAnswer = new LinkedHashMap<>();
    groups(cases, pair.get(0))
        .forEach(
            (value, group) ->
                byAnswer
                    .computeIfAbsent(answer(group, pair.get(1)), key -> new ArrayList<>())
                    .add(value));
    return byAnswer.entrySet().stream()
        .map(entry -> String.join(", ", entry.getValue()) + ": " + entry.getKey())
        .collect(Collectors.joining("; "));
  }

  private static String answer(List<Case> cases, String factor) {
    if (cases.stream().allMatch(Case::holds)) {
      return "always holds";
    }
    return cases.stream().anyMatch(Case::holds) ? sides(cases, factor) : "never holds";
  }

  private static String closest(List<Case> cases, List<String> factors) {
    String best =
        factors.stream()
            .max(Comparator.comparingLong((String factor) -> told(cases, factor)))
            .orElseThrow();
    return "on more than two things, most on the %s: holds with %s"
        .formatted(
            best,
            groups(cases, best).entrySet().stream()
                .map(
                    entry ->
                        "%s in %d of %d"
                            .formatted(
                                entry.getKey(),
                                entry.getValue().stream().filter(Case::holds).count(),
                                entry.getValue().size()))
                .collect(Collectors.joining(", ")));
  }

  /** How many cases a guess by this factor alone gets right. */
  private static long told(List<Case> cases, String factor) {
    return groups(cases, factor).values().stream()
        .mapToLong(
            group -> {
              long held = group.stream().filter(Case::holds).count();
              return Math.max(held, group.size() - held);
            })
        .sum();
  }

  private static Map<String, List<Case>> groups(List<Case> cases, String factor) {
    return cases.stream()
        .collect(
            Collectors.groupingBy(
                each -> each.value(factor), LinkedHashMap::new, Collectors.toList()));
  }
}
