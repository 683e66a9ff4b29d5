package dev.broadsheet.benchmarks;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.openjdk.jmh.runner.RunnerException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Measures the targets and prints a table of them; {@code comparisons/bench} starts it.
 *
 * <p>Exit status: 0, 1 = a figure is worse than the committed one, 2 = wrong use.
 */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Measures the targets of speed and prints each beside what is wanted.",
    footer = {
      "",
      "To run single benchmarks with JMH's own options: bench jmh [JMH options] [PATTERN].",
      "To measure the table of targets alone: bench targets [--trace TRACE].",
      "To measure Java heap instead of time: bench footprint [VM KNOBS], and for a guest mapped",
      "from end to end in a heap of 8 GiB: bench full GIB VM-KNOBS.",
      "Results: results.json (all that was measured) and table.md, in the output folder."
    })
final class Bench implements Callable<Integer> {
  private static final ImmutableList<String> STRATEGIES =
      ImmutableList.of(
          "memslot-array",
          "memslot-array[encoding=packed]",
          "xarray-lpage-info",
          "xarray-lpage-info[store=range]",
          "xarray-mixed-flag",
          "reference",
          "small-pages-only");

  private static final String TD_OF_SMALL_PAGES = "kind=tdx,folio=4k,shared-backing=4k,host-gib=8";

  @Option(names = "--quick", description = "A smoke run of small guests, under two minutes.")
  private boolean quick;

  @Option(
      names = "--check",
      description = "Compare with the committed ratios; exit 1 if one is worse beyond noise.")
  private boolean check;

  @Option(
      names = "--update",
      description = "Write the figures of this run to the committed ratios.")
  private boolean update;

  @Option(
      names = "--targets",
      description =
          "What has a limit, and nothing else: one round over the guests of the targets, some 15"
              + " minutes; then heap per page, and faults and converted pages per second.")
  private boolean targetsOnly;

  @Option(names = "--list", description = "List the targets and measure nothing.")
  private boolean list;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "How often everything is measured, in turns (default: 5; 1 with --quick).")
  private int rounds;

  @Option(
      names = "--trace",
      paramLabel = "TRACE",
      description = "Replay this file or bundled trace (default: the boot trace).")
  private String trace = "";

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Where results go (default: ${DEFAULT-VALUE}).")
  private Path out = Path.of("broadsheet-benchmarks");

  @Option(names = "--ratios", hidden = true)
  private Path ratios = Path.of("ratios.json");

  @Parameters(
      paramLabel = "TARGET",
      arity = "0..*",
      description = "Only targets whose id contains this pattern.")
  private List<Pattern> only = List.of();

  private Bench() {}

  /** Starts the benchmarks. */
  public static void main(String[] args) throws IOException {
    if (args.length > 0 && args[0].equals("jmh")) {
      org.openjdk.jmh.Main.main(Arrays.copyOfRange(args, 1, args.length));
      return;
    }
    if (args.length > 0 && args[0].equals("footprint")) {
      String vm = args.length > 1 ? args[1] : TD_OF_SMALL_PAGES;
      FootprintMeasurement.print(STRATEGIES, vm);
      return;
    }
    if (args.length == 3 && args[0].equals("full")) {
      FullGuestMeasurement.printHeader();
      FullGuestMeasurement.print(Integer.parseInt(args[1]), args[2]);
      return;
    }
    System.exit(new CommandLine(new Bench()).execute(args));
  }

  @Override
  public Integer call() throws IOException, RunnerException {
    Profile profile = quick ? Profile.QUICK : Profile.FULL;
    ImmutableList<Target> targets =
        Targets.of(profile, trace).stream()
            .filter(target -> !targetsOnly || Targets.isOfTheTable(target))
            .filter(
                target ->
                    only.isEmpty() || only.stream().anyMatch(p -> p.matcher(target.id()).find()))
            .collect(ImmutableList.toImmutableList());
    if (targets.isEmpty()) {
      System.err.println("bench: no target matches; bench --list shows them all");
      return 2;
    }
    if (list) {
      targets.forEach(target -> System.out.println(target.id() + "\t" + target.what()));
      return 0;
    }
    CommittedRatios committed = CommittedRatios.read(ratios);
    Measurements measurements = new Measurements(profile);
    int turns = rounds > 0 ? rounds : targetsOnly ? 1 : profile.rounds();
    measurements.rounds(targets, turns);
    if (turns < Targets.FORKS_OF_SCALING) {
      measurements.rounds(Targets.ofScaling(targets), Targets.FORKS_OF_SCALING - turns);
    }
    ImmutableList<Target> worse =
        check ? committed.worse(profile, targets, measurements) : ImmutableList.of();
    for (int again = 0; again < 2 && !worse.isEmpty(); again++) {
      System.out.println("# measured again, for noise would not last: " + ids(worse));
      measurements.rounds(worse, 1);
      worse = committed.worse(profile, worse, measurements);
    }
    RatioTable table =
        new RatioTable(
            targets,
            measurements,
            committed.section(profile),
            targetsOnly ? observations(targets, measurements) : ImmutableList.of());
    Files.createDirectories(out);
    Files.writeString(out.resolve("table.md"), table.markdown());
    Files.writeString(out.resolve("results.json"), table.json());
    System.out.print(table.markdown());
    System.out.println(
        "# written: " + out.resolve("table.md") + ", " + out.resolve("results.json"));
    if (update) {
      committed.with(profile, targets, measurements).write(ratios);
      System.out.println("# updated: " + ratios);
    }
    worse.forEach(
        target ->
            System.err.println(
                "bench: " + target.id() + " is worse than committed: " + table.line(target)));
    return worse.isEmpty() ? 0 : 1;
  }

  private ImmutableList<Observation> observations(List<Target> targets, Measurements measurements)
      throws IOException {
    ImmutableList.Builder<Observation> observations = ImmutableList.builder();
    for (Target target : targets) {
      if (Targets.isReplay(target)) {
        observations.addAll(ReplayRates.of(target, measurements, trace));
      }
    }
    if (only.isEmpty()) {
      observations.add(
          Observation.atMost(
              "heap-per-page",
              "bytes of Java heap per 4K page mapped: mirror, Secure EPT, PAMT and host frame",
              32,
              FootprintMeasurement.machine(TD_OF_SMALL_PAGES),
              " B"));
    }
    return observations.build();
  }

  private static String ids(List<Target> targets) {
    return String.join(", ", targets.stream().map(Target::id).toList());
  }
}
