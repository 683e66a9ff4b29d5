package dev.broadsheet.lab.trace;

import org.jspecify.annotations.Nullable;

/** The kinds of event line of {@code tdp-trace 1}. */
public enum EventKind {
  /** The VMM adds private, accepted memory before the guest starts (TDH.MEM.PAGE.ADD). */
  INITIAL('I', "pages added before start"),
  /** First access to a page, or the first since a conversion or discard covered it. */
  FIRST('F', "first accesses"),
  /** Access to a page that was accessed before: faults only if the mapping was dropped. */
  TOUCH('T', "repeated accesses"),
  /** The guest accepts a private page of 4K or 2M. */
  ACCEPT('A', "accepts"),
  /** One MapGPA call. */
  CONVERT('C', "conversions"),
  /** The VMM discards guest memory. */
  DISCARD('D', "discards"),
  /** Working-set re-arm: from here the next access of every page is recorded again. */
  REARM('E', "working-set re-arms"),
  /** A named moment. */
  MARK('M', "marks");

  private static final EventKind[] ALL = values();

  private final char letter;
  private final String plural;

  EventKind(char letter, String plural) {
    this.letter = letter;
    this.plural = plural;
  }

  /** Returns the first character of the line. */
  public char letter() {
    return letter;
  }

  /** Returns what such lines are, in words, in the plural. */
  public String plural() {
    return plural;
  }

  /** Returns the kind with a letter, or null if there is none. */
  static @Nullable EventKind ofLetter(int letter) {
    for (EventKind kind : ALL) {
      if (kind.letter == letter) {
        return kind;
      }
    }
    return null;
  }
}
