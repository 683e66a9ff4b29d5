package dev.broadsheet.lab.workload;

import com.google.common.collect.ImmutableList;
import java.util.Locale;

/**
 * A knob of a workload or an experiment: what it means, what it may be, and where its default comes
 * from.
 *
 * <p>Counts are decimal, sizes are whole 4 KiB pages written as {@code 64m} or {@code 2g},
 * percentages are whole numbers, words are one of a list.
 */
public final class Parameter {
  /** How a value is written and read. */
  public enum Kind {
    /** A decimal number. */
    COUNT,
    /** A number of bytes with k, m, g or t behind it. */
    BYTES,
    /** A whole number of percent. */
    PERCENT,
    /** One of a few words. */
    WORD
  }

  private static final long PAGE = 4096;

  private final String name;
  private final Kind kind;
  private final String defaultText;
  private final String unit;
  private final long least;
  private final long most;
  private final ImmutableList<String> words;
  private final String sentence;
  private final String basis;

  private Parameter(
      String name,
      Kind kind,
      String defaultText,
      String unit,
      long least,
      long most,
      ImmutableList<String> words,
      String sentence,
      String basis) {
    this.name = name;
    this.kind = kind;
    this.defaultText = defaultText;
    this.unit = unit;
    this.least = least;
    this.most = most;
    this.words = words;
    this.sentence = sentence;
    this.basis = basis;
    parse(defaultText);
  }

  /** Returns a knob that is a decimal number. */
  public static Parameter count(
      String name,
      long defaultValue,
      long least,
      long most,
      String unit,
      String sentence,
      String basis) {
    return new Parameter(
        name,
        Kind.COUNT,
        Long.toString(defaultValue),
        unit,
        least,
        most,
        ImmutableList.of(),
        sentence,
        basis);
  }

  /** Returns a knob that is a size; the sizes are written {@code 64m}. */
  public static Parameter bytes(
      String name, String defaultSize, String least, String most, String sentence, String basis) {
    return new Parameter(
        name,
        Kind.BYTES,
        defaultSize,
        "bytes",
        size(least),
        size(most),
        ImmutableList.of(),
        sentence,
        basis);
  }

  /** Returns a knob that is a whole number of percent. */
  public static Parameter percent(String name, long defaultValue, String sentence, String basis) {
    return new Parameter(
        name,
        Kind.PERCENT,
        Long.toString(defaultValue),
        "%",
        0,
        100,
        ImmutableList.of(),
        sentence,
        basis);
  }

  /** Returns a knob that is one of a few words; the first is the default. */
  public static Parameter word(
      String name, ImmutableList<String> words, String sentence, String basis) {
    return new Parameter(
        name, Kind.WORD, words.get(0), "", 0, words.size() - 1L, words, sentence, basis);
  }

  /** Returns the same knob with another default, as a preset needs it. */
  Parameter withDefault(String text) {
    return new Parameter(name, kind, text, unit, least, most, words, sentence, basis);
  }

  /** Returns the name in brackets. */
  public String name() {
    return name;
  }

  /** Returns how a value is written. */
  public Kind kind() {
    return kind;
  }

  /** Returns the value that holds when none is given, as it is written. */
  public String defaultText() {
    return defaultText;
  }

  /** Returns the unit; empty for words. */
  public String unit() {
    return unit;
  }

  /** Returns what is allowed, in words. */
  public String range() {
    return switch (kind) {
      case WORD -> String.join("|", words);
      case BYTES -> sizeText(least) + " to " + sizeText(most);
      case COUNT, PERCENT -> least + " to " + most;
    };
  }

  /** Returns what the knob does, in one sentence. */
  public String sentence() {
    return sentence;
  }

  /** Returns where the default comes from. */
  public String basis() {
    return basis;
  }

  /**
   * Returns the value as a number; of a word its index.
   *
   * @throws IllegalArgumentException if the text is no allowed value; the message says what is
   */
  long parse(String text) {
    String word = text.strip().toLowerCase(Locale.ROOT);
    long value =
        switch (kind) {
          case WORD -> words.indexOf(word);
          case BYTES -> size(word);
          case COUNT, PERCENT -> word.matches("[0-9]{1,18}") ? Long.parseLong(word) : -1;
        };
    if (value < least || value > most || value < 0) {
      throw new IllegalArgumentException(
          "'%s' is no value of parameter '%s'; allowed: %s%s."
              .formatted(
                  text, name, range(), unit.isEmpty() || kind == Kind.BYTES ? "" : " " + unit));
    }
    return value;
  }

  /** Returns the canonical spelling of a value. */
  String text(long value) {
    return switch (kind) {
      case WORD -> words.get((int) value);
      case BYTES -> sizeText(value);
      case COUNT, PERCENT -> Long.toString(value);
    };
  }

  /** Returns the bytes, or -1 if the text is no size in whole pages. */
  private static long size(String text) {
    if (!text.matches("[0-9]{1,12}[kmgt]?")) {
      return -1;
    }
    char last = text.charAt(text.length() - 1);
    int shift = 10 * ("kmgt".indexOf(last) + 1);
    String digits = shift == 0 ? text : text.substring(0, text.length() - 1);
    long number = Long.parseLong(digits);
    if (number > Long.MAX_VALUE >> shift) {
      return -1;
    }
    long bytes = number << shift;
    return bytes % PAGE == 0 ? bytes : -1;
  }

  /** Returns a size with the largest suffix that divides it. */
  public static String sizeText(long bytes) {
    for (int i = 4; i > 0 && bytes != 0; i--) {
      if (bytes % (1L << (10 * i)) == 0) {
        return (bytes >> (10 * i)) + String.valueOf(" kmgt".charAt(i));
      }
    }
    return Long.toString(bytes);
  }

  @Override
  public String toString() {
    return name + "=" + defaultText;
  }
}
