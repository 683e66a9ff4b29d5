package dev.broadsheet.api.memory;

/**
 * A slab cache of equal objects of 8-byte words, as {@code kmem_cache_create()} gives it.
 *
 * <p>An object is named by a <em>handle</em>, which stands for the kernel's pointer: it is never 0,
 * and is positive and below 2^40, so that flag bits may be kept beside it in a word. A freed handle
 * may be given out again. Words are numbered from 0 to {@code objectBytes() / 8 - 1}.
 *
 * <p>All methods are safe to call from many threads; ordering stands in the names (see the package
 * page). Touching an object that is not live is a bug of the caller: checking implementations throw
 * {@link IllegalStateException}; the plain one answers with whatever the memory holds, as the
 * kernel does. A word outside the object throws {@link IndexOutOfBoundsException} in checking
 * implementations.
 */
public interface ObjectCache {
  /** Returns the size of one object in bytes; a multiple of 8. */
  int objectBytes();

  /**
   * Takes one object, all words zero.
   *
   * @return its handle, never 0
   * @throws KernelOutOfMemoryException if there is no memory; nothing has changed then
   */
  long allocate();

  /** Loads one word; acquires. */
  long get(long handle, int word);

  /** Stores one word; releases. */
  void set(long handle, int word, long value);

  /** Loads one word without ordering. */
  long getPlain(long handle, int word);

  /** Stores one word without ordering. */
  void setPlain(long handle, int word, long value);

  /** Replaces one word if it holds {@code expected}; acquires and releases. */
  boolean compareAndSet(long handle, int word, long expected, long value);

  /** Adds to one word; acquires and releases; returns the value before. */
  long getAndAdd(long handle, int word, long delta);

  /** Stores {@code value} in the words {@code [from, to)}; plain stores. */
  void fill(long handle, int from, int to, long value);

  /**
   * Returns the first word in {@code [from, to)} that differs from {@code value}, or {@code to}.
   */
  int mismatch(long handle, int from, int to, long value);

  /** Gives the object back at once ({@code kmem_cache_free()}). No reader may still hold it. */
  void free(long handle);

  /**
   * Gives the object back after an RCU grace period ({@code kfree_rcu()}): it leaves {@link
   * #live()} at once, counts as {@link #awaiting()} and keeps its words until every reader that
   * could hold it has left its read section.
   */
  void freeAfterGrace(long handle);

  /** Returns the number of objects allocated and not given back. */
  long live();

  /** Returns the number of objects given back that still wait for their grace period. */
  long awaiting();
}
