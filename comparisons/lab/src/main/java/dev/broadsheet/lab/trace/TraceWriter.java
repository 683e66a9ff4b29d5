package dev.broadsheet.lab.trace;

import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/** Writes {@code tdp-trace 1}, packed with gzip; the same events give the same bytes. */
public final class TraceWriter implements Closeable {
  private final Writer out;

  /** Writes the header; takes the stream over. */
  public TraceWriter(OutputStream stream, TraceHeader header) throws IOException {
    this(stream, header, true);
  }

  private TraceWriter(OutputStream stream, TraceHeader header, boolean packed) throws IOException {
    this.out =
        new BufferedWriter(
            new OutputStreamWriter(
                packed ? new GZIPOutputStream(stream) : stream, StandardCharsets.UTF_8));
    line(HeaderParser.FIRST_LINE);
    line("# name: " + header.name());
    line("# kind: " + header.kind().label());
    line("# vcpus: " + header.vcpus());
    for (Map.Entry<String, String> key : header.keys().entrySet()) {
      line("# " + key.getKey() + ": " + key.getValue());
    }
    for (TraceSlot slot : header.slots()) {
      line(
          "# slot: %x %x %s %s"
              .formatted(slot.gpa(), slot.bytes(), slot.writable() ? "rw" : "ro", slot.name()));
    }
    if (!header.counts().isEmpty()) {
      StringBuilder counts = new StringBuilder("# counts:");
      header.counts().forEach((kind, n) -> counts.append(" %c=%d".formatted(kind.letter(), n)));
      line(counts.toString());
    }
    line(HeaderParser.LAST_LINE);
  }

  /**
   * Writes all of a trace, which is read twice: the header says how many events there are, so that
   * a file that was cut is noticed.
   *
   * @param packed whether to write gzip
   * @return how many events of each kind there are
   */
  public static EventCounts copy(Trace trace, OutputStream stream, boolean packed)
      throws IOException {
    EventCounts counts = new EventCounts();
    TraceEvent event = new TraceEvent();
    try (EventStream events = trace.open()) {
      while (events.next(event)) {
        counts.add(event.kind());
      }
    }
    try (EventStream events = trace.open();
        TraceWriter writer = new TraceWriter(stream, counted(events.header(), counts), packed)) {
      while (events.next(event)) {
        writer.write(event);
      }
    }
    return counts;
  }

  private static TraceHeader counted(TraceHeader header, EventCounts counts) {
    return new TraceHeader(
        header.name(),
        header.kind(),
        header.vcpus(),
        header.slots(),
        counts.toMap(),
        header.keys());
  }

  /** Writes one event. */
  public void write(TraceEvent event) throws IOException {
    line(event.toString());
  }

  private void line(String text) throws IOException {
    out.write(text);
    out.write('\n');
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
