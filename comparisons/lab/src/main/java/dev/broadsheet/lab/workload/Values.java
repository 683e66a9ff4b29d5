package dev.broadsheet.lab.workload;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The values of all parameters of one workload or experiment: the given ones, and defaults for the
 * rest. Immutable.
 */
public final class Values {
  private final Map<String, Parameter> declared;
  private final Map<String, Long> values;

  private Values(Map<String, Parameter> declared, Map<String, Long> values) {
    this.declared = declared;
    this.values = values;
  }

  /** Returns the defaults. */
  public static Values of(ImmutableList<Parameter> parameters) {
    Map<String, Parameter> declared = new LinkedHashMap<>();
    Map<String, Long> values = new LinkedHashMap<>();
    for (Parameter parameter : parameters) {
      if (declared.put(parameter.name(), parameter) != null) {
        throw new IllegalStateException("parameter " + parameter.name() + " is declared twice");
      }
      values.put(parameter.name(), parameter.parse(parameter.defaultText()));
    }
    return new Values(declared, values);
  }

  /**
   * Returns a copy with one value replaced.
   *
   * @throws IllegalArgumentException if there is no such parameter or no such value
   */
  public Values with(String name, String text) {
    Map<String, Long> changed = new LinkedHashMap<>(values);
    changed.put(name, parameter(name).parse(text));
    return new Values(declared, changed);
  }

  /** Returns a copy with one value replaced, given as the number that {@link #number} returns. */
  Values with(String name, long value) {
    return with(name, parameter(name).text(value));
  }

  /** Returns a copy that takes over each value of the other that has a parameter here. */
  Values adopt(Values other, String... names) {
    Values result = this;
    for (String name : names) {
      result = result.with(name, other.number(name));
    }
    return result;
  }

  /** Returns a count, bytes or percentage. */
  public long number(String name) {
    Long value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException(unknown(name));
    }
    return value;
  }

  /** Returns a count that fits an int. */
  public int count(String name) {
    return Math.toIntExact(number(name));
  }

  /** Returns a word. */
  public String word(String name) {
    return parameter(name).text(number(name));
  }

  /** Returns whether a word is {@code yes}. */
  public boolean yes(String name) {
    return word(name).equals("yes");
  }

  /** Returns {@code name=value} for each parameter, in declared order. */
  public List<String> texts() {
    List<String> texts = new ArrayList<>();
    values.forEach((name, value) -> texts.add(name + "=" + parameter(name).text(value)));
    return texts;
  }

  private Parameter parameter(String name) {
    Parameter parameter = declared.get(name);
    if (parameter == null) {
      throw new IllegalArgumentException(unknown(name));
    }
    return parameter;
  }

  private String unknown(String name) {
    return "There is no parameter '%s'. Known: %s, seed."
        .formatted(name, String.join(", ", declared.keySet()));
  }
}
