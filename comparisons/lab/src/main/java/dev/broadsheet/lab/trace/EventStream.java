package dev.broadsheet.lab.trace;

import java.io.Closeable;
import java.io.IOException;

/** Events in order, read once. Not safe for use from several threads. */
public interface EventStream extends Closeable {
  /** Returns what was declared before the first event. */
  TraceHeader header();

  /**
   * Reads the next event.
   *
   * @param event filled if there is one, else unspecified
   * @return whether there was one
   * @throws TraceFormatException if the source is malformed
   * @throws IOException if it cannot be read
   */
  boolean next(TraceEvent event) throws IOException;

  /** Returns the SHA-256 of all bytes of the source, in hex; known when {@link #next} was false. */
  String sha256();
}
