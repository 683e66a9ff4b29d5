package dev.broadsheet.core.memory;

/** Running figures of one {@link Footprint}. Guarded by the meter's monitor. */
final class FootprintBook {
  private final String label;
  private long bytes;
  private long peakBytes;
  private long roundedBytes;
  private long peakRoundedBytes;
  private long awaitingBytes;
  private long live;
  private long awaiting;
  private long allocations;

  FootprintBook(String label) {
    this.label = label;
  }

  void allocated(long size, long rounded) {
    bytes += size;
    roundedBytes += rounded;
    live++;
    allocations++;
    peakBytes = Math.max(peakBytes, bytes);
    peakRoundedBytes = Math.max(peakRoundedBytes, roundedBytes);
  }

  void freed(long size, long rounded) {
    bytes -= size;
    roundedBytes -= rounded;
    live--;
  }

  void deferred(long size) {
    bytes -= size;
    awaitingBytes += size;
    live--;
    awaiting++;
  }

  void reclaimed(long size, long rounded) {
    awaitingBytes -= size;
    roundedBytes -= rounded;
    awaiting--;
  }

  /** Adds what another label already holds, when it joins a group late. */
  void join(FootprintBook other) {
    bytes += other.bytes;
    roundedBytes += other.roundedBytes;
    awaitingBytes += other.awaitingBytes;
    live += other.live;
    awaiting += other.awaiting;
    allocations += other.allocations;
    peakBytes = Math.max(peakBytes, bytes);
    peakRoundedBytes = Math.max(peakRoundedBytes, roundedBytes);
  }

  void restartPeaks() {
    peakBytes = bytes;
    peakRoundedBytes = roundedBytes;
  }

  Footprint snapshot() {
    return new Footprint(
        label,
        bytes,
        peakBytes,
        roundedBytes,
        peakRoundedBytes,
        awaitingBytes,
        live,
        awaiting,
        allocations);
  }
}
