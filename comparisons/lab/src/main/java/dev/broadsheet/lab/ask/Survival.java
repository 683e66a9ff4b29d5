package dev.broadsheet.lab.ask;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.core.strategy.ConfiguredStrategy;
import dev.broadsheet.lab.report.Units;
import dev.broadsheet.lab.workload.Parameter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Which large regions each design keeps whole under boot and age, and what the lost ones cost. */
final class Survival implements Question {
  private static final String KNOBS = "dynamic-pamt=on";

  @Override
  public About about() {
    return new About(
        1,
        "survival",
        "How many 2M and 1G regions does each design keep whole under boot and age, and what do"
            + " the lost ones cost?",
        "TDX huge page series v1 to v3, 2025 to January 2026: decides whether huge pages pay",
        "A guest boots (workload boot-td-4g), then lives for some days (aging-30d), each on a"
            + " machine of its own with dynamic PAMT. A region is whole if the design and"
            + " lpage_info allow it large at the end; it is lost because it is mixed, or because the"
            + " guest accepted in it at 4K or the design never allows it; a lost one has 4K tables: a page of the Secure"
            + " EPT, one of the mirror (with its header) and a pair of PAMT pages. Private pages of"
            + " a TD stay at 2M, so 1G regions are counted as allowed, not as mapped.",
        "15 s");
  }

  @Override
  public ImmutableList<Parameter> parameters() {
    return ImmutableList.of(
        Parameters.guest("4g", "3g", "4t"), Parameters.days(), Parameters.seed());
  }

  private record Cell(ConfiguredStrategy strategy, Patterns.Named pattern) {}

  @Override
  public AnswerTable measure(Experiment experiment) throws IOException {
    List<Cell> cells = new ArrayList<>();
    for (Patterns.Named pattern : List.of(Patterns.boot(experiment), Patterns.aging(experiment))) {
      experiment.strategies().forEach(strategy -> cells.add(new Cell(strategy, pattern)));
    }
    AnswerTable.Builder table =
        AnswerTable.builder()
            .text("pattern", "pattern")
            .text("strategy", "design")
            .count("regions", "2M regions")
            .count("kept", "kept whole")
            .percent("share", "share kept")
            .count("mixed", "lost: mixed")
            .count("other", "lost: otherwise")
            .count("mapped", "mapped 2M")
            .count("regions1g", "1G regions")
            .count("kept1g", "1G kept")
            .count("tables", "4K tables")
            .bytes("sept", "S-EPT for them")
            .bytes("mirror", "mirror for them")
            .bytes("pamt", "dynamic PAMT")
            .count("demotes", "demotes")
            .bytes("design", "design's own bytes");
    experiment
        .each(
            cells,
            cell -> cell.pattern().name() + " under " + cell.strategy(),
            cell -> row(experiment, cell))
        .forEach(table::row);
    return table.build();
  }

  private static Object[] row(Experiment experiment, Cell cell) throws IOException {
    try (GuestRun run =
        GuestRun.create(experiment, cell.strategy(), cell.pattern().trace(), KNOBS)) {
      long emptyPamt = run.book("tdx.pamt-bytes");
      run.play(cell.pattern().trace());
      GuestRun.Census census = run.census();
      long tables = run.vm().counters().tables(/* mirror= */ true, 1);
      long header = run.vm().mmu().tree(/* isPrivate= */ true).headerBytes();
      return new Object[] {
        cell.pattern().name(),
        cell.strategy().toString(),
        census.regions(),
        census.allowed(),
        100.0 * census.allowed() / census.regions(),
        census.mixed(),
        census.regions() - census.allowed() - census.mixed(),
        census.mapped(),
        census.huge(),
        census.hugeAllowed(),
        tables,
        tables * 4096,
        tables * (4096 + header),
        run.book("tdx.pamt-bytes") - emptyPamt,
        run.book("tdx.demotes"),
        run.machine().trackerMemory().bytes()
      };
    }
  }

  @Override
  public String sentence(AnswerTable table) {
    StringBuilder sentence = new StringBuilder();
    for (String pattern : table.texts("pattern")) {
      List<AnswerTable.Row> rows = table.where("pattern", pattern);
      AnswerTable.Row best = Rows.most(rows, "kept");
      AnswerTable.Row worst = Rows.least(rows, "kept");
      List<AnswerTable.Row> equal =
          rows.stream().filter(row -> row.number("kept") == best.number("kept")).toList();
      long each = best.number("sept") + best.number("mirror") + best.number("pamt");
      sentence.append(
          "%s%s leaves %s of %s regions of 2M whole (and %s of %s of 1G) under %s%s; its %s 4K tables cost %s of Secure EPT, mirror and PAMT and %s demotes%s."
              .formatted(
                  sentence.isEmpty() ? "" : " ",
                  pattern.equals("boot") ? "Boot" : "Age",
                  best.shown("kept"),
                  best.shown("regions"),
                  best.shown("kept1g"),
                  best.shown("regions1g"),
                  equal.size() == rows.size()
                      ? "every design"
                      : "%d of %d designs".formatted(equal.size(), rows.size()),
                  equal.size() == rows.size()
                      ? ""
                      : " (%s under %s)".formatted(worst.shown("kept"), worst.text("strategy")),
                  best.shown("tables"),
                  Units.bytes(each),
                  best.shown("demotes"),
                  best.number("tables") == 0
                      ? ""
                      : ", " + Units.bytes(each / best.number("tables")) + " for each"));
    }
    return sentence.toString();
  }

  @Override
  public AnswerChart chart() {
    return AnswerChart.bars("Share of 2M regions kept whole", "share", "strategy", "", "pattern");
  }
}
