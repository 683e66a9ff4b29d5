package dev.broadsheet.lab.ask;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.core.memory.Spread;
import dev.broadsheet.core.strategy.ConfiguredStrategy;
import dev.broadsheet.lab.report.Units;
import dev.broadsheet.lab.runner.MeteredMachine;
import dev.broadsheet.lab.workload.Parameter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The worst that one guest can do to its host by converting. */
final class Denial implements Question {
  @Override
  public About about() {
    return new About(
        16,
        "denial",
        "What is the worst host memory and lock work that one guest can force per conversion?",
        "reviewers of every series that allocates per conversion",
        "A guest converts to cost the most (workload W19): every other page, one page in each 2M,"
            + " one page back and forth, pairs of pages across each 2M and 1G edge; nothing is taken"
            + " back. Host bytes are what the design, page tables with their headers, Secure EPT and"
            + " dynamic PAMT hold more at the end than at the start, for each conversion. Held is"
            + " how many references a conversion makes under one hold of mmu_lock for write and of"
            + " slots_lock.",
        "25 s");
  }

  @Override
  public ImmutableList<Parameter> parameters() {
    return ImmutableList.of(
        Parameters.guest("4g", "2g", "4t"),
        Parameter.bytes(
            "attacked", "256m", "2m", "1t", "Memory that is converted page by page.", "quick"),
        Parameters.seed());
  }

  private record Cell(ConfiguredStrategy strategy, Patterns.Named attack) {}

  @Override
  public AnswerTable measure(Experiment experiment) throws IOException {
    long attacked = experiment.number("attacked");
    List<Patterns.Named> attacks = new ArrayList<>();
    for (String kind : List.of("alternate", "sparse", "ping-pong", "edges")) {
      // Every other page costs most of all to play, so it gets an eighth of the memory.
      long bytes = kind.equals("alternate") ? Math.max(2L << 20, attacked / 8) : attacked;
      attacks.add(
          Patterns.generated(
              kind,
              "W19[kind=%s,undo=no,bytes=%s,".formatted(kind, Parameter.sizeText(bytes)) + "%s]",
              experiment));
    }
    List<Cell> cells = new ArrayList<>();
    for (Patterns.Named attack : attacks) {
      experiment.strategies().forEach(strategy -> cells.add(new Cell(strategy, attack)));
    }
    AnswerTable.Builder table =
        AnswerTable.builder()
            .text("attack", "attack")
            .text("strategy", "design")
            .count("conversions", "conversions")
            .decimal("bytes", "host bytes per conversion")
            .decimal("design", "of these the design's")
            .decimal("references", "references per conversion")
            .count("mmu-max", "mmu_lock held, max")
            .count("slots-p50", "slots_lock held, p50")
            .count("slots-max", "slots_lock held, max")
            .decimal("seamcalls", "SEAMCALLs per conversion");
    experiment
        .each(
            cells,
            cell -> cell.attack().name() + " under " + cell.strategy(),
            cell -> row(experiment, cell))
        .forEach(table::row);
    return table.build();
  }

  private static Object[] row(Experiment experiment, Cell cell) throws IOException {
    try (GuestRun run =
        GuestRun.create(experiment, cell.strategy(), cell.attack().trace(), "dynamic-pamt=on")) {
      run.watchHolds();
      long design = run.machine().trackerMemory().bytes();
      long host = host(run);
      run.play(cell.attack().trace());
      var work = run.machine().operation(MeteredMachine.CONVERT);
      long references = work.total().loads() + work.total().stores();
      double conversions = Math.max(1, run.conversions());
      // All that a change of attributes does, it does under slots_lock.
      Spread slots = work.total().referencesPerOperation();
      return new Object[] {
        cell.attack().name(),
        cell.strategy().toString(),
        run.conversions(),
        (host(run) - host) / conversions,
        (run.machine().trackerMemory().bytes() - design) / conversions,
        references / conversions,
        run.longestHold(),
        slots.p50(),
        slots.max(),
        run.book("seamcalls") / conversions
      };
    }
  }

  private static long host(GuestRun run) {
    return HostBytes.kernels(run.machine())
        + run.book("tables.sept.bytes")
        + run.book("tdx.pamt-bytes");
  }

  @Override
  public String sentence(AnswerTable table) {
    List<AnswerTable.Row> rows = Rows.candidates(table.stream().toList());
    AnswerTable.Row bytes = Rows.most(rows, "bytes");
    List<AnswerTable.Row> same =
        rows.stream().filter(r -> r.text("attack").equals(bytes.text("attack"))).toList();
    AnswerTable.Row least = Rows.least(same, "bytes");
    AnswerTable.Row mmu = Rows.most(rows, "mmu-max");
    AnswerTable.Row slots = Rows.most(rows, "slots-max");
    AnswerTable.Row dearest = Rows.most(rows, "references");
    return "A guest can make its host hold up to %s per conversion (%s, under %s; %s under %s), make it work %s references per conversion (%s, under %s), and hold mmu_lock for write over %s references (%s, under %s) and slots_lock over %s (%s, under %s)."
        .formatted(
            Units.bytes(Math.round(bytes.value("bytes"))),
            bytes.text("attack"),
            bytes.text("strategy"),
            Units.bytes(Math.round(least.value("bytes"))),
            least.text("strategy"),
            Units.count(Math.round(dearest.value("references"))),
            dearest.text("attack"),
            dearest.text("strategy"),
            mmu.shown("mmu-max"),
            mmu.text("attack"),
            mmu.text("strategy"),
            slots.shown("slots-max"),
            slots.text("attack"),
            slots.text("strategy"));
  }

  @Override
  public AnswerChart chart() {
    return AnswerChart.bars(
        "Host bytes held for each conversion", "bytes", "strategy", "", "attack");
  }
}
