package dev.broadsheet.core.memory;

/**
 * A kind of operation whose work a {@link MemoryMeter} books apart: "fault", "convert". Registered
 * once with {@link MemoryMeter#operation}, and then passed to each {@link
 * MemoryMeter#beginOperation}.
 */
public final class OperationKind {
  private final String name;
  private final MemoryMeter meter;

  long count;
  final long[] loads = new long[MemoryMeter.MOST_GROUPS];
  final long[] stores = new long[MemoryMeter.MOST_GROUPS];
  final long[] lines = new long[MemoryMeter.MOST_GROUPS];
  final long[][] misses;
  final ExactDistribution[] referenceSpreads = new ExactDistribution[MemoryMeter.MOST_GROUPS + 1];
  final ExactDistribution[] lineSpreads = new ExactDistribution[MemoryMeter.MOST_GROUPS + 1];
  final ExactDistribution[] tallySpreads = new ExactDistribution[MemoryMeter.MOST_TALLIES];

  OperationKind(String name, MemoryMeter meter, int cacheLevels) {
    this.name = name;
    this.meter = meter;
    misses = new long[cacheLevels][MemoryMeter.MOST_GROUPS];
    fill(referenceSpreads);
    fill(lineSpreads);
    fill(tallySpreads);
  }

  /** Returns the name under which it is reported. */
  public String name() {
    return name;
  }

  boolean belongsTo(MemoryMeter other) {
    return meter == other;
  }

  @Override
  public String toString() {
    return name;
  }

  private static void fill(ExactDistribution[] spreads) {
    for (int i = 0; i < spreads.length; i++) {
      spreads[i] = new ExactDistribution();
    }
  }
}
