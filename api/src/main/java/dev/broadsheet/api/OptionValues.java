package dev.broadsheet.api;

import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The chosen value of every option of one strategy, defaults included. Immutable.
 *
 * <p>Built from what was given by {@link #of}, which refuses unknown names and values with a
 * message that lists the known ones.
 */
public final class OptionValues {
  private final Map<String, String> values;

  private OptionValues(Map<String, String> values) {
    this.values = Collections.unmodifiableMap(values);
  }

  /**
   * Completes what was given with the defaults.
   *
   * @param owner id of the strategy, for messages
   * @param options the declared options
   * @param given name to value, as written in a {@link StrategySpec}
   * @throws IllegalArgumentException for an unknown name or value; the message lists the known ones
   */
  public static OptionValues of(
      String owner, List<StrategyOption> options, Map<String, String> given) {
    Map<String, String> values = new TreeMap<>();
    for (StrategyOption option : options) {
      values.put(option.name(), option.defaultValue());
    }
    for (Map.Entry<String, String> entry : given.entrySet()) {
      StrategyOption option = find(owner, options, entry.getKey());
      if (!option.accepts(entry.getValue())) {
        throw new IllegalArgumentException(
            "Option '%s' of '%s' does not take '%s'. Known: %s."
                .formatted(
                    option.name(), owner, entry.getValue(), String.join(", ", option.values())));
      }
      values.put(option.name(), entry.getValue());
    }
    return new OptionValues(values);
  }

  private static StrategyOption find(String owner, List<StrategyOption> options, String name) {
    for (StrategyOption option : options) {
      if (option.name().equals(name)) {
        return option;
      }
    }
    List<String> known = options.stream().map(StrategyOption::name).sorted().toList();
    throw new IllegalArgumentException(
        "Unknown option '%s' of '%s'. %s"
            .formatted(
                name,
                owner,
                known.isEmpty() ? "It has none." : "Known: " + String.join(", ", known) + "."));
  }

  /**
   * Returns the chosen value.
   *
   * @throws IllegalArgumentException if the strategy declares no such option
   */
  public String get(StrategyOption option) {
    String value = values.get(option.name());
    if (value == null) {
      throw new IllegalArgumentException("option '" + option.name() + "' was never declared");
    }
    return value;
  }

  /**
   * Returns the chosen value as the constant of the same name: {@code own-field} is {@code
   * OWN_FIELD}.
   *
   * @throws IllegalArgumentException if there is no such constant
   */
  public <E extends Enum<E>> E get(StrategyOption option, Class<E> type) {
    return Enum.valueOf(type, get(option).replace('-', '_').toUpperCase(Locale.ROOT));
  }

  /** Returns name to value, sorted by name. */
  public Map<String, String> asMap() {
    return values;
  }
}
