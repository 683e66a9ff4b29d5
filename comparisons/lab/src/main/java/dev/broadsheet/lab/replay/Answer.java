package dev.broadsheet.lab.replay;

import java.util.ArrayList;
import java.util.List;

/** One answer line: words, and what each of them says. */
final class Answer {
  private final List<String> words = new ArrayList<>();
  private final List<AnswerKind> kinds = new ArrayList<>();

  static Answer of(String label) {
    return new Answer().add(AnswerKind.LABEL, label);
  }

  Answer label(String text) {
    return add(AnswerKind.LABEL, text);
  }

  Answer add(AnswerKind kind, String word) {
    words.add(word);
    kinds.add(kind);
    return this;
  }

  Answer add(AnswerKind kind, long number) {
    return add(kind, Long.toString(number));
  }

  int count() {
    return words.size();
  }

  String word(int index) {
    return words.get(index);
  }

  AnswerKind kind(int index) {
    return kinds.get(index);
  }

  @Override
  public String toString() {
    return String.join(" ", words);
  }
}
