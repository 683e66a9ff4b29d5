package dev.broadsheet.core.memory;

import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Counts each value exactly: small values in an array, the few large ones in a tree. Recording a
 * small value is one increment.
 */
final class ExactDistribution {
  private static final int LARGEST_SMALL = 1 << 16;

  private long[] small = new long[64];
  private final TreeMap<Long, Long> large = new TreeMap<>();
  private long samples;
  private long sum;
  private long max;

  void record(long value) {
    samples++;
    sum += value;
    max = Math.max(max, value);
    if (value < small.length) {
      small[(int) value]++;
    } else {
      recordLarger(value);
    }
  }

  Spread spread() {
    return samples == 0 ? Spread.NONE : new Spread(samples, sum, rank(50), rank(99), max);
  }

  /** Returns how often each value was recorded, those never recorded left out. */
  SortedMap<Long, Long> counts() {
    SortedMap<Long, Long> counts = new TreeMap<>(large);
    for (int value = 0; value < small.length; value++) {
      if (small[value] > 0) {
        counts.put((long) value, small[value]);
      }
    }
    return Collections.unmodifiableSortedMap(counts);
  }

  private void recordLarger(long value) {
    if (value < LARGEST_SMALL) {
      small = Arrays.copyOf(small, 2 * Integer.highestOneBit((int) value));
      small[(int) value]++;
    } else {
      large.merge(value, 1L, Long::sum);
    }
  }

  private long rank(int percent) {
    long wanted = Math.max(1, (samples * percent + 99) / 100);
    long seen = 0;
    for (int value = 0; value < small.length; value++) {
      seen += small[value];
      if (seen >= wanted) {
        return value;
      }
    }
    for (Map.Entry<Long, Long> entry : large.entrySet()) {
      seen += entry.getValue();
      if (seen >= wanted) {
        return entry.getKey();
      }
    }
    return max;
  }
}
