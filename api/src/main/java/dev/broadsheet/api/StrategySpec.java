package dev.broadsheet.api;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A strategy and the options given for it, as spelled on command lines and in files: {@code
 * memslot-array[encoding=packed]}.
 *
 * <p>Brackets nest, and commas inside them do not separate: {@code
 * lazy[base=xarray-lpage-info[store=range], at=fault]} has two options. Printing gives the options
 * sorted by name.
 *
 * @param id id or alias of the strategy
 * @param options name to value, only those that were given, sorted by name
 */
public record StrategySpec(String id, Map<String, String> options) {
  /** Copies and sorts the options. */
  public StrategySpec {
    options = Collections.unmodifiableMap(new TreeMap<>(options));
  }

  /**
   * Reads a spec.
   *
   * @throws IllegalArgumentException if the text is not of the form {@code id} or {@code
   *     id[name=value,...]}; the message says what was found
   */
  public static StrategySpec parse(String text) {
    String spec = text.strip();
    int open = spec.indexOf('[');
    if (open < 0) {
      return new StrategySpec(requireId(spec, text), Map.of());
    }
    if (!spec.endsWith("]")) {
      throw malformed(text, "the bracket is not closed at the end");
    }
    Map<String, String> options = new TreeMap<>();
    String inside = spec.substring(open + 1, spec.length() - 1);
    for (String part : splitOutsideBrackets(inside, text)) {
      int equals = part.indexOf('=');
      if (equals < 1) {
        throw malformed(text, "'" + part + "' is not name=value");
      }
      String name = part.substring(0, equals).strip();
      if (options.put(name, part.substring(equals + 1).strip()) != null) {
        throw malformed(text, "option '" + name + "' is given twice");
      }
    }
    return new StrategySpec(requireId(spec.substring(0, open), text), options);
  }

  /**
   * Splits a list of specs at the commas that stand outside brackets.
   *
   * @throws IllegalArgumentException if brackets do not match
   */
  public static List<String> splitList(String text) {
    return splitOutsideBrackets(text, text);
  }

  private static List<String> splitOutsideBrackets(String inside, String whole) {
    List<String> parts = new ArrayList<>();
    int depth = 0;
    int from = 0;
    for (int i = 0; i < inside.length(); i++) {
      char c = inside.charAt(i);
      if (c == '[') {
        depth++;
      } else if (c == ']') {
        depth--;
        if (depth < 0) {
          throw malformed(whole, "a bracket closes that was never opened");
        }
      } else if (c == ',' && depth == 0) {
        parts.add(inside.substring(from, i).strip());
        from = i + 1;
      }
    }
    if (depth != 0) {
      throw malformed(whole, "a bracket is not closed");
    }
    String last = inside.substring(from).strip();
    if (!last.isEmpty() || !parts.isEmpty()) {
      parts.add(last);
    }
    return parts;
  }

  private static String requireId(String id, String whole) {
    if (id.isBlank() || id.indexOf(']') >= 0 || id.indexOf('=') >= 0 || id.indexOf(',') >= 0) {
      throw malformed(whole, "'" + id + "' is no id");
    }
    return id.strip();
  }

  private static IllegalArgumentException malformed(String text, String found) {
    return new IllegalArgumentException(
        "Cannot read strategy '" + text + "': " + found + "; write id or id[name=value,...].");
  }

  /** Returns the spec as it is written. */
  @Override
  public String toString() {
    return options.isEmpty()
        ? id
        : options.entrySet().stream()
            .map(option -> option.getKey() + "=" + option.getValue())
            .collect(Collectors.joining(",", id + "[", "]"));
  }
}
