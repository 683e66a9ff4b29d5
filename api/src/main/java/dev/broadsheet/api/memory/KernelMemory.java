package dev.broadsheet.api.memory;

/**
 * Where all state of a strategy, all page tables and all locks come from.
 *
 * <p>A <em>label</em> names a kind of memory in reports ("attr.4k", "xa_node"); several arrays or
 * caches may share one, and are then added up. It is a short text without white space, the same in
 * each run.
 *
 * <p>Safe for use from many threads.
 */
public interface KernelMemory {
  /**
   * Allocates an array of zeroes.
   *
   * @param label what it is for, as reports name it
   * @param width size of an element
   * @param length number of elements, 0 or more
   * @throws KernelOutOfMemoryException if there is no memory; nothing has changed then
   * @throws IllegalArgumentException if the length is negative or the label is blank
   */
  KernelArray array(String label, ElementWidth width, long length);

  /**
   * Creates a cache of equal objects; takes no memory for objects yet.
   *
   * @param label what it is for, as reports name it
   * @param objectBytes size of one object; a positive multiple of 8
   * @throws IllegalArgumentException if the size is not a positive multiple of 8 or the label is
   *     blank
   */
  ObjectCache cache(String label, int objectBytes);

  /** Creates a lock, released. */
  KernelLock lock(String label);
}
