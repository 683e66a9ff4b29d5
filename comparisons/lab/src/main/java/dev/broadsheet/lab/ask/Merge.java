package dev.broadsheet.lab.ask;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.lab.report.Units;
import dev.broadsheet.lab.workload.Parameter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Whether blocks that became uniform again come back as large mappings. */
final class Merge implements Question {
  private static final String NEVER = "never";

  @Override
  public About about() {
    return new About(
        3,
        "merge",
        "Is never merging acceptable after days, and which share returns if merge were allowed?",
        "D. Hildenbrand, March 2025; Yan Zhao, August 2025 and January 2026",
        "The same guests run under each merge policy of the machine, with and without the one-way"
            + " inhibit bit. Small blocks are private 2M blocks of one kind that are still mapped by"
            + " 4K leaves at the end; they are divided by what TDH.MEM.PAGE.PROMOTE would say:"
            + " inhibited by the guest's own 4K accept; ready (it would succeed, but nothing asks);"
            + " scattered (512 accepted pages whose frames do not follow each other, since a page"
            + " that was shared for a while came back in another frame); pending (512 pages, not all"
            + " accepted); partial (not all 512 mapped). Returned is the share of the"
            + " small blocks under never that is mapped 2M instead.",
        "15 s");
  }

  @Override
  public Designs designs() {
    return Designs.INCUMBENT;
  }

  @Override
  public ImmutableList<Parameter> parameters() {
    return ImmutableList.of(
        Parameters.guest("4g", "3g", "4t"),
        Parameters.days(),
        Parameters.recorded(),
        Parameters.seed());
  }

  private record Cell(Patterns.Named pattern, String inhibit, String merge) {}

  @Override
  public AnswerTable measure(Experiment experiment) throws IOException {
    List<Cell> cells = new ArrayList<>();
    List<Patterns.Named> patterns = new ArrayList<>();
    patterns.add(Patterns.boot(experiment));
    patterns.add(Patterns.aging(experiment));
    if (experiment.yes("recorded")) {
      patterns.add(Patterns.recorded("recorded drivers", "td-devices-4g-2v"));
      patterns.add(Patterns.recorded("recorded kexec", "td-kexec-2g-1v"));
    }
    for (Patterns.Named pattern : patterns) {
      for (String inhibit : List.of("one-way", "none")) {
        for (String merge : List.of(NEVER, "fault", "promote")) {
          cells.add(new Cell(pattern, inhibit, merge));
        }
      }
    }
    List<Result> found =
        experiment.each(
            cells,
            cell ->
                "%s, inhibit %s, merge %s"
                    .formatted(cell.pattern().name(), cell.inhibit(), cell.merge()),
            cell -> run(experiment, cell));
    AnswerTable.Builder table =
        AnswerTable.builder()
            .text("pattern", "pattern")
            .text("inhibit", "inhibit")
            .text("merge", "merge")
            .count("mapped", "2M blocks mapped large")
            .count("small", "small blocks")
            .count("inhibited", "of these inhibited")
            .count("ready", "ready")
            .count("scattered", "scattered")
            .count("pending", "pending")
            .count("partial", "partial")
            .count("demotes", "demotes")
            .count("promotes", "promotes")
            .percent("returned", "returned");
    for (int i = 0; i < cells.size(); i++) {
      Cell cell = cells.get(i);
      GuestRun.Census census = found.get(i).census();
      // The first of three is the one that never merges.
      GuestRun.Census never = found.get(i - i % 3).census();
      table.row(
          cell.pattern().name(),
          cell.inhibit(),
          cell.merge(),
          census.mapped(),
          census.small(),
          census.inhibited(),
          census.ready(),
          census.scattered(),
          census.pending(),
          census.partial(),
          found.get(i).demotes(),
          found.get(i).promotes(),
          never.small() == 0 ? 0.0 : 100.0 * (never.small() - census.small()) / never.small());
    }
    return table.build();
  }

  private record Result(GuestRun.Census census, long demotes, long promotes) {}

  private static Result run(Experiment experiment, Cell cell) throws IOException {
    String knobs = "inhibit=%s,merge=%s".formatted(cell.inhibit(), cell.merge());
    try (GuestRun run =
        GuestRun.create(experiment, experiment.incumbent(), cell.pattern().trace(), knobs)) {
      run.play(cell.pattern().trace());
      return new Result(run.census(), run.book("tdx.demotes"), run.book("tdx.promotes"));
    }
  }

  @Override
  public String sentence(AnswerTable table) {
    List<AnswerTable.Row> never =
        table.where(
            row -> row.text("merge").equals(NEVER) && row.text("inhibit").equals("one-way"));
    long small = sum(never, "small");
    long mapped = sum(never, "mapped");
    String[] causes = {"inhibited", "ready", "scattered", "pending", "partial"};
    List<AnswerTable.Row> merging =
        table.where(
            row -> row.text("merge").equals("promote") && row.text("inhibit").equals("none"));
    String most = "";
    long largest = -1;
    for (String cause : causes) {
      if (sum(merging, cause) > largest) {
        largest = sum(merging, cause);
        most = cause;
      }
    }
    return "Without merging %s stay small beside %s mapped large, over all patterns; promoting at conversion brings back %s %% of them, %s %% without the inhibit bit, merging at fault %s %% and %s %%. What then stays small is mostly %s (%s of %s)."
        .formatted(
            Rows.count(small, "uniform block", "uniform blocks"),
            Units.count(mapped),
            returned(table, "one-way", "promote"),
            returned(table, "none", "promote"),
            returned(table, "one-way", "fault"),
            returned(table, "none", "fault"),
            switch (most) {
              case "inhibited" -> "inhibited by the guest's accepts";
              case "ready" -> "ready, and waits for a fault or conversion that never comes";
              case "scattered" ->
                  "of scattered frames, which no module can promote: a page that comes back from"
                      + " sharing would have to keep its frame";
              case "pending" ->
                  "a mix of pending and accepted pages, which the module does not promote";
              default -> "partly mapped, which the module does not promote";
            },
            Units.count(largest),
            Units.count(sum(merging, "small")));
  }

  private static String returned(AnswerTable table, String inhibit, String merge) {
    long never =
        sum(
            table.where(
                row -> row.text("merge").equals(NEVER) && row.text("inhibit").equals(inhibit)),
            "small");
    long left =
        sum(
            table.where(
                row -> row.text("merge").equals(merge) && row.text("inhibit").equals(inhibit)),
            "small");
    return never == 0 ? "0" : Units.decimal(100.0 * (never - left) / never, 1);
  }

  private static long sum(List<AnswerTable.Row> rows, String column) {
    return rows.stream().mapToLong(row -> row.number(column)).sum();
  }

  @Override
  public AnswerChart chart() {
    return AnswerChart.bars(
        "Uniform private blocks that are still mapped small",
        "small",
        "pattern",
        "merge",
        "inhibit");
  }
}
