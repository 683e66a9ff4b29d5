package dev.broadsheet.lab.calibration;

import dev.broadsheet.lab.report.Units;
import dev.broadsheet.lab.trace.EventKind;
import dev.broadsheet.lab.trace.EventStream;
import dev.broadsheet.lab.trace.Trace;
import dev.broadsheet.lab.trace.TraceEvent;
import java.io.IOException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The 4K accepts of a trace, by the ranges that Yan Zhao published (26 Jun 2025, a guest with 2 GiB
 * below 4 GiB).
 *
 * @param edge accepts at gfn 0x806 to 0x9ff
 * @param block accepts at gfn 0x7e800 to 0x7e9ff
 * @param window accepts at the other gfns from 0x7d3ff to 0x7e7fe
 * @param hottest the three most frequent of the window
 * @param elsewhere all others
 */
record SmallAccepts(long edge, long block, long window, List<Long> hottest, long elsewhere) {
  private static final int SMALL = 0x1000;

  static SmallAccepts of(Trace trace) throws IOException {
    long edge = 0;
    long block = 0;
    long elsewhere = 0;
    Map<Long, Long> window = new HashMap<>();
    try (EventStream events = trace.open()) {
      TraceEvent event = new TraceEvent();
      while (events.next(event)) {
        if (event.kind() != EventKind.ACCEPT || event.bytes() != SMALL) {
          continue;
        }
        long gfn = event.gpa() >>> 12;
        if (gfn >= 0x806 && gfn <= 0x9ff) {
          edge++;
        } else if (gfn >= 0x7e800 && gfn <= 0x7e9ff) {
          block++;
        } else if (gfn >= 0x7d3ff && gfn <= 0x7e7fe) {
          window.merge(gfn, 1L, Long::sum);
        } else {
          elsewhere++;
        }
      }
    }
    return new SmallAccepts(
        edge,
        block,
        window.values().stream().mapToLong(Long::longValue).sum(),
        window.values().stream().sorted(Comparator.reverseOrder()).limit(3).toList(),
        elsewhere);
  }

  /** Returns the accepts in the published ranges. */
  long inRanges() {
    return edge + block + window;
  }

  /** Returns all 4K accepts. */
  long all() {
    return inRanges() + elsewhere;
  }

  /** Returns the counts in words. */
  String words() {
    return "%s at 806-9ff, %s at 7e800-7e9ff, %s in 7d3ff-7e7fe (hottest %s), %s elsewhere"
        .formatted(
            Units.count(edge),
            Units.count(block),
            Units.count(window),
            hottest,
            Units.count(elsewhere));
  }
}
