package dev.broadsheet.core.memory;

/**
 * Books the work under the locks of one label. {@link MeteredMemory} keeps one for each label of a
 * {@link dev.broadsheet.api.memory.KernelLock}; the owner of another kind of lock (the MMU's
 * read-write lock) keeps a {@link Hold} and calls it himself.
 */
public final class LockBook {
  private final String label;
  private final MemoryMeter meter;
  private long acquisitions;
  private final ExactDistribution references = new ExactDistribution();
  private final ExactDistribution[] tallies = new ExactDistribution[MemoryMeter.MOST_TALLIES];

  LockBook(String label, MemoryMeter meter) {
    this.label = label;
    this.meter = meter;
    for (int i = 0; i < tallies.length; i++) {
      tallies[i] = new ExactDistribution();
    }
  }

  /** Returns the label. */
  public String label() {
    return label;
  }

  /**
   * Returns a new hold, not begun; one for each lock object, or for each reader of a shared one.
   */
  public Hold hold() {
    return new Hold();
  }

  LockSummary summary() {
    return new LockSummary(
        label, acquisitions, references.spread(), meter.namedTallies(tallies, acquisitions));
  }

  /** From taking a lock to releasing it. Reusable; for one thread at a time. */
  public final class Hold {
    private int depth;
    private long referencesBefore;
    private final long[] talliesBefore = new long[MemoryMeter.MOST_TALLIES];

    private Hold() {}

    /** The lock has been taken. */
    public void begin() {
      synchronized (meter) {
        acquisitions++;
      }
      meter.countLock();
      depth = meter.depth();
      referencesBefore = meter.referencesUpTo(depth);
      for (int i = 0; i < talliesBefore.length; i++) {
        talliesBefore[i] = meter.tallyUpTo(depth, i);
      }
    }

    /** The lock is about to be released. */
    public void end() {
      synchronized (meter) {
        references.record(meter.referencesUpTo(depth) - referencesBefore);
        for (int i = 0; i < meter.tallyCount(); i++) {
          tallies[i].record(meter.tallyUpTo(depth, i) - talliesBefore[i]);
        }
      }
    }
  }
}
