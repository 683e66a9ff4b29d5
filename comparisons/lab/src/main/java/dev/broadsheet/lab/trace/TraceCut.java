package dev.broadsheet.lab.trace;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.io.OutputStream;
import java.util.EnumMap;
import java.util.Map;

/**
 * A shorter trace: the first events of another, up to a number or up to a mark. Only beginnings are
 * cut out, since the middle of a trace has no meaning without what was mapped and converted before.
 *
 * @param source what is cut
 * @param mostEvents how many events are kept at most
 * @param untilMark name of the mark that ends the cut, itself kept; empty for none
 */
public record TraceCut(Trace source, long mostEvents, String untilMark) {
  /**
   * Writes the shorter trace and returns the number of its events.
   *
   * @throws IllegalArgumentException if the mark does not occur
   */
  public long writeTo(OutputStream out) throws IOException {
    Map<EventKind, Long> counts = new EnumMap<>(EventKind.class);
    long kept = 0;
    boolean found = untilMark.isEmpty();
    TraceEvent event = new TraceEvent();
    try (EventStream stream = source.open()) {
      while (kept < mostEvents && stream.next(event)) {
        kept++;
        counts.merge(event.kind(), 1L, Long::sum);
        if (isLast(event)) {
          found = true;
          break;
        }
      }
    }
    if (!found) {
      throw new IllegalArgumentException(
          "No mark '%s' among the first %d events of %s; 'trace info' lists the marks."
              .formatted(untilMark, kept, source.title()));
    }
    try (EventStream stream = source.open();
        TraceWriter writer = new TraceWriter(out, header(stream.header(), counts, kept))) {
      for (long i = 0; i < kept && stream.next(event); i++) {
        writer.write(event);
      }
    }
    return kept;
  }

  private boolean isLast(TraceEvent event) {
    return !untilMark.isEmpty() && event.kind() == EventKind.MARK && event.text().equals(untilMark);
  }

  private static TraceHeader header(TraceHeader header, Map<EventKind, Long> counts, long kept) {
    ImmutableMap.Builder<String, String> keys = ImmutableMap.builder();
    header
        .keys()
        .forEach(
            (key, value) -> {
              // Checks of the whole recording say nothing about a part of it.
              if (!key.equals("check") && !key.equals("content-check") && !key.equals("cut")) {
                keys.put(key, value);
              }
            });
    keys.put("cut", "first " + kept + " events");
    return new TraceHeader(
        header.name(),
        header.kind(),
        header.vcpus(),
        header.slots(),
        ImmutableMap.copyOf(counts),
        keys.buildOrThrow());
  }
}
