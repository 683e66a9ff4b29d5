package dev.broadsheet.lab.cli;

import static java.util.Objects.requireNonNull;

import dev.broadsheet.lab.report.Units;
import dev.broadsheet.lab.trace.BundledTraces;
import dev.broadsheet.lab.trace.EventKind;
import dev.broadsheet.lab.trace.TraceHeader;
import dev.broadsheet.lab.trace.TraceScan;
import dev.broadsheet.lab.trace.TraceSlot;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Reads a trace from beginning to end and says what is in it. */
@Command(
    name = "info",
    mixinStandardHelpOptions = true,
    description = "Check a trace and say what is in it.")
final class TraceInfoCommand implements Callable<Integer> {
  private static final int SHOWN_SIZES = 10;

  @Parameters(
      arity = "0..1",
      paramLabel = "TRACE",
      defaultValue = BundledTraces.DEFAULT,
      description = "Name of a bundled trace, or a file (default: ${DEFAULT-VALUE}).")
  private String trace = BundledTraces.DEFAULT;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    TraceScan scan = TraceScan.of(Inputs.trace(trace));
    PrintWriter out = requireNonNull(spec, "picocli sets it").commandLine().getOut();
    printHeader(out, scan);
    printCounts(out, scan);
    printConversions(out, scan.conversions());
    printMemory(out, scan);
    out.println();
    out.println("sha256      " + scan.sha256());
    out.flush();
    return 0;
  }

  private static void printHeader(PrintWriter out, TraceScan scan) {
    TraceHeader header = scan.header();
    out.println("name        " + header.name());
    out.println("kind        " + header.kind().label());
    out.println("vcpus       " + header.vcpus());
    out.println("ram         " + Units.bytes(header.ramBytes()));
    header.keys().forEach((key, value) -> out.println("%-11s %s".formatted(key, value)));
    for (TraceSlot slot : header.slots()) {
      out.println(
          "slot        [%x, %x) %s %s"
              .formatted(slot.gpa(), slot.end(), slot.writable() ? "rw" : "ro", slot.name()));
    }
    out.println("duration    %.3f s".formatted(scan.durationNanos() / 1e9));
    for (TraceScan.Mark mark : scan.marks()) {
      out.println(
          "mark        event %,d at %.3f s: %s"
              .formatted(mark.event(), mark.nanos() / 1e9, mark.name()));
    }
    out.println();
  }

  private static void printCounts(PrintWriter out, TraceScan scan) {
    out.println("events      %,d".formatted(scan.events()));
    for (EventKind kind : EventKind.values()) {
      out.println("  %c  %,12d  %s".formatted(kind.letter(), scan.count(kind), kind.plural()));
    }
    out.println();
  }

  private static void printConversions(PrintWriter out, TraceScan.Conversions conversions) {
    out.println(
        "conversions %,d inside memory, %,d outside, %,d across its edge; %,d ask for what holds"
            .formatted(
                conversions.inside(),
                conversions.outside(),
                conversions.partly(),
                conversions.unchanged()));
    out.println(
        "            %s to shared, %s to private; 2M regions mixed: %,d at some time, %,d at the end"
            .formatted(
                Units.bytes(conversions.toSharedBytes()),
                Units.bytes(conversions.toPrivateBytes()),
                conversions.everMixedRegions(),
                conversions.mixedAtEnd()));
    List<Map.Entry<Long, Long>> sizes =
        conversions.sizes().entrySet().stream()
            .sorted(
                Map.Entry.<Long, Long>comparingByValue(Comparator.reverseOrder())
                    .thenComparing(Map.Entry.comparingByKey()))
            .toList();
    for (Map.Entry<Long, Long> size : sizes.subList(0, Math.min(SHOWN_SIZES, sizes.size()))) {
      out.println("  %,8d calls of %s".formatted(size.getValue(), Units.bytes(size.getKey())));
    }
    if (sizes.size() > SHOWN_SIZES) {
      out.println("           and %,d more sizes".formatted(sizes.size() - SHOWN_SIZES));
    }
    out.println();
  }

  private static void printMemory(PrintWriter out, TraceScan scan) {
    out.println(
        "touched     %,d pages (%s) in %,d regions of 2M; accessed %,d pages"
            .formatted(
                scan.touchedPages(),
                Units.bytes(scan.touchedPages() << 12),
                scan.touchedRegions(),
                scan.accessedPages()));
    for (TraceScan.Span span : scan.touchedSpans()) {
      out.println(
          "  [%x, %x)  %s"
              .formatted(span.start(), span.end(), Units.bytes(span.end() - span.start())));
    }
  }
}
