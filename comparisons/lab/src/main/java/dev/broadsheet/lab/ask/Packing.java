package dev.broadsheet.lab.ask;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.lab.report.Units;
import dev.broadsheet.lab.trace.Trace;
import dev.broadsheet.lab.workload.Parameter;
import dev.broadsheet.lab.workload.Workloads;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What guest-side packing of small shared pages would give back. */
final class Packing implements Question {
  private static final String SCATTERED = "scattered";
  private static final String PACKED = "packed";

  @Override
  public About about() {
    return new About(
        8,
        "packing",
        "What do scattered shared pages do to large pages, and what would packing them into one"
            + " pool gain?",
        "for authors of guest kernels and firmware; AMD and Intel threads, 2025",
        "Per-vCPU pages (workload W9), buffers of drivers (W8), and a bounce pool that begins one"
            + " page beside a 2M edge or on it (W6), in guests with 8 to so many vCPUs: where"
            + " memory happens to be free, and packed one behind the other. Lost are 2M regions that"
            + " may not be mapped large at the end; tables, demotes and bytes (Secure EPT, mirror"
            + " and its headers, dynamic PAMT) are what that costs.",
        "10 s");
  }

  @Override
  public Designs designs() {
    return Designs.INCUMBENT;
  }

  @Override
  public ImmutableList<Parameter> parameters() {
    return ImmutableList.of(
        Parameters.guest("4g", "1g", "4t"),
        Parameter.count(
            "vcpus", 64, 8, 512, "vCPUs", "Largest number of virtual CPUs.", "a large guest"),
        Parameters.seed());
  }

  private record Cell(String what, long vcpus, String place, Trace trace) {
    String group() {
      return vcpus + " vCPUs: " + what;
    }
  }

  @Override
  public AnswerTable measure(Experiment experiment) throws IOException {
    List<Cell> cells = new ArrayList<>();
    for (long vcpus = 8; vcpus <= experiment.number("vcpus"); vcpus *= 8) {
      String common =
          "ram=%s,seed=%d,vcpus=%d"
              .formatted(
                  Parameter.sizeText(experiment.number("guest")), experiment.number("seed"), vcpus);
      add(cells, "per-vCPU pages", vcpus, "W9[" + common + ",place=%s]", "random", "packed");
      add(cells, "driver buffers", vcpus, "W8[" + common + ",place=%s]", "scattered", "packed");
      add(cells, "bounce pool", vcpus, "W6[" + common + ",align=%s]", "off-by-one", "aligned");
    }
    AnswerTable.Builder table =
        AnswerTable.builder()
            .text("group", "shared memory")
            .text("place", "place")
            .count("shared", "shared pages")
            .count("lost", "2M regions lost")
            .count("huge", "1G regions lost")
            .count("tables", "4K tables")
            .count("demotes", "demotes")
            .bytes("bytes", "S-EPT, mirror, PAMT")
            .decimal("per-page", "bytes per shared page");
    experiment
        .each(cells, cell -> cell.group() + ", " + cell.place(), cell -> row(experiment, cell))
        .forEach(table::row);
    return table.build();
  }

  private static void add(
      List<Cell> cells, String what, long vcpus, String workload, String apart, String together) {
    cells.add(new Cell(what, vcpus, SCATTERED, Workloads.parse(workload.formatted(apart))));
    cells.add(new Cell(what, vcpus, PACKED, Workloads.parse(workload.formatted(together))));
  }

  private static Object[] row(Experiment experiment, Cell cell) throws IOException {
    try (GuestRun run =
        GuestRun.create(experiment, experiment.incumbent(), cell.trace(), "dynamic-pamt=on")) {
      long empty = run.book("tdx.pamt-bytes");
      run.play(cell.trace());
      GuestRun.Census census = run.census();
      long tables = run.vm().counters().tables(/* mirror= */ true, 1);
      long header = run.vm().mmu().tree(/* isPrivate= */ true).headerBytes();
      long bytes = tables * (4096 + 4096 + header) + run.book("tdx.pamt-bytes") - empty;
      long shared = run.sharedPages();
      return new Object[] {
        cell.group(),
        cell.place(),
        shared,
        census.regions() - census.allowed(),
        census.huge() - census.hugeAllowed(),
        tables,
        run.book("tdx.demotes"),
        bytes,
        shared == 0 ? 0.0 : (double) bytes / shared
      };
    }
  }

  @Override
  public String sentence(AnswerTable table) {
    List<String> groups = table.texts("group");
    String best = groups.get(0);
    long gain = Long.MIN_VALUE;
    for (String group : groups) {
      long gained =
          row(table, group, SCATTERED).number("lost") - row(table, group, PACKED).number("lost");
      if (gained > gain) {
        gain = gained;
        best = group;
      }
    }
    AnswerTable.Row apart = row(table, best, SCATTERED);
    AnswerTable.Row together = row(table, best, PACKED);
    long lost = table.where("place", SCATTERED).stream().mapToLong(r -> r.number("lost")).sum();
    long left = table.where("place", PACKED).stream().mapToLong(r -> r.number("lost")).sum();
    long before = table.where("place", SCATTERED).stream().mapToLong(r -> r.number("bytes")).sum();
    long after = table.where("place", PACKED).stream().mapToLong(r -> r.number("bytes")).sum();
    return "Packing gives back %s of %s lost 2M regions over all rows and %s of %s of tables; most with %s, where %s shared pages lose %s regions scattered and %s packed."
        .formatted(
            Units.count(lost - left),
            Units.count(lost),
            Units.bytes(before - after),
            Units.bytes(before),
            best,
            apart.shown("shared"),
            apart.shown("lost"),
            together.shown("lost"));
  }

  private static AnswerTable.Row row(AnswerTable table, String group, String place) {
    return Rows.the(table, "group", group, "place", place);
  }

  @Override
  public AnswerChart chart() {
    return AnswerChart.bars("2M regions lost", "lost", "group", "place", "");
  }
}
