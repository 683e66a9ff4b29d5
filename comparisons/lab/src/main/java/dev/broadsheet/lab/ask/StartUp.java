package dev.broadsheet.lab.ask;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.core.strategy.ConfiguredStrategy;
import dev.broadsheet.lab.report.Units;
import dev.broadsheet.lab.runner.MeteredMachine;
import dev.broadsheet.lab.workload.Parameter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What it costs until all memory of a guest is private, before the guest runs. */
final class StartUp implements Question {
  private static final String CONVERTED = "converted";
  private static final String BORN = "born private";

  @Override
  public About about() {
    return new About(
        6,
        "start-up",
        "What does the first all-private fill cost by guest size and store style, and an inverted"
            + " default?",
        "M. Roth, 29 May 2025; Chao Peng and S. Christopherson, July 2022",
        "Converted: a machine whose pages begin shared gets one slot, and one call makes all of it"
            + " private, as QEMU does it. Born private: the machine's pages begin private, nothing is"
            + " converted. Every option of each design is tried. References and allocations are the"
            + " design's own, for the slot and the call; bytes are what it then holds.",
        "15 s");
  }

  @Override
  public ImmutableList<Parameter> parameters() {
    return ImmutableList.of(Parameters.guest("4g", "64m", "1t"));
  }

  private record Cell(ConfiguredStrategy strategy, String start, long bytes) {}

  @Override
  public AnswerTable measure(Experiment experiment) throws IOException {
    List<Cell> cells = new ArrayList<>();
    long guest = experiment.number("guest");
    for (ConfiguredStrategy strategy : experiment.variants()) {
      for (String start : List.of(CONVERTED, BORN)) {
        if (experiment.strategies().contains(strategy)) {
          cells.add(new Cell(strategy, start, guest / 4));
        }
        cells.add(new Cell(strategy, start, guest));
      }
    }
    AnswerTable.Builder table =
        AnswerTable.builder()
            .text("strategy", "design")
            .text("start", "start")
            .bytes("guest", "guest")
            .count("references", "references")
            .decimal("per-page", "per 4K page")
            .count("allocations", "allocations")
            .bytes("bytes", "bytes held")
            .decimal("per-gib", "bytes per GiB");
    experiment
        .each(
            cells,
            cell ->
                "%s, %s, %s".formatted(cell.strategy(), cell.start(), Units.bytes(cell.bytes())),
            cell -> row(experiment, cell))
        .forEach(table::row);
    return table.build();
  }

  private static Object[] row(Experiment experiment, Cell cell) {
    String knobs = "kind=tdx,attributes=" + (cell.start().equals(BORN) ? "private" : "shared");
    try (MeteredMachine machine = experiment.machine(cell.strategy(), knobs)) {
      int errno = machine.vm().addMemslot(0, 0, cell.bytes());
      if (errno == 0 && cell.start().equals(CONVERTED)) {
        errno = machine.vm().setMemoryAttributes(0, cell.bytes(), PageAttributes.PRIVATE, 0);
      }
      if (errno != 0) {
        throw new IllegalStateException(
            "%s does not start with %s: error %d"
                .formatted(cell.strategy(), Units.bytes(cell.bytes()), errno));
      }
      long references = work(machine, MeteredMachine.SLOT) + work(machine, MeteredMachine.CONVERT);
      long bytes = machine.trackerMemory().bytes();
      return new Object[] {
        cell.strategy().toString(),
        cell.start(),
        cell.bytes(),
        references,
        (double) references / (cell.bytes() >>> 12),
        machine.trackerMemory().allocations(),
        bytes,
        bytes * (double) (1L << 30) / cell.bytes()
      };
    }
  }

  private static long work(MeteredMachine machine, String kind) {
    var work = machine.trackerWork(kind);
    return work.loads() + work.stores();
  }

  @Override
  public String sentence(AnswerTable table) {
    long largest = table.stream().mapToLong(row -> row.number("guest")).max().orElseThrow();
    List<AnswerTable.Row> filled =
        table.where(row -> row.number("guest") == largest && row.text("start").equals(CONVERTED));
    List<AnswerTable.Row> asPosted =
        filled.stream().filter(row -> !row.text("strategy").contains("[")).toList();
    AnswerTable.Row worst = Rows.most(asPosted.isEmpty() ? filled : asPosted, "references");
    String design = worst.text("strategy");
    AnswerTable.Row inverted =
        table
            .where(
                row ->
                    row.number("guest") == largest
                        && row.text("start").equals(BORN)
                        && row.text("strategy").equals(design))
            .get(0);
    AnswerTable.Row best = Rows.least(filled, "references");
    AnswerTable.Row option =
        Rows.least(
            filled.stream()
                .filter(row -> row.text("strategy").replaceAll("\\[.*", "").equals(design))
                .toList(),
            "references");
    return "Making %s private costs %s references (%s for each page) and %s under %s, the dearest design as posted, and %s references under %s, the cheapest; %s on a machine whose pages begin private it costs %s references and %s."
        .formatted(
            Units.bytes(largest),
            worst.shown("references"),
            worst.shown("per-page"),
            worst.shown("bytes"),
            design,
            best.shown("references"),
            best.text("strategy"),
            option.text("strategy").equals(design)
                ? "no option of " + design + " makes it cheaper, but"
                : "as %s it costs %s, and"
                    .formatted(option.text("strategy"), option.shown("references")),
            inverted.shown("references"),
            inverted.shown("bytes"));
  }

  @Override
  public AnswerChart chart() {
    return AnswerChart.bars(
            "References for each 4K page until all is private", "per-page", "strategy", "start", "")
        .largestOnly("guest");
  }
}
