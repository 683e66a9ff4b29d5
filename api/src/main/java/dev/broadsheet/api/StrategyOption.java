package dev.broadsheet.api;

import java.util.List;

/**
 * A declared knob of a strategy: {@code encoding=enum|byte|packed}.
 *
 * @param name kebab case, unique within the strategy
 * @param values what it takes, the first being the default; an open option lists its default alone
 * @param open whether any text is accepted, as for the spec of a wrapped strategy
 * @param sentence one sentence on what it changes
 */
public record StrategyOption(String name, List<String> values, boolean open, String sentence) {
  /** Copies the values and checks that there is a default. */
  public StrategyOption {
    values = List.copyOf(values);
    if (values.isEmpty()) {
      throw new IllegalArgumentException(
          "option '" + name + "' has no value; list the default first");
    }
  }

  /** Returns an option that takes one of the listed values; the first is the default. */
  public static StrategyOption choice(String name, String sentence, String... values) {
    return new StrategyOption(name, List.of(values), false, sentence);
  }

  /** Returns an option that takes any text. */
  public static StrategyOption text(String name, String sentence, String defaultValue) {
    return new StrategyOption(name, List.of(defaultValue), true, sentence);
  }

  /** Returns the value that holds when none is given. */
  public String defaultValue() {
    return values.get(0);
  }

  /** Returns whether {@code value} may be given. */
  public boolean accepts(String value) {
    return open || values.contains(value);
  }
}
