package dev.broadsheet.lab.trace;

import java.io.IOException;

/** A source of events that can be opened any number of times, each time with the same events. */
public interface Trace {
  /** Returns how the user named it: a path, or the name of a bundled trace. */
  String title();

  /**
   * Opens the trace and reads its header.
   *
   * @throws TraceFormatException if it is no trace
   * @throws IOException if it cannot be read
   */
  EventStream open() throws IOException;
}
