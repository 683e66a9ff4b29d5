package dev.broadsheet.core.vm;

import java.util.List;

/**
 * A declared choice of the machine.
 *
 * @param name kebab case
 * @param values what it takes, the first being the default; for a number, its default and its
 *     bounds in words
 * @param number whether it takes a number between {@code low} and {@code high}
 * @param low smallest number
 * @param high largest number
 * @param sentence one sentence on what it changes
 * @param origin where the choice comes from
 */
public record VmKnob(
    String name,
    List<String> values,
    boolean number,
    double low,
    double high,
    String sentence,
    String origin) {
  /** Copies the values. */
  public VmKnob {
    values = List.copyOf(values);
  }

  static VmKnob choice(String name, String sentence, String origin, String... values) {
    return new VmKnob(name, List.of(values), false, 0, 0, sentence, origin);
  }

  static VmKnob number(
      String name, String sentence, String origin, String initial, double low, double high) {
    return new VmKnob(name, List.of(initial), true, low, high, sentence, origin);
  }

  /** Returns the value that holds when none is given. */
  public String defaultValue() {
    return values.get(0);
  }

  /** Returns what may be given, in words: {@code a|b|c} or {@code 0 to 1}. */
  public String range() {
    return number ? trim(low) + " to " + trim(high) : String.join("|", values);
  }

  private static String trim(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }

  boolean accepts(String value) {
    if (!number) {
      return values.contains(value);
    }
    try {
      double parsed = Double.parseDouble(value);
      return parsed >= low && parsed <= high;
    } catch (NumberFormatException e) {
      return false;
    }
  }
}
