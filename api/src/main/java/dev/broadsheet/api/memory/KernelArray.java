package dev.broadsheet.api.memory;

/**
 * An array of equal unsigned elements in kernel memory, as {@code kvcalloc()} gives it: zeroed, of
 * a length that never changes.
 *
 * <p>Elements are passed as {@code long}. A store keeps the low bits that fit the {@linkplain
 * #width() width}; a load zero-extends. Every method is safe to call from many threads; what they
 * promise about ordering stands in their names (see the package page).
 *
 * <p>An index outside {@code [0, length())} throws {@link IndexOutOfBoundsException}. Any call
 * after {@link #free()} throws {@link IllegalStateException} in checking implementations; the plain
 * one may throw {@link NullPointerException} or {@link IndexOutOfBoundsException} instead, and
 * never answers.
 */
public interface KernelArray {
  /** Returns the number of elements. */
  long length();

  /** Returns the width of one element. */
  ElementWidth width();

  /** Loads one element; acquires. */
  long get(long index);

  /** Stores one element; releases. */
  void set(long index, long value);

  /** Loads one element without ordering: for words that a lock protects or one thread owns. */
  long getPlain(long index);

  /** Stores one element without ordering: for words that a lock protects or one thread owns. */
  void setPlain(long index, long value);

  /**
   * Replaces one element if it holds {@code expected}; acquires and releases.
   *
   * @return whether the element held {@code expected} and now holds {@code value}
   */
  boolean compareAndSet(long index, long expected, long value);

  /**
   * Adds to one element, modulo its width; acquires and releases.
   *
   * @return the value before the addition
   */
  long getAndAdd(long index, long delta);

  /**
   * Stores {@code value} in every element of {@code [from, to)}: the kernel's {@code memset}. Plain
   * stores; readers may see them in any order until a later release.
   */
  void fill(long from, long to, long value);

  /**
   * Returns the first index in {@code [from, to)} whose element differs from {@code value}, or
   * {@code to}: the kernel's {@code memchr_inv}. Plain loads; the scan stops at the difference, and
   * only what was scanned is counted.
   */
  long mismatch(long from, long to, long value);

  /** Gives the memory back at once ({@code kvfree()}). A second call is a caller's mistake. */
  void free();
}
