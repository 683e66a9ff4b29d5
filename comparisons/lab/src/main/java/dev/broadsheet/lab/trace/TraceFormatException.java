package dev.broadsheet.lab.trace;

import java.io.IOException;
import java.io.Serial;

/**
 * A file is no trace, or not a whole one. The message is one line: file, line number, what was
 * found, what was expected.
 */
public final class TraceFormatException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  private static final int QUOTE_LIMIT = 80;

  private final long line;

  /** Says where, what was found, and what would do. */
  public TraceFormatException(String file, long line, String found, String expected) {
    super("%s:%d: found %s; expected %s.".formatted(file, line, found, expected));
    this.line = line;
  }

  /** Returns the number of the line, 1 being the first; 0 where the file as a whole is wrong. */
  public long line() {
    return line;
  }

  /** Returns text from a file in quotes: without control characters, and cut when long. */
  public static String quote(byte[] bytes, int from, int to) {
    StringBuilder text = new StringBuilder("'");
    int end = Math.min(to, from + QUOTE_LIMIT);
    for (int i = from; i < end; i++) {
      int c = bytes[i] & 0xff;
      if (c >= 0x20 && c < 0x7f) {
        text.append((char) c);
      } else {
        text.append("\\x%02x".formatted(c));
      }
    }
    return text.append(to > end ? "...'" : "'").toString();
  }
}
