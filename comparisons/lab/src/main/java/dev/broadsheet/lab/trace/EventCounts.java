package dev.broadsheet.lab.trace;

import com.google.common.collect.ImmutableMap;

/** Counts events by kind, without boxing. */
public final class EventCounts {
  private final long[] counts = new long[EventKind.values().length];

  /** Creates counts of zero. */
  public EventCounts() {}

  /** Counts one event. */
  @SuppressWarnings("EnumOrdinal") // an index into an array of this class alone, never stored
  public void add(EventKind kind) {
    counts[kind.ordinal()]++;
  }

  /** Returns how many events of a kind were counted. */
  @SuppressWarnings("EnumOrdinal") // as above
  public long get(EventKind kind) {
    return counts[kind.ordinal()];
  }

  /** Returns all counts, zeroes included. */
  public ImmutableMap<EventKind, Long> toMap() {
    ImmutableMap.Builder<EventKind, Long> map = ImmutableMap.builder();
    for (EventKind kind : EventKind.values()) {
      map.put(kind, get(kind));
    }
    return map.buildOrThrow();
  }
}
