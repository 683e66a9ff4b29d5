package dev.broadsheet.core.host;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * The content of pages, one byte each: enough to tell whose page one sees. Pages that were never
 * written hold 0 and cost nothing. Safe for use from many threads.
 */
final class PageBytes {
  private static final int SHIFT = 9;
  private static final int MASK = (1 << SHIFT) - 1;

  /** By page number without its low nine bits. Guarded by this. */
  private final Map<Long, byte[]> blocks = new HashMap<>();

  synchronized int get(long page) {
    byte[] block = blocks.get(page >>> SHIFT);
    return block == null ? 0 : block[(int) page & MASK] & 0xff;
  }

  synchronized void set(long page, int value) {
    blocks.computeIfAbsent(page >>> SHIFT, unused -> new byte[1 << SHIFT])[(int) page & MASK] =
        (byte) value;
  }

  /** Makes the pages of the non-empty range {@code [from, to)} zero. */
  synchronized void clear(long from, long to) {
    if (blocks.isEmpty()) {
      return;
    }
    blocks.keySet().removeIf(key -> key << SHIFT >= from && (key + 1) << SHIFT <= to);
    clearEdge(from >>> SHIFT, from, to);
    clearEdge((to - 1) >>> SHIFT, from, to);
  }

  private void clearEdge(long key, long from, long to) {
    byte[] block = blocks.get(key);
    if (block != null) {
      int first = (int) Math.max(0, from - (key << SHIFT));
      int last = (int) Math.min(block.length, to - (key << SHIFT));
      Arrays.fill(block, first, last, (byte) 0);
    }
  }
}
