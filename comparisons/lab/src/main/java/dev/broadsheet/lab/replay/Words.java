package dev.broadsheet.lab.replay;

import com.google.common.base.Splitter;
import java.util.List;

/**
 * One line of a script in words, read strictly.
 *
 * @param file name of the file
 * @param line number of the line, 1 being the first
 * @param text the line
 * @param words its words
 */
record Words(String file, int line, String text, List<String> words) {
  private static final Splitter SPACES = Splitter.on(' ').omitEmptyStrings().trimResults();

  static Words of(String file, int line, String text) {
    return new Words(file, line, text, SPACES.splitToList(text));
  }

  int count() {
    return words.size();
  }

  String word(int index) {
    return words.get(index);
  }

  /** Returns a word as an unsigned number: decimal, or hexadecimal with 0x. */
  long number(int index) throws ScriptFormatException {
    return unsigned(word(index));
  }

  long unsigned(String word) throws ScriptFormatException {
    try {
      if (word.indexOf('+') >= 0) { // Java would take a sign
        throw new NumberFormatException(word);
      }
      return word.startsWith("0x")
          ? Long.parseUnsignedLong(word.substring(2), 16)
          : Long.parseUnsignedLong(word);
    } catch (NumberFormatException e) {
      throw wrong(ScriptFormatException.quote(word), "a number, decimal or with 0x");
    }
  }

  /** Returns the number in a word {@code KEY=NUMBER}. */
  long numberAfter(int index, String key) throws ScriptFormatException {
    return unsigned(after(index, key));
  }

  /** Returns the number in a word {@code KEY=HEX}, without 0x. */
  long hexAfter(int index, String key) throws ScriptFormatException {
    return unsigned("0x" + after(index, key));
  }

  private String after(int index, String key) throws ScriptFormatException {
    if (index >= count() || !word(index).startsWith(key)) {
      throw wrong(ScriptFormatException.quote(text), "a word that begins with " + key);
    }
    return word(index).substring(key.length());
  }

  /** Returns a word as a number that is at most {@code limit}. */
  long number(int index, long limit) throws ScriptFormatException {
    long number = number(index);
    if (Long.compareUnsigned(number, limit) > 0) {
      throw wrong(word(index), "a number up to " + limit);
    }
    return number;
  }

  void requireCount(int least, int most, String form) throws ScriptFormatException {
    if (count() < least || count() > most) {
      throw wrong(ScriptFormatException.quote(text), form);
    }
  }

  ScriptFormatException wrong(String found, String expected) {
    return new ScriptFormatException(file, line, found, expected);
  }
}
