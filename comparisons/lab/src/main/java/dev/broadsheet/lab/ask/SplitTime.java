package dev.broadsheet.lab.ask;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.lab.report.Units;
import dev.broadsheet.lab.runner.MeteredMachine;
import dev.broadsheet.lab.trace.Trace;
import dev.broadsheet.lab.workload.Parameter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A large private leaf that a conversion cuts: split before it, or gone whole and faulted in. */
final class SplitTime implements Question {
  private static final String TD = "TD";
  private static final String SOFTWARE = "software-protected";

  @Override
  public About about() {
    return new About(
        2,
        "split-time",
        "Split at conversion or at fault? Same trace, both policies, 2M and 1G folios.",
        "M. Roth, 2 July 2025; open since",
        "The same guest boots and ages under both policies (machine knob split), with folios of 2M"
            + " and of 1G. At conversion: a leaf across the edge is demoted first. At fault: it goes"
            + " whole, and what is touched later is faulted in small. Private pages of a TD are at"
            + " most 2M and lose their acceptance, and so their content, with the leaf: accesses to"
            + " such pages are counted as lost. A software-protected machine maps 1G, keeps the"
            + " content in its folio, and has no demote: there a leaf always goes whole.",
        "10 s");
  }

  @Override
  public Designs designs() {
    return Designs.INCUMBENT;
  }

  @Override
  public ImmutableList<Parameter> parameters() {
    return ImmutableList.of(
        Parameters.guest("4g", "3g", "4t"), Parameters.days(), Parameters.seed());
  }

  private record Cell(Patterns.Named pattern, String machine, String folio, String split) {}

  @Override
  public AnswerTable measure(Experiment experiment) throws IOException {
    List<Cell> cells = new ArrayList<>();
    for (Patterns.Named pattern : List.of(Patterns.boot(experiment), Patterns.aging(experiment))) {
      for (String folio : List.of("2m", "1g")) {
        cells.add(new Cell(pattern, TD, folio, "conversion"));
        cells.add(new Cell(pattern, TD, folio, "fault"));
        cells.add(new Cell(pattern, SOFTWARE, folio, "fault"));
      }
    }
    AnswerTable.Builder table =
        AnswerTable.builder()
            .text("pattern", "pattern")
            .text("machine", "machine")
            .text("folio", "folio")
            .text("split", "split at")
            .count("demotes", "demotes")
            .count("zaps", "leaves zapped")
            .count("faults", "faults")
            .count("refaults", "refaults")
            .count("lost", "lost pages touched")
            .count("mapped4k", "4K leaves")
            .count("mapped2m", "2M leaves")
            .count("mapped1g", "1G leaves")
            .count("seamcalls", "SEAMCALLs")
            .decimal("references", "references per conversion")
            .text("policy", "policy");
    experiment
        .each(
            cells,
            cell ->
                "%s, %s, folio %s, split at %s"
                    .formatted(cell.pattern().name(), cell.machine(), cell.folio(), cell.split()),
            cell -> row(experiment, cell))
        .forEach(table::row);
    return table.build();
  }

  private static Object[] row(Experiment experiment, Cell cell) throws IOException {
    Trace trace = cell.pattern().trace();
    String knobs =
        "kind=%s,attributes=private,folio=%s,split=%s"
            .formatted(cell.machine().equals(TD) ? "tdx" : "swprot", cell.folio(), cell.split());
    try (GuestRun run = GuestRun.create(experiment, experiment.incumbent(), trace, knobs)) {
      run.play(trace);
      var work = run.machine().operation(MeteredMachine.CONVERT);
      long references = work.total().loads() + work.total().stores();
      return new Object[] {
        cell.pattern().name(),
        cell.machine(),
        cell.folio(),
        cell.split(),
        run.book("tdx.demotes"),
        run.book("zaps"),
        run.book("faults"),
        run.book("faults.refault"),
        run.lostAccepts(),
        run.leaves(1),
        run.leaves(2),
        run.leaves(3),
        run.book("seamcalls"),
        (double) references / Math.max(1, work.count()),
        "%s, %s folio, at %s".formatted(cell.machine(), cell.folio(), cell.split())
      };
    }
  }

  @Override
  public String sentence(AnswerTable table) {
    List<AnswerTable.Row> before = table.where(row -> is(row, TD, "conversion"));
    List<AnswerTable.Row> later = table.where(row -> is(row, TD, "fault"));
    long demotes = sum(before, "demotes");
    long lost = sum(later, "lost");
    long kept2m = sum(before, "mapped2m");
    long later2m = sum(later, "mapped2m");
    long folio2m = sum(table.where(row -> row.text("folio").equals("2m")), "mapped2m");
    long folio1g = sum(table.where(row -> row.text("folio").equals("1g")), "mapped2m");
    return "In a TD splitting at conversion costs %s and %s SEAMCALLs (%s at fault) and keeps %s leaves of 2M (%s at fault), over all patterns and folios; at fault %s pages that the guest had accepted were found lost%s. Folios of 1G end with %s leaves of 2M and %s of 1G, folios of 2M with %s of 2M."
        .formatted(
            Rows.count(demotes, "demote", "demotes"),
            Units.count(sum(before, "seamcalls")),
            Units.count(sum(later, "seamcalls")),
            Units.count(kept2m),
            Units.count(later2m),
            Units.count(lost),
            lost > 0 ? ", so it is no choice for a TD" : "",
            Units.count(folio1g),
            Units.count(sum(table.stream().toList(), "mapped1g")),
            Units.count(folio2m));
  }

  private static boolean is(AnswerTable.Row row, String machine, String split) {
    return row.text("machine").equals(machine) && row.text("split").equals(split);
  }

  private static long sum(List<AnswerTable.Row> rows, String column) {
    return rows.stream().mapToLong(row -> row.number(column)).sum();
  }

  @Override
  public AnswerChart chart() {
    return AnswerChart.bars("4K leaves at the end", "mapped4k", "policy", "", "pattern");
  }
}
