package dev.broadsheet.benchmarks.peers;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.PageAttributes;

/**
 * One design under measurement, over a guest whose memory is one slot from gfn 0 up to a whole
 * number of GiB. Every page begins as shared.
 *
 * <p>Not thread-safe as such: reads may come from many threads while nothing is converted.
 */
public interface Contender extends AutoCloseable {
  /** Returns the attributes of a page: shared or private. */
  int attributes(long gfn);

  /**
   * Returns the number of the largest level, 1 to 3, at which a page may be mapped: the largest
   * whose block holds one attribute.
   */
  int level(long gfn);

  /** Gives every page of {@code [start, end)} new attributes. */
  void convert(GfnRange range, int attributes);

  /** Gives memory back. */
  @Override
  default void close() {}

  /** Returns a new contender that one thread will ask. */
  static Contender open(String name, int gib) {
    return open(name, gib, /* threads= */ false);
  }

  /**
   * Returns a new contender.
   *
   * @param name of a peer ({@code byte-array}, {@code bitset}, {@code roaring}, {@code tree-map},
   *     {@code tree-range-map}, {@code fastutil}, {@code agrona}) or the spec of a strategy
   * @param gib the size of the guest
   * @param threads whether several threads will ask at a time
   * @throws IllegalArgumentException if there is neither a peer nor a strategy of that name
   */
  static Contender open(String name, int gib, boolean threads) {
    int pages = Math.toIntExact((long) gib << 18);
    return switch (name) {
      case "byte-array" -> new ByteArrayFloor(pages);
      case "bitset" -> new BitSetPeer(pages);
      case "roaring" -> new RoaringPeer();
      case "tree-map" -> new TreeMapPeer(pages);
      case "tree-range-map" -> new TreeRangeMapPeer(pages);
      case "fastutil" -> new FastutilPeer(pages);
      case "agrona" -> new AgronaPeer(pages);
      default -> new StrategyContender(name, pages, threads);
    };
  }

  /** Returns whether attributes say private, as 1 or 0: for counters and bits. */
  static int privateBit(int attributes) {
    return PageAttributes.isPrivate(attributes) ? 1 : 0;
  }
}
