package dev.broadsheet.core.memory;

import java.util.List;

/**
 * A hierarchy of set-associative caches with least-recently-used replacement; no prefetching, one
 * core. A line that misses a level is looked for in the next and brought into all.
 */
final class CacheModel {
  private final List<CacheGeometry> geometry;

  /** Per level, the sets one after the other; within a set the most recent line first, plus 1. */
  private final long[][] lines;

  private final int[] ways;
  private final int[] setMask;

  CacheModel(List<CacheGeometry> geometry) {
    this.geometry = List.copyOf(geometry);
    int levels = geometry.size();
    lines = new long[levels][];
    ways = new int[levels];
    setMask = new int[levels];
    for (int level = 0; level < levels; level++) {
      CacheGeometry size = geometry.get(level);
      lines[level] = new long[size.sets() * size.ways()];
      ways[level] = size.ways();
      setMask[level] = size.sets() - 1;
    }
  }

  List<CacheGeometry> geometry() {
    return geometry;
  }

  /** Touches a line; returns the number of levels that missed it. */
  int access(long line) {
    int level = 0;
    while (level < lines.length && !touch(level, line)) {
      level++;
    }
    return level;
  }

  private boolean touch(int level, long line) {
    long[] all = lines[level];
    int first = ((int) line & setMask[level]) * ways[level];
    int last = first + ways[level] - 1;
    long wanted = line + 1;
    int at = first;
    while (at < last && all[at] != wanted) {
      at++;
    }
    boolean hit = all[at] == wanted;
    for (; at > first; at--) {
      all[at] = all[at - 1];
    }
    all[first] = wanted;
    return hit;
  }
}
