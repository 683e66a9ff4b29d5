package dev.broadsheet.lab.workload;

import java.util.SplittableRandom;

/** Visits each of {@code size} numbers once, in an order without order, and keeps no list. */
final class Walk {
  private final long size;
  private final long stride;
  private final long start;

  Walk(long size, SplittableRandom random) {
    this.size = size;
    this.start = random.nextLong(size);
    long candidate = size < 3 ? 1 : 1 + random.nextLong(size - 1);
    while (gcd(candidate, size) != 1) {
      candidate = candidate % size + 1;
    }
    this.stride = candidate;
  }

  /** Returns the n-th number, n below size. */
  long at(long n) {
    return Math.floorMod(start + Math.floorMod(n * stride, size), size);
  }

  private static long gcd(long a, long b) {
    return b == 0 ? a : gcd(b, a % b);
  }
}
