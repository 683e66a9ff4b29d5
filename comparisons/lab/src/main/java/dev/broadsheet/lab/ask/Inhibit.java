package dev.broadsheet.lab.ask;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.lab.report.Units;
import dev.broadsheet.lab.runner.MeteredMachine;
import dev.broadsheet.lab.workload.Parameter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What the one-way inhibit bit costs, in more guests than the one that was measured. */
final class Inhibit implements Question {
  /** Place of the pattern with the fewest accepts, which fault one by one on a 4K host. */
  private static final int SMALLEST = 3;

  @Override
  public About about() {
    return new About(
        7,
        "inhibit",
        "Does the one-way inhibit bit stay harmless for other firmware, other guests, repeated"
            + " accepts?",
        "Yan Zhao's measurement of one guest, June 2025; RFC v2, August 2025",
        "Each guest runs with the one-way bit and without it, the balloon's also on a host that"
            + " lets it accept at 4K only. Blocks are 2M blocks that the guest's own 4K accept forbids for"
            + " good; locks are how often mmu_lock was taken for write; lost is the number of 2M"
            + " mappings at the end that the bit costs. A bit that decays is not modelled.",
        "20 s");
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

  private record Cell(Patterns.Named pattern, String policy, String knobs) {}

  private record Result(
      long mapped, long inhibited, long demotes, long locks, long tables, long faults) {}

  @Override
  public AnswerTable measure(Experiment experiment) throws IOException {
    List<Patterns.Named> patterns = new ArrayList<>();
    patterns.add(Patterns.boot(experiment));
    patterns.add(
        Patterns.generated("old firmware", "boot-td-old-firmware[%s,length=1g]", experiment));
    patterns.add(Patterns.aging(experiment));
    patterns.add(Patterns.generated("balloon", "W15[mode=balloon,rounds=4,%s]", experiment));
    patterns.add(Patterns.generated("odd reports", "W15[align=4k,rounds=4,%s]", experiment));
    if (experiment.yes("recorded")) {
      patterns.add(Patterns.recorded("recorded boot", "td-boot-1g-1v"));
      patterns.add(Patterns.recorded("recorded disk boot", "td-diskboot-4g-8v"));
      patterns.add(Patterns.recorded("recorded drivers", "td-devices-4g-2v"));
      patterns.add(Patterns.recorded("recorded kexec", "td-kexec-2g-1v"));
    }
    List<Cell> cells = new ArrayList<>();
    for (Patterns.Named pattern : patterns) {
      cells.add(new Cell(pattern, "none", "inhibit=none"));
      cells.add(new Cell(pattern, "one-way", "inhibit=one-way"));
    }
    cells.add(
        new Cell(patterns.get(SMALLEST), "accept 4K only", "inhibit=one-way,accept-level=4k"));
    List<Result> results =
        experiment.each(
            cells,
            cell -> cell.pattern().name() + ", " + cell.policy(),
            cell -> run(experiment, cell));
    AnswerTable.Builder table =
        AnswerTable.builder()
            .text("pattern", "guest")
            .text("policy", "inhibit")
            .count("mapped", "2M mapped")
            .count("lost", "2M lost")
            .percent("share", "share lost")
            .count("inhibited", "blocks inhibited")
            .count("demotes", "demotes")
            .count("locks", "mmu_lock for write")
            .count("tables", "4K tables")
            .count("faults", "faults");
    for (int i = 0; i < cells.size(); i++) {
      Result result = results.get(i);
      // Pairs of without and with the bit; the last is the smallest guest on another host.
      Result none = results.get(i == cells.size() - 1 ? 2 * SMALLEST : i - i % 2);
      long lost = none.mapped() - result.mapped();
      table.row(
          cells.get(i).pattern().name(),
          cells.get(i).policy(),
          result.mapped(),
          lost,
          none.mapped() == 0 ? 0.0 : 100.0 * lost / none.mapped(),
          result.inhibited(),
          result.demotes(),
          result.locks(),
          result.tables(),
          result.faults());
    }
    return table.build();
  }

  private static Result run(Experiment experiment, Cell cell) throws IOException {
    try (GuestRun run =
        GuestRun.create(experiment, experiment.incumbent(), cell.pattern().trace(), cell.knobs())) {
      run.play(cell.pattern().trace());
      return new Result(
          run.census().mapped(),
          run.book("tdx.inhibits"),
          run.book("tdx.demotes"),
          run.machine().held(MeteredMachine.MMU_LOCK_WRITE).samples(),
          run.vm().counters().tables(/* mirror= */ true, 1),
          run.book("faults"));
    }
  }

  @Override
  public String sentence(AnswerTable table) {
    List<AnswerTable.Row> bits = table.where("policy", "one-way");
    List<AnswerTable.Row> harmless = bits.stream().filter(row -> row.value("share") <= 1).toList();
    AnswerTable.Row worst = Rows.most(bits, "share");
    AnswerTable.Row small = Rows.the(table, "policy", "accept 4K only");
    return "The one-way bit costs at most 1 %% of the 2M mappings in %d of %d guests, though it forbids %s blocks in them; worst is %s, which loses %s of %s (%s). A host that lets the guest accept at 4K only loses %s of %s (%s)."
        .formatted(
            harmless.size(),
            bits.size(),
            Units.count(bits.stream().mapToLong(row -> row.number("inhibited")).sum()),
            worst.text("pattern"),
            worst.shown("lost"),
            Units.count(worst.number("lost") + worst.number("mapped")),
            worst.shown("share"),
            small.shown("lost"),
            Units.count(small.number("lost") + small.number("mapped")),
            small.text("pattern"));
  }

  @Override
  public AnswerChart chart() {
    return AnswerChart.bars("2M mappings at the end", "mapped", "pattern", "policy", "");
  }
}
