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
    this.out =
        new BufferedWriter(
            new OutputStreamWriter(new GZIPOutputStream(stream), StandardCharsets.UTF_8));
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
