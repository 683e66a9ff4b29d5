package dev.broadsheet.core.memory;

import java.util.HashMap;
import java.util.Map;

/**
 * Which words more than one thread touches, and at least one of them writes: only there does it
 * matter who comes first. Learnt over the schedules of one exploration; it only grows.
 */
final class SharedWords {
  private static final int MANY = -1;

  private static final class Word {
    int toucher;
    boolean written;

    Word(int toucher) {
      this.toucher = toucher;
    }
  }

  private final boolean all;
  private final Map<Long, Word> words = new HashMap<>();
  private long growth;

  private SharedWords(boolean all) {
    this.all = all;
  }

  /** Knows nothing yet. */
  static SharedWords learning() {
    return new SharedWords(false);
  }

  /** Takes every word for shared: a replay is asked about every step. */
  static SharedWords everything() {
    return new SharedWords(true);
  }

  /** Notes an access; returns whether the word is known to be shared. */
  boolean touch(long key, int thread, boolean writes) {
    if (all) {
      return true;
    }
    Word word = words.computeIfAbsent(key, k -> new Word(thread));
    boolean before = word.toucher == MANY && word.written;
    if (word.toucher != thread) {
      word.toucher = MANY;
    }
    word.written |= writes;
    boolean shared = word.toucher == MANY && word.written;
    if (shared && !before) {
      growth++;
    }
    return shared;
  }

  /** Returns a number that changes when a word becomes shared. */
  long growth() {
    return growth;
  }
}
