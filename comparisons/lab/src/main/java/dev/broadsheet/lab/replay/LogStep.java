package dev.broadsheet.lab.replay;

import java.util.List;

/**
 * One operation of a recorded script.
 *
 * @param words the line {@code step N OP...}
 * @param recorded the lines below it, up to the next step
 * @param recordedLine number of the first of them
 */
record LogStep(Words words, List<String> recorded, int recordedLine) {
  /** Returns the operation's name. */
  String operation() {
    return words.word(2);
  }

  /** Returns the operation and its operands. */
  String text() {
    return String.join(" ", words.words().subList(2, words.count()));
  }
}
