package dev.broadsheet.core.host;

import java.util.Arrays;

/**
 * A set of small numbers, of which the lowest is asked for again and again: the free blocks of one
 * order. All that a fault needs is done in a few loads, however many blocks there are.
 *
 * <p>Shape: one bit per number. Not thread-safe.
 */
final class FreeBlocks {
  private static final int SHIFT = 6;

  private long[] words = new long[1];
  private int count;

  /** No word below this one has a bit. */
  private int firstWord;

  boolean isEmpty() {
    return count == 0;
  }

  boolean get(int number) {
    int word = number >>> SHIFT;
    return word < words.length && (words[word] >>> number & 1) != 0;
  }

  void add(int number) {
    int word = number >>> SHIFT;
    if (word >= words.length) {
      words = Arrays.copyOf(words, Math.max(word + 1, 2 * words.length));
    }
    if ((words[word] >>> number & 1) == 0) {
      words[word] |= 1L << number;
      firstWord = count == 0 ? word : Math.min(firstWord, word);
      count++;
    }
  }

  void remove(int number) {
    if (get(number)) {
      words[number >>> SHIFT] &= ~(1L << number);
      count--;
    }
  }

  /** Takes the lowest number out and returns it; the set is not empty. */
  int takeFirst() {
    long word = words[firstWord];
    while (word == 0) {
      word = words[++firstWord];
    }
    words[firstWord] = word & (word - 1);
    count--;
    return (firstWord << SHIFT) + Long.numberOfTrailingZeros(word);
  }

  /** Returns whether any number of {@code [from, to)} is in the set. */
  boolean hasAny(int from, int to) {
    int number = from;
    while (number < to && number >>> SHIFT < words.length) {
      int word = number >>> SHIFT;
      long left = words[word] >>> number;
      if (left != 0) {
        return number + Long.numberOfTrailingZeros(left) < to;
      }
      number = (word + 1) << SHIFT;
    }
    return false;
  }
}
