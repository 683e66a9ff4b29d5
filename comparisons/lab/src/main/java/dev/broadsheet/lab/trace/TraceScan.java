package dev.broadsheet.lab.trace;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What one pass over a trace finds: that it is well-formed, how many events there are of each kind,
 * and where they fall. Memory grows with the touched memory of the guest, not with the events.
 *
 * @param header the header
 * @param sha256 of the file's bytes, as {@code sha256sum} prints it
 * @param counts events by kind, every kind present
 * @param conversions what the MapGPA calls ask for
 * @param touchedPages distinct 4K pages accessed, accepted or added
 * @param touchedRegions distinct 2M regions that hold one of them
 * @param accessedPages distinct 4K pages of F and T lines alone
 * @param touchedSpans the touched 2M regions as ranges of addresses, sorted, at most {@value
 *     #MOST_SPANS}
 * @param marks the first {@value #MOST_MARKS} marks
 * @param durationNanos time of the last event
 */
public record TraceScan(
    TraceHeader header,
    String sha256,
    ImmutableMap<EventKind, Long> counts,
    Conversions conversions,
    long touchedPages,
    long touchedRegions,
    long accessedPages,
    ImmutableList<Span> touchedSpans,
    ImmutableList<Mark> marks,
    long durationNanos) {
  private static final int MOST_MARKS = 200;
  private static final int MOST_SPANS = 64;

  /**
   * What the MapGPA calls ask for.
   *
   * @param inside calls wholly inside declared memory
   * @param outside calls that touch no declared memory
   * @param partly calls that cross its edge
   * @param unchanged calls that ask for what already holds
   * @param toSharedBytes bytes that became shared inside declared memory
   * @param toPrivateBytes bytes that became private inside declared memory
   * @param sizes calls by size in bytes
   * @param everMixedRegions 2M regions inside declared memory that held both attributes at some
   *     time
   * @param mixedAtEnd those that hold both at the end
   */
  public record Conversions(
      long inside,
      long outside,
      long partly,
      long unchanged,
      long toSharedBytes,
      long toPrivateBytes,
      ImmutableMap<Long, Long> sizes,
      long everMixedRegions,
      long mixedAtEnd) {}

  /** A named moment: which event of the trace, at what time. */
  public record Mark(String name, long event, long nanos) {}

  /** A range of addresses, {@code [start, end)}. */
  public record Span(long start, long end) {}

  /** Returns the number of event lines. */
  public long events() {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Returns the number of events of one kind. */
  public long count(EventKind kind) {
    Long count = counts.get(kind);
    return count == null ? 0 : count;
  }

  /**
   * Reads a trace from beginning to end.
   *
   * @throws TraceFormatException if it is malformed
   */
  public static TraceScan of(Trace trace) throws IOException {
    try (EventStream stream = trace.open()) {
      return new Pass(stream).run();
    }
  }

  private static final class Pass {
    private final EventStream stream;
    private final TraceHeader header;
    private final EventCounts counts = new EventCounts();
    private final Map<Long, long[]> touched = new HashMap<>();
    private final Map<Long, long[]> accessed = new HashMap<>();
    private final AttributeRuns attributes = new AttributeRuns(PageAttributes.PRIVATE);
    private final Map<Long, Long> sizes = new TreeMap<>();
    private final Set<Long> everMixed = new HashSet<>();
    private final List<Mark> marks = new ArrayList<>();
    private long nanos;
    private long events;
    private long inside;
    private long outside;
    private long partly;
    private long unchanged;
    private long toShared;
    private long toPrivate;

    Pass(EventStream stream) {
      this.stream = stream;
      this.header = stream.header();
    }

    TraceScan run() throws IOException {
      TraceEvent event = new TraceEvent();
      while (stream.next(event)) {
        events++;
        nanos += event.deltaNanos();
        counts.add(event.kind());
        switch (event.kind()) {
          case INITIAL, ACCEPT -> touch(touched, event.gpa(), event.end());
          case FIRST, TOUCH -> {
            touch(touched, event.gpa(), event.end());
            touch(accessed, event.gpa(), event.end());
          }
          case CONVERT -> convert(event);
          case MARK -> {
            if (marks.size() < MOST_MARKS) {
              marks.add(new Mark(event.text(), events, nanos));
            }
          }
          case DISCARD, REARM -> {
            // Counted above; they touch nothing.
          }
        }
      }
      return new TraceScan(
          header,
          stream.sha256(),
          counts.toMap(),
          conversions(),
          pages(touched),
          touched.size(),
          pages(accessed),
          spans(),
          ImmutableList.copyOf(marks),
          nanos);
    }

    private static void touch(Map<Long, long[]> regions, long from, long to) {
      for (long gfn = from >>> 12; gfn < to >>> 12; gfn++) {
        long[] bits = regions.computeIfAbsent(gfn >>> 9, region -> new long[8]);
        bits[(int) (gfn >>> 6) & 7] |= 1L << gfn;
      }
    }

    private static long pages(Map<Long, long[]> regions) {
      long pages = 0;
      for (long[] bits : regions.values()) {
        for (long word : bits) {
          pages += Long.bitCount(word);
        }
      }
      return pages;
    }

    private void convert(TraceEvent event) {
      long covered = 0;
      long changed = 0;
      long start = event.gpa() >>> 12;
      long end = event.end() >>> 12;
      int wanted = event.isPrivate() ? PageAttributes.PRIVATE : PageAttributes.SHARED;
      for (TraceSlot slot : header.slots()) {
        long from = Math.max(start, slot.gpa() >>> 12);
        long to = Math.min(end, slot.end() >>> 12);
        if (from < to) {
          covered += to - from;
          changed += attributes.differing(from, to, wanted);
        }
      }
      if (covered == end - start) {
        inside++;
      } else if (covered == 0) {
        outside++;
      } else {
        partly++;
      }
      if (attributes.differing(start, end, wanted) == 0) {
        unchanged++;
      }
      if (event.isPrivate()) {
        toPrivate += changed << 12;
      } else {
        toShared += changed << 12;
      }
      sizes.merge(event.bytes(), 1L, Long::sum);
      attributes.convert(start, end, wanted);
      noteMixed(start);
      noteMixed(end - 1);
    }

    /** A conversion can make only its first and its last region mixed. */
    private void noteMixed(long gfn) {
      if (isMixed(gfn)) {
        everMixed.add(gfn >>> 9);
      }
    }

    private boolean isMixed(long gfn) {
      long region = PageLevel.PG_LEVEL_2M.roundDown(gfn);
      return header.covers(region << 12, 0x200000)
          && !attributes.isUniform(region, region + PageLevel.PG_LEVEL_2M.pages());
    }

    private Conversions conversions() {
      return new Conversions(
          inside,
          outside,
          partly,
          unchanged,
          toShared,
          toPrivate,
          ImmutableMap.copyOf(sizes),
          everMixed.size(),
          everMixed.stream().filter(region -> isMixed(region << 9)).count());
    }

    private ImmutableList<Span> spans() {
      List<Span> spans = new ArrayList<>();
      for (long region : touched.keySet().stream().sorted().toList()) {
        long start = region << 21;
        int last = spans.size() - 1;
        if (last >= 0 && spans.get(last).end() == start) {
          spans.set(last, new Span(spans.get(last).start(), start + 0x200000));
        } else {
          spans.add(new Span(start, start + 0x200000));
        }
      }
      return ImmutableList.copyOf(spans.subList(0, Math.min(MOST_SPANS, spans.size())));
    }
  }
}
