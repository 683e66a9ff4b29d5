package dev.broadsheet.core.memory;

import dev.broadsheet.api.memory.ElementWidth;
import dev.broadsheet.api.memory.KernelArray;
import dev.broadsheet.api.memory.KernelLock;
import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import dev.broadsheet.api.memory.ObjectCache;

/**
 * Kernel memory at the speed of Java arrays: an access costs what an array access costs. Nothing is
 * counted or checked beyond the bounds that Java checks; footprints are a matter of {@link
 * MeteredMemory}.
 *
 * <p>Arrays have at most {@code 2^31 - 9} elements; a longer one is an allocation that fails. The
 * handle of an object is an eighth of an address at which the object would lie if slabs were packed
 * as SLUB packs them; {@link MeteredMemory} relies on that.
 *
 * <p>Safe for use from many threads, unless made for one: then what is atomic elsewhere is a load
 * and a store, and objects lie in one array. Allocation from a cache of many threads takes no lock,
 * except for objects that were never used before.
 */
public final class PlainMemory implements KernelMemory {
  private static final long LARGEST_ARRAY = Integer.MAX_VALUE - 8;

  private final Rcu rcu;
  private final boolean threads;

  /** Creates memory with RCU of its own. */
  public PlainMemory() {
    this(new Rcu());
  }

  /**
   * Creates memory.
   *
   * @param rcu whose grace periods objects wait for in {@link ObjectCache#freeAfterGrace}
   */
  public PlainMemory(Rcu rcu) {
    this(rcu, /* threads= */ true);
  }

  /**
   * Creates memory.
   *
   * @param threads whether several threads will use it at a time
   */
  public PlainMemory(Rcu rcu, boolean threads) {
    this.rcu = rcu;
    this.threads = threads;
  }

  /** Returns whose grace periods objects wait for. */
  public Rcu rcu() {
    return rcu;
  }

  @Override
  public KernelArray array(String label, ElementWidth width, long length) {
    checkArray(label, length);
    if (length > LARGEST_ARRAY) {
      throw new KernelOutOfMemoryException(label, saturatedBytes(width, length));
    }
    int elements = (int) length;
    return switch (width) {
      case U8 -> new ByteElements(elements, threads);
      case U16 -> new ShortElements(elements, threads);
      case U32 -> new IntElements(elements, threads);
      case U64 -> new LongElements(elements, threads);
    };
  }

  @Override
  public ObjectCache cache(String label, int objectBytes) {
    checkLabel(label);
    return threads
        ? new PlainCache(label, objectBytes, rcu)
        : new FlatCache(label, objectBytes, rcu);
  }

  @Override
  public KernelLock lock(String label) {
    checkLabel(label);
    return new PlainLock(label);
  }

  static void checkArray(String label, long length) {
    checkLabel(label);
    if (length < 0) {
      throw new IllegalArgumentException(
          "array '" + label + "' of " + length + " elements; a length is 0 or more");
    }
  }

  static void checkLabel(String label) {
    if (label.isBlank() || label.chars().anyMatch(Character::isWhitespace)) {
      throw new IllegalArgumentException(
          "label '" + label + "'; a label is a short text without white space");
    }
  }

  private static long saturatedBytes(ElementWidth width, long length) {
    return length > Long.MAX_VALUE >> width.shift() ? Long.MAX_VALUE : length << width.shift();
  }
}
