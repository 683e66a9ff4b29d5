package dev.broadsheet.lab.workload;

import dev.broadsheet.lab.trace.AttributeRuns;
import dev.broadsheet.lab.trace.EventCounts;
import dev.broadsheet.lab.trace.EventKind;
import dev.broadsheet.lab.trace.EventStream;
import dev.broadsheet.lab.trace.Trace;
import dev.broadsheet.lab.trace.TraceEvent;
import dev.broadsheet.lab.trace.TraceHeader;
import dev.broadsheet.lab.trace.TraceSlot;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Reads a stream and says where it is not what a guest can do. Shares nothing with the generators:
 * runs of attributes, runs of accepted pages, and a set of accessed pages.
 */
final class StreamChecker {
  private static final int PRIVATE = 1;
  private static final int ACCEPTED = 1;
  private static final int MOST = 5;

  private final AttributeRuns attributes = new AttributeRuns(PRIVATE);
  private final AttributeRuns accepted = new AttributeRuns(0);
  private final Set<Long> accessed = new HashSet<>();
  private final List<String> complaints = new ArrayList<>();
  private final EventCounts counts = new EventCounts();
  private final boolean acceptFirst;
  private long events;
  private String sha256 = "";

  private StreamChecker(boolean acceptFirst) {
    this.acceptFirst = acceptFirst;
  }

  /** Reads all of a trace. */
  static StreamChecker check(Trace trace, boolean acceptFirst) throws IOException {
    return check(trace, acceptFirst, Long.MAX_VALUE);
  }

  /** Reads a number of events at most. */
  static StreamChecker check(Trace trace, boolean acceptFirst, long most) throws IOException {
    StreamChecker checker = new StreamChecker(acceptFirst);
    try (EventStream stream = trace.open()) {
      TraceEvent event = new TraceEvent();
      while (checker.events < most && stream.next(event)) {
        checker.events++;
        checker.counts.add(event.kind());
        checker.check(stream.header(), event);
      }
      checker.sha256 = checker.events < most ? stream.sha256() : "";
    }
    return checker;
  }

  /** Returns the first things that cannot be; empty for a good stream. */
  List<String> complaints() {
    return complaints;
  }

  long events() {
    return events;
  }

  long count(EventKind kind) {
    return counts.get(kind);
  }

  String sha256() {
    return sha256;
  }

  /** Returns the attributes at the end. */
  AttributeRuns attributes() {
    return attributes;
  }

  private void check(TraceHeader header, TraceEvent event) {
    long from = event.gpa() >>> 12;
    long to = event.end() >>> 12;
    if (((event.gpa() | event.bytes()) & 0xfff) != 0) {
      complain(event, "is not in whole pages");
    }
    if (event.vcpu() >= header.vcpus() || event.vcpu() < 0) {
      complain(event, "is of a vCPU that the header does not have");
    }
    if (event.deltaNanos() < 0) {
      complain(event, "goes back in time");
    }
    boolean inside = isInside(header, event.gpa(), event.end());
    switch (event.kind()) {
      case INITIAL -> {
        require(inside, event, "is outside memory");
        accepted.convert(from, to, ACCEPTED);
      }
      case FIRST, TOUCH -> {
        require(inside, event, "is outside memory");
        boolean isPrivate = attributes.attributes(from) == PRIVATE;
        require(event.isPrivate() == isPrivate, event, "has not the last conversion's attribute");
        require(
            !isPrivate || !acceptFirst || accepted.attributes(from) == ACCEPTED,
            event,
            "touches a private page before it is accepted");
        require(
            accessed.add(from) == (event.kind() == EventKind.FIRST),
            event,
            "is first where it was accessed, or again where it was not");
      }
      case ACCEPT -> {
        require(inside, event, "is outside memory");
        require(event.bytes() == 0x1000 || event.bytes() == 0x200000, event, "has an odd size");
        require(event.gpa() % event.bytes() == 0, event, "is not aligned");
        require(attributes.firstDifference(from, to, PRIVATE) == to, event, "is not all private");
        require(accepted.firstDifference(from, to, 0) == to, event, "accepts twice");
        accepted.convert(from, to, ACCEPTED);
      }
      case CONVERT -> {
        require(inside || !touches(header, event), event, "is half inside memory");
        int wanted = event.isPrivate() ? PRIVATE : 0;
        for (long gfn = from; gfn < to; ) {
          long end = Math.min(to, attributes.runEnd(gfn));
          if (attributes.attributes(gfn) != wanted) {
            accepted.convert(gfn, end, 0);
          }
          gfn = end;
        }
        attributes.convert(from, to, wanted);
        forget(from, to);
      }
      case DISCARD -> {
        require(inside, event, "is outside memory");
        accepted.convert(from, to, 0);
        forget(from, to);
      }
      case REARM, MARK -> {
        // Say nothing about pages.
      }
    }
  }

  private void forget(long from, long to) {
    if (to - from < accessed.size()) {
      for (long gfn = from; gfn < to; gfn++) {
        accessed.remove(gfn);
      }
    } else {
      accessed.removeIf(gfn -> gfn >= from && gfn < to);
    }
  }

  private static boolean isInside(TraceHeader header, long from, long to) {
    long next = from;
    for (TraceSlot slot : header.slots()) {
      if (next >= slot.gpa() && next < slot.end()) {
        next = slot.end();
      }
    }
    return next >= to;
  }

  private static boolean touches(TraceHeader header, TraceEvent event) {
    return header.slots().stream()
        .anyMatch(slot -> event.gpa() < slot.end() && slot.gpa() < event.end());
  }

  private void require(boolean condition, TraceEvent event, String complaint) {
    if (!condition) {
      complain(event, complaint);
    }
  }

  private void complain(TraceEvent event, String complaint) {
    if (complaints.size() < MOST) {
      complaints.add("event %d '%s' %s".formatted(events, event, complaint));
    }
  }
}
