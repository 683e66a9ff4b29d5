package dev.broadsheet.lab.replay;

import java.io.IOException;
import java.io.Serial;

/**
 * A file is no script, or a line of it is malformed. The message is one line: file, line number,
 * what was found, what was expected.
 */
public final class ScriptFormatException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  private static final int QUOTE_LIMIT = 80;

  ScriptFormatException(String file, long line, String found, String expected) {
    super("%s:%d: found %s; expected %s.".formatted(file, line, found, expected));
  }

  /** Returns text in quotes: without control characters, and cut when long. */
  static String quote(String text) {
    String clean = text.replaceAll("[^\\x20-\\x7e]", "?");
    return clean.length() <= QUOTE_LIMIT
        ? "'" + clean + "'"
        : "'" + clean.substring(0, QUOTE_LIMIT) + "...'";
  }
}
