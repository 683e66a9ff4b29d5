package dev.broadsheet.core.memory;

import org.jspecify.annotations.Nullable;

/** What one operation did; {@link MemoryMeter#ended()} gives the last one that ended. */
public final class EndedOperation {
  final long[] references = new long[MemoryMeter.MOST_GROUPS];
  final long[] lines = new long[MemoryMeter.MOST_GROUPS];
  final long[] tallies = new long[MemoryMeter.MOST_TALLIES];
  long allReferences;
  long allLines;
  @Nullable OperationKind kind;

  EndedOperation() {}

  /** Returns the kind, or null if none ended yet. */
  public @Nullable OperationKind kind() {
    return kind;
  }

  /** Returns its loads and stores. */
  public long references() {
    return allReferences;
  }

  /** Returns the loads and stores of one group. */
  public long references(AccessGroup group) {
    return references[group.index];
  }

  /** Returns the distinct lines that it touched. */
  public long lines() {
    return allLines;
  }

  /** Returns the lines that one group touched first. */
  public long lines(AccessGroup group) {
    return lines[group.index];
  }

  /** Returns how often something was counted in it. */
  public long tally(Tally tally) {
    return tallies[tally.index];
  }
}
