package dev.broadsheet.lab.ask;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.lab.report.Units;
import dev.broadsheet.lab.trace.AttributeRuns;
import dev.broadsheet.lab.trace.EventKind;
import dev.broadsheet.lab.trace.EventStream;
import dev.broadsheet.lab.trace.TraceEvent;
import dev.broadsheet.lab.trace.TraceSlot;
import dev.broadsheet.lab.workload.Parameter;
import java.io.IOException;
import java.util.List;

/** How many DMA mappings shared memory needs, one for each page or one for each run. */
final class DmaTables implements Question {
  private static final long VFIO_LIMIT = 65_535;
  private static final long VDPA_LIMIT = 2_048;

  @Override
  public About about() {
    return new About(
        10,
        "dma-tables",
        "How large do device-mapping tables get per pattern, and does coalescing of runs help?",
        "QEMU's shared device assignment series, 2024 to 2025; Cloud Hypervisor's documents, 2026",
        "The attributes of each pattern are followed without a machine. Each shared page in RAM is a"
            + " DMA mapping if the VMM maps pages, each run of shared pages is one if the tracker"
            + " hands out runs. VFIO allows 65,535 mappings by default, vDPA 2,048. A cut is a"
            + " conversion that takes only a part of a run: a coalesced mapping must then be"
            + " removed whole and its rest mapped anew.",
        "5 s");
  }

  @Override
  public Designs designs() {
    return Designs.NONE;
  }

  @Override
  public ImmutableList<Parameter> parameters() {
    return ImmutableList.of(
        Parameters.guest("4g", "3g", "4t"), Parameters.days(), Parameters.seed());
  }

  @Override
  public AnswerTable measure(Experiment experiment) throws IOException {
    List<Patterns.Named> patterns =
        List.of(
            Patterns.boot(experiment),
            Patterns.recorded("recorded disk boot", "td-diskboot-4g-8v"),
            Patterns.recorded("recorded drivers", "td-devices-4g-2v"),
            Patterns.recorded("recorded redis", "td-redis-2g-2v"),
            Patterns.generated("steady network", "steady-net[%s]", experiment),
            Patterns.aging(experiment),
            Patterns.generated("scattered buffers", "W10[%s]", experiment),
            Patterns.generated("alternate pages", "W19[kind=alternate,%s]", experiment));
    AnswerTable.Builder table =
        AnswerTable.builder()
            .text("pattern", "pattern")
            .count("pages", "mappings, one per page")
            .bytes("bytes", "shared at the peak")
            .count("runs", "mappings, one per run")
            .decimal("saving", "pages per run")
            .count("conversions", "conversions")
            .count("cuts", "cuts of a run")
            .text("fits-pages", "pages fit")
            .text("fits-runs", "runs fit");
    experiment.each(patterns, Patterns.Named::name, DmaTables::row).forEach(table::row);
    return table.build();
  }

  private static Object[] row(Patterns.Named pattern) throws IOException {
    AttributeRuns runs = new AttributeRuns(PageAttributes.PRIVATE);
    long shared = 0;
    long peakPages = 0;
    long peakRuns = 0;
    long conversions = 0;
    long cuts = 0;
    try (EventStream stream = pattern.trace().open()) {
      List<TraceSlot> slots = stream.header().slots();
      TraceEvent event = new TraceEvent();
      while (stream.next(event)) {
        if (event.kind() != EventKind.CONVERT) {
          continue;
        }
        conversions++;
        for (TraceSlot slot : slots) {
          long from = Math.max(event.gpa(), slot.gpa()) >>> 12;
          long to = Math.min(event.end(), slot.end()) >>> 12;
          if (!slot.isRam() || from >= to) {
            continue;
          }
          int attributes = event.isPrivate() ? PageAttributes.PRIVATE : PageAttributes.SHARED;
          long changed = runs.differing(from, to, attributes);
          shared += event.isPrivate() ? -changed : changed;
          cuts += event.isPrivate() && cuts(runs, from, to) ? 1 : 0;
          runs.convert(from, to, attributes);
          peakPages = Math.max(peakPages, shared);
          // Runs alternate and begin private, so half of them are shared.
          peakRuns = Math.max(peakRuns, runs.runs() / 2);
        }
      }
    }
    return new Object[] {
      pattern.name(),
      peakPages,
      peakPages * 4096,
      peakRuns,
      peakRuns == 0 ? 0.0 : (double) peakPages / peakRuns,
      conversions,
      cuts,
      fits(peakPages),
      fits(peakRuns)
    };
  }

  /** Whether a shared run reaches over an edge of the range. */
  private static boolean cuts(AttributeRuns runs, long from, long to) {
    return reachesOver(runs, from) || reachesOver(runs, to);
  }

  private static boolean reachesOver(AttributeRuns runs, long edge) {
    return edge > 0
        && !PageAttributes.isPrivate(runs.attributes(edge - 1))
        && !PageAttributes.isPrivate(runs.attributes(edge));
  }

  private static String fits(long mappings) {
    return mappings <= VDPA_LIMIT ? "vDPA, VFIO" : mappings <= VFIO_LIMIT ? "VFIO" : "neither";
  }

  @Override
  public String sentence(AnswerTable table) {
    List<AnswerTable.Row> rows = table.stream().toList();
    long pagesOver = rows.stream().filter(row -> row.number("pages") > VFIO_LIMIT).count();
    long runsOver = rows.stream().filter(row -> row.number("runs") > VFIO_LIMIT).count();
    AnswerTable.Row best = Rows.most(rows, "saving");
    AnswerTable.Row worst = Rows.least(rows, "saving");
    AnswerTable.Row cut = Rows.most(rows, "cuts");
    return "One mapping per page breaks VFIO's limit of 65,535 in %d of %d patterns, one per run in %d: a run holds %s pages with %s but only %s with %s, and the price is that up to %s conversions (%s) cut a mapping that must be made anew."
        .formatted(
            pagesOver,
            rows.size(),
            runsOver,
            Units.decimal(best.value("saving"), 0),
            best.text("pattern"),
            Units.decimal(worst.value("saving"), 1),
            worst.text("pattern"),
            cut.shown("cuts"),
            cut.text("pattern"));
  }

  @Override
  public AnswerChart chart() {
    return AnswerChart.bars("DMA mappings at the peak, one per run", "runs", "pattern", "", "")
        .logarithmic();
  }
}
