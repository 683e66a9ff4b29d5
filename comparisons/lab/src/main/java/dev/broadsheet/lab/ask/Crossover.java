package dev.broadsheet.lab.ask;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.core.strategy.ConfiguredStrategy;
import dev.broadsheet.core.vm.VirtualMachine;
import dev.broadsheet.lab.report.Units;
import dev.broadsheet.lab.runner.MeteredMachine;
import dev.broadsheet.lab.workload.Parameter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Memory and work of each design as a function of the number of runs. */
final class Crossover implements Question {
  private static final int LOOKUPS = 256;
  private static final int CONVERSIONS = 64;
  private static final String LOOKUP = "lookup";

  @Override
  public About about() {
    return new About(
        4,
        "crossover",
        "Memory and work as a function of the number of runs: where do the designs' curves cross?",
        "M. Roth, 29 May 2025; guest_memfd in-place conversion series, 2025 to 2026",
        "In a private guest single pages become shared at equal distances, more and more of them"
            + " until every other page is. Nothing is mapped. At each density: the design's bytes,"
            + " with the page tables that it needs beyond the reference; distinct lines and"
            + " references of the two questions of a fault, attribute and largest level, of a random"
            + " page; the design's references for one page converted and converted back.",
        "20 s");
  }

  @Override
  public ImmutableList<Parameter> parameters() {
    return ImmutableList.of(Parameters.guest("256m", "4m", "64g"), Parameters.seed());
  }

  /** What one design needs at one density. */
  private record Point(
      long shared,
      long runs,
      long trackerBytes,
      long machineBytes,
      double lines,
      double references,
      double conversion) {}

  @Override
  public AnswerTable measure(Experiment experiment) throws IOException {
    List<ConfiguredStrategy> measured = new ArrayList<>(experiment.strategies());
    ConfiguredStrategy reference = experiment.configure("reference");
    measured.removeIf(strategy -> strategy.toString().equals(reference.toString()));
    measured.add(reference);
    List<List<Point>> curves =
        experiment.each(
            measured, ConfiguredStrategy::toString, strategy -> curve(experiment, strategy));
    List<Point> least = curves.get(curves.size() - 1);
    AnswerTable.Builder table =
        AnswerTable.builder()
            .text("strategy", "design")
            .count("runs", "runs")
            .count("shared", "shared pages")
            .bytes("bytes", "design's bytes")
            .decimal("lines", "lines per lookup")
            .decimal("references", "references per lookup")
            .decimal("conversion", "references per conversion");
    for (int i = 0; i < measured.size(); i++) {
      String design = measured.get(i).toString();
      if (experiment.strategies().stream().noneMatch(s -> s.toString().equals(design))) {
        continue;
      }
      for (int k = 0; k < curves.get(i).size(); k++) {
        Point point = curves.get(i).get(k);
        table.row(
            design,
            point.runs(),
            point.shared(),
            point.trackerBytes() + point.machineBytes() - least.get(k).machineBytes(),
            point.lines(),
            point.references(),
            point.conversion());
      }
    }
    return table.build();
  }

  private static List<Point> curve(Experiment experiment, ConfiguredStrategy strategy) {
    long pages = experiment.number("guest") >>> 12;
    Random random = new Random(experiment.number("seed"));
    List<Point> points = new ArrayList<>();
    try (MeteredMachine machine = experiment.machine(strategy, "kind=tdx,attributes=private")) {
      VirtualMachine vm = machine.vm();
      if (vm.addMemslot(0, 0, pages << 12) != 0) {
        throw new IllegalStateException("the machine refuses a slot of the guest's size");
      }
      points.add(point(machine, 0, pages, random));
      long shared = 0;
      long last = 0;
      for (long stride = Long.highestOneBit(pages); stride >= 2; stride = next(stride)) {
        for (long gfn = 1; gfn < pages; gfn += stride) {
          if (last == 0 || (gfn - 1) % last != 0) {
            convert(vm, gfn, false);
            shared++;
          }
        }
        last = stride;
        points.add(point(machine, shared, pages, random));
      }
    }
    return points;
  }

  /** A quarter of the distance, but the last step is to every other page. */
  private static long next(long stride) {
    return stride > 2 ? Math.max(2, stride / 4) : 1;
  }

  private static void convert(VirtualMachine vm, long gfn, boolean toPrivate) {
    int attributes = toPrivate ? PageAttributes.PRIVATE : PageAttributes.SHARED;
    int errno = vm.setMemoryAttributes(gfn << 12, 4096, attributes, 0);
    if (errno != 0) {
      throw new IllegalStateException(
          "conversion of gfn 0x%x is refused with error %d".formatted(gfn, errno));
    }
  }

  private static Point point(MeteredMachine machine, long shared, long pages, Random random) {
    VirtualMachine vm = machine.vm();
    long trackerBytes = machine.trackerMemory().bytes();
    long machineBytes = machine.machineMemory().bytes();
    String kind = LOOKUP + shared;
    for (int i = 0; i < LOOKUPS; i++) {
      long gfn = random.nextLong(pages);
      machine.billed(
          kind,
          () -> {
            int attributes = vm.tracker().attributes(gfn);
            PageLevel level = vm.tracker().maxLevel(gfn, PageLevel.PG_LEVEL_1G);
            assert attributes >= 0 && level.number() > 0;
          });
    }
    var lookups = machine.operation(kind).total();
    long before = work(machine);
    for (int i = 0; i < CONVERSIONS; i++) {
      long gfn = random.nextLong(pages);
      boolean isPrivate = PageAttributes.isPrivate(vm.attributes(gfn));
      convert(vm, gfn, !isPrivate);
      convert(vm, gfn, isPrivate);
    }
    return new Point(
        shared,
        2 * shared + 1,
        trackerBytes,
        machineBytes,
        (double) lookups.lines() / LOOKUPS,
        (double) (lookups.loads() + lookups.stores()) / LOOKUPS,
        (double) (work(machine) - before) / (2 * CONVERSIONS));
  }

  private static long work(MeteredMachine machine) {
    var work = machine.trackerWork(MeteredMachine.CONVERT);
    return work.loads() + work.stores();
  }

  @Override
  public String sentence(AnswerTable table) {
    return "Least memory: %s. Fewest lines for a fault's questions: %s. Fewest references for a conversion: %s."
        .formatted(
            segments(table, "bytes"), segments(table, "lines"), segments(table, "conversion"));
  }

  /** Who is best from where to where, bounds left out unless there is nothing else. */
  private static String segments(AnswerTable table, String column) {
    List<String> parts = new ArrayList<>();
    String best = "";
    List<AnswerTable.Row> rows = Rows.candidates(table.stream().toList());
    for (long runs : rows.stream().mapToLong(row -> row.number("runs")).distinct().toArray()) {
      List<AnswerTable.Row> here = rows.stream().filter(row -> row.number("runs") == runs).toList();
      double value = Rows.least(here, column).value(column);
      String now =
          String.join(
              " and ",
              here.stream()
                  .filter(row -> row.value(column) == value)
                  .map(row -> row.text("strategy"))
                  .toList());
      if (!now.equals(best)) {
        parts.add(best.isEmpty() ? now : now + " from " + Units.count(runs) + " runs on");
        best = now;
      }
    }
    return String.join(", ", parts);
  }

  @Override
  public AnswerChart chart() {
    return AnswerChart.lines("Memory against the number of runs", "runs", "bytes", "strategy");
  }
}
