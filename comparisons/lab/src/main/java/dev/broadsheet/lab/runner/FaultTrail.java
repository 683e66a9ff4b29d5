package dev.broadsheet.lab.runner;

import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.ImmutableLongArray;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the faults of each event touched, so that a run can be compared with another one fault by
 * fault: the same event under two strategies asks for the same page.
 *
 * @param events numbers of the events that faulted, ascending
 * @param lines distinct lines of the faults of each
 * @param references loads and stores of the faults of each
 */
record FaultTrail(
    ImmutableLongArray events, ImmutableIntArray lines, ImmutableIntArray references) {
  /** Enough for an hour's trace; what faults later is not compared. */
  private static final int MOST_EVENTS = 2_000_000;

  /** Collects a trail. */
  static final class Builder {
    private final ImmutableLongArray.Builder events = ImmutableLongArray.builder();
    private final ImmutableIntArray.Builder lines = ImmutableIntArray.builder();
    private final ImmutableIntArray.Builder references = ImmutableIntArray.builder();
    private int size;

    /** False once an event faulted again after another one: they overlapped. */
    private boolean isAscending = true;

    private long event = -1;
    private long eventLines;
    private long eventReferences;

    /** A fault of an event ended. */
    void fault(long ofEvent, long itsLines, long itsReferences) {
      if (event == ofEvent) {
        eventLines += itsLines;
        eventReferences += itsReferences;
        return;
      }
      flush();
      isAscending &= ofEvent > event;
      event = ofEvent;
      eventLines = itsLines;
      eventReferences = itsReferences;
    }

    private void flush() {
      if (event >= 0 && size < MOST_EVENTS) {
        events.add(event);
        lines.add((int) Math.min(eventLines, Integer.MAX_VALUE));
        references.add((int) Math.min(eventReferences, Integer.MAX_VALUE));
        size++;
      }
    }

    FaultTrail build() {
      flush();
      FaultTrail trail = new FaultTrail(events.build(), lines.build(), references.build());
      return isAscending ? trail : trail.sorted();
    }
  }

  /** Puts the events in order, and the parts of one event together. */
  private FaultTrail sorted() {
    Map<Long, int[]> byEvent = new TreeMap<>();
    for (int i = 0; i < events.length(); i++) {
      int[] sums = byEvent.computeIfAbsent(events.get(i), event -> new int[2]);
      sums[0] += lines.get(i);
      sums[1] += references.get(i);
    }
    ImmutableIntArray.Builder sortedLines = ImmutableIntArray.builder(byEvent.size());
    ImmutableIntArray.Builder sortedReferences = ImmutableIntArray.builder(byEvent.size());
    for (int[] sums : byEvent.values()) {
      sortedLines.add(sums[0]);
      sortedReferences.add(sums[1]);
    }
    return new FaultTrail(
        ImmutableLongArray.copyOf(byEvent.keySet()), sortedLines.build(), sortedReferences.build());
  }

  /**
   * Differences between two runs, over the events that faulted in both.
   *
   * @param sorted one difference per event, ascending
   */
  record Differences(ImmutableLongArray sorted) {
    double mean() {
      return sorted.isEmpty() ? 0 : (double) sorted.stream().sum() / sorted.length();
    }

    /** Returns the nearest rank. */
    long rank(int percent) {
      long rank = ((long) sorted.length() * percent + 99) / 100 - 1;
      return sorted.isEmpty() ? 0 : sorted.get((int) Math.max(0, rank));
    }
  }

  Differences linesBeyond(FaultTrail other) {
    return beyond(other, lines, other.lines);
  }

  Differences referencesBeyond(FaultTrail other) {
    return beyond(other, references, other.references);
  }

  private Differences beyond(FaultTrail other, ImmutableIntArray mine, ImmutableIntArray theirs) {
    long[] found = new long[Math.min(events.length(), other.events.length())];
    int count = 0;
    int at = 0;
    for (int i = 0; i < events.length(); i++) {
      while (at < other.events.length() && other.events.get(at) < events.get(i)) {
        at++;
      }
      if (at < other.events.length() && other.events.get(at) == events.get(i)) {
        found[count] = (long) mine.get(i) - theirs.get(at);
        count++;
      }
    }
    long[] sorted = Arrays.copyOf(found, count);
    Arrays.sort(sorted);
    return new Differences(ImmutableLongArray.copyOf(sorted));
  }
}
