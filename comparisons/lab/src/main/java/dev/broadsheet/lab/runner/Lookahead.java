package dev.broadsheet.lab.runner;

import dev.broadsheet.lab.trace.EventStream;
import dev.broadsheet.lab.trace.TraceEvent;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Events in order, some of which may be read, and may happen, before their turn. */
final class Lookahead {
  /** An event and how far it has come. */
  static final class Ahead {
    final TraceEvent event = new TraceEvent();

    /** Number in the trace, from 0. */
    long number;

    /** Time since the first event, in nanoseconds. */
    long nanos;

    boolean isDone;

    /** Faults that it took so far. */
    int faults;

    /** Bytes of an accept that the guest has so far. */
    long accepted;

    private void begin(long itsNumber, long itsNanos) {
      number = itsNumber;
      nanos = itsNanos;
      isDone = false;
      faults = 0;
      accepted = 0;
    }
  }

  private final EventStream stream;
  private final List<Ahead> read = new ArrayList<>();
  private final Deque<Ahead> free = new ArrayDeque<>();
  private @Nullable Ahead current;
  private long number;
  private long nanos;
  private boolean isAtEnd;

  Lookahead(EventStream stream) {
    this.stream = stream;
  }

  /** Returns the next event that did not happen yet, valid until the next call; null at the end. */
  @Nullable Ahead next() throws IOException {
    if (current != null) {
      free.push(current);
      current = null;
    }
    while (peek(0) != null) {
      Ahead first = read.remove(0);
      if (!first.isDone) {
        current = first;
        return first;
      }
      free.push(first);
    }
    return null;
  }

  /**
   * Returns an event behind the current one, those that happened already included; null if the
   * trace ends before it.
   */
  @Nullable Ahead peek(int index) throws IOException {
    while (read.size() <= index && !isAtEnd) {
      Ahead ahead = free.isEmpty() ? new Ahead() : free.pop();
      if (stream.next(ahead.event)) {
        nanos += ahead.event.deltaNanos();
        ahead.begin(number, nanos);
        number++;
        read.add(ahead);
      } else {
        isAtEnd = true;
      }
    }
    return index < read.size() ? read.get(index) : null;
  }
}
