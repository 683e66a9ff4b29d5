package dev.broadsheet.lab.trace.importer;

/** Reads the fields of a line from left to right; after a mismatch nothing fits any more. */
final class Fields {
  private final String text;
  private int at;
  private boolean failed;

  Fields(String text) {
    this.text = text;
  }

  /** Skips blanks and then a literal text. */
  Fields expect(String literal) {
    blanks();
    if (text.startsWith(literal, at)) {
      at += literal.length();
    } else {
      failed = true;
    }
    return this;
  }

  /** Skips blanks and a literal text if it is there. */
  boolean optional(String literal) {
    blanks();
    if (!failed && text.startsWith(literal, at)) {
      at += literal.length();
      return true;
    }
    return false;
  }

  /** Reads a hex number, with or without 0x. */
  long hex() {
    blanks();
    if (text.startsWith("0x", at)) {
      at += 2;
    }
    int from = at;
    long value = 0;
    while (at < text.length() && Character.digit(text.charAt(at), 16) >= 0) {
      if (value >>> 60 != 0) {
        failed = true;
      }
      value = value << 4 | Character.digit(text.charAt(at++), 16);
    }
    failed |= at == from;
    return value;
  }

  /** Reads a decimal number below 2^31. */
  int decimal() {
    blanks();
    int from = at;
    long value = 0;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      value = Math.min(Integer.MAX_VALUE + 1L, 10 * value + text.charAt(at++) - '0');
    }
    failed |= at == from || value > Integer.MAX_VALUE;
    return (int) value;
  }

  /** Reads up to the next blank. */
  String word() {
    blanks();
    int from = at;
    while (at < text.length() && text.charAt(at) != ' ') {
      at++;
    }
    failed |= at == from;
    return text.substring(from, at);
  }

  /** Returns what is left. */
  String rest() {
    blanks();
    String rest = text.substring(at);
    at = text.length();
    return rest.stripTrailing();
  }

  /** Says that what was read cannot be. */
  void fail() {
    failed = true;
  }

  boolean isGood() {
    return !failed;
  }

  private void blanks() {
    while (at < text.length() && text.charAt(at) == ' ') {
      at++;
    }
  }
}
