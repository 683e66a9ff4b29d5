package dev.broadsheet.lab.cli;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.core.strategy.ConfiguredStrategy;
import dev.broadsheet.core.strategy.StrategyRegistry;
import dev.broadsheet.core.vm.VmKnob;
import dev.broadsheet.core.vm.VmSpec;
import dev.broadsheet.lab.calibration.Calibration;
import dev.broadsheet.lab.cost.CostConstant;
import dev.broadsheet.lab.cost.CostModel;
import dev.broadsheet.lab.report.AtomicOutput;
import dev.broadsheet.lab.report.Report;
import dev.broadsheet.lab.report.ReportFormat;
import dev.broadsheet.lab.report.ReportModel;
import dev.broadsheet.lab.report.ReportModel.StrategyResult;
import dev.broadsheet.lab.report.Scoreboard;
import dev.broadsheet.lab.report.Units;
import dev.broadsheet.lab.runner.CacheOption;
import dev.broadsheet.lab.runner.Comparison;
import dev.broadsheet.lab.runner.Comparisons;
import dev.broadsheet.lab.runner.Overlap;
import dev.broadsheet.lab.runner.Progress;
import dev.broadsheet.lab.runner.RunOptions;
import dev.broadsheet.lab.trace.BundledTraces;
import dev.broadsheet.lab.workload.Workloads;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The main job: strategies side by side on one input or several, and a report. */
@Command(
    name = "compare",
    mixinStandardHelpOptions = true,
    description = "Run strategies side by side on traces and workloads and write a report.")
final class CompareCommand implements Callable<Integer> {
  @Option(
      names = "--trace",
      paramLabel = "TRACE",
      description =
          "Name of a bundled trace, or a file (default: td-boot-1g-1v); repeat it to put several"
              + " side by side.")
  private List<String> traces = new ArrayList<>();

  @Option(
      names = "--workload",
      paramLabel = "NAME",
      description = "A generated workload: NAME or NAME[k=v,...]; may be repeated, beside traces.")
  private List<String> workloads = new ArrayList<>();

  @Mixin private StrategyOptions strategies = new StrategyOptions();

  @Option(
      names = "--vm",
      paramLabel = "KNOBS",
      description = "Knobs of the machine, k=v,...; 'help' lists them.")
  private String vm = "";

  @Option(
      names = "--overlap",
      paramLabel = "MODE",
      defaultValue = "off",
      description =
          "Events of other vCPUs while one converts or faults: off, trace, seed or seed=N"
              + " (default: ${DEFAULT-VALUE}).")
  private String overlap = "off";

  @Option(
      names = "--cache",
      paramLabel = "SIZES",
      description =
          "Modelled caches: l1=48k/12,l2=2m/16,l3=32m/16 (size/ways; the default), or off.")
  private String cache = "";

  @Option(
      names = "--cost",
      paramLabel = "NANOS",
      description = "Constants of the cost model, k=v,... in nanoseconds; 'help' lists them.")
  private String cost = "";

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "broadsheet-report",
      description = "Folder of the report (default: ${DEFAULT-VALUE}).")
  private Path out = Path.of("broadsheet-report");

  @Option(
      names = "--format",
      paramLabel = "LIST",
      defaultValue = "html,md,csv,json",
      description = "What to write (default: ${DEFAULT-VALUE}).")
  private String format = "html,md,csv,json";

  @Option(names = "--quiet", description = "No progress and no table.")
  private boolean quiet;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    CommandSpec self = requireNonNull(spec, "picocli sets it");
    PrintWriter stdout = self.commandLine().getOut();
    if (vm.equals("help")) {
      listKnobs(stdout);
      return 0;
    }
    if (cost.equals("help")) {
      listCosts(stdout);
      return 0;
    }
    RunOptions options =
        new RunOptions(
            Overlap.parse(overlap.strip()),
            CacheOption.parse(cache.strip()),
            CostModel.defaults().with(cost));
    Set<ReportFormat> formats = Inputs.formats(format, ReportFormat.class);
    AtomicOutput.requireFolder(out);
    StrategyRegistry registry = strategies.registry();
    Comparisons comparisons = prepare(registry, options);
    Report report;
    try (Progress progress =
        ConsoleProgress.create(
            self.commandLine().getErr(), comparisons.totalEvents(), quiet, debug(self))) {
      report =
          calibrated(
              comparisons.run(Runtime.getRuntime().availableProcessors(), progress), registry);
    }
    Map<String, AtomicOutput.Content> files = new LinkedHashMap<>();
    formats.forEach(each -> files.put(each.file(), each.content(report)));
    AtomicOutput.folder(out, files);
    if (!quiet) {
      print(stdout, report, formats);
    }
    return report.passed() ? 0 : Errors.CHECK_FAILED;
  }

  /** Sets published figures beside the workload that imitates the guest that they are of. */
  private Report calibrated(Report report, StrategyRegistry registry) throws IOException {
    if (workloads.stream().noneMatch(Calibration::isFor)) {
      return report;
    }
    List<ReportModel> inputs = new ArrayList<>(report.inputs());
    for (int i = 0; i < workloads.size(); i++) {
      if (Calibration.isFor(workloads.get(i))) {
        int place = traces.size() + i; // workloads come behind traces
        inputs.set(
            place,
            inputs
                .get(place)
                .withCalibration(
                    Calibration.of(
                        workloads.get(i), registry, Inputs.trace(Calibration.recorded()))));
      }
    }
    return Comparisons.report(inputs, report.command());
  }

  private static boolean debug(CommandSpec self) {
    return self.root().userObject() instanceof Broadsheet root && root.debug();
  }

  /** One comparison for each input: traces as named, then workloads as named. */
  private Comparisons prepare(StrategyRegistry registry, RunOptions options) throws IOException {
    if (traces.isEmpty() && workloads.isEmpty()) {
      traces.add(BundledTraces.DEFAULT);
    }
    requireDistinct("--trace", traces);
    requireDistinct("--workload", workloads);
    ImmutableList<ConfiguredStrategy> chosen = strategies.chosen(registry);
    List<Comparison> inputs = new ArrayList<>();
    for (String trace : traces) {
      inputs.add(
          Comparison.prepare(
              Inputs.trace(trace),
              registry,
              chosen,
              vm.strip(),
              options,
              command(" --trace " + Inputs.quoted(trace))));
    }
    for (String workload : workloads) {
      inputs.add(
          Comparison.prepare(
              Workloads.parse(workload),
              registry,
              chosen,
              vm.strip(),
              options,
              command(" --workload " + Inputs.quoted(workload))));
    }
    return new Comparisons(
        inputs,
        command(
            Stream.concat(
                    traces.stream().map(trace -> " --trace " + Inputs.quoted(trace)),
                    workloads.stream().map(workload -> " --workload " + Inputs.quoted(workload)))
                .collect(Collectors.joining())));
  }

  private static void requireDistinct(String option, List<String> names) {
    for (int i = 0; i < names.size(); i++) {
      if (names.indexOf(names.get(i)) < i) {
        throw new UsageException(
            "%s '%s' is given twice; give each input once.".formatted(option, names.get(i)));
      }
    }
  }

  /** The command that repeats a comparison; paths of outputs do not matter for it. */
  private String command(String inputs) {
    StringBuilder command = new StringBuilder("comparisons/broadsheet compare").append(inputs);
    strategies.appendStrategies(command);
    if (!vm.isBlank()) {
      command.append(" --vm ").append(Inputs.quoted(vm));
    }
    if (!overlap.strip().equals("off")) {
      command.append(" --overlap ").append(Inputs.quoted(overlap.strip()));
    }
    if (!cache.isBlank()) {
      command.append(" --cache ").append(Inputs.quoted(cache.strip()));
    }
    if (!cost.isBlank()) {
      command.append(" --cost ").append(Inputs.quoted(cost));
    }
    strategies.appendPlugins(command);
    return command.toString();
  }

  private static void listKnobs(PrintWriter stdout) {
    TextTable table = new TextTable("llll", "knob", "default", "takes", "what it changes");
    for (VmKnob knob : VmSpec.knobs()) {
      table.add(knob.name(), knob.defaultValue(), knob.range(), knob.sentence());
    }
    table.lines().forEach(stdout::println);
    stdout.flush();
  }

  private static void listCosts(PrintWriter stdout) {
    TextTable table =
        new TextTable("lrrrll", "key", "ns", "low", "high", "what one is", "where from");
    for (CostConstant constant : CostModel.defaults().constants()) {
      table.add(
          constant.key(),
          Units.decimal(constant.nanos(), 1),
          Units.decimal(constant.low(), 1),
          Units.decimal(constant.high(), 1),
          constant.what(),
          constant.origin());
    }
    table.lines().forEach(stdout::println);
    stdout.flush();
  }

  private void print(PrintWriter stdout, Report report, Set<ReportFormat> formats) {
    for (ReportModel input : report.inputs()) {
      stdout.println();
      if (report.inputs().size() > 1) {
        stdout.println(input.trace().name());
      }
      Map<String, String> answers = new HashMap<>();
      input.ran().forEach(strategy -> answers.put(strategy.spec(), answers(strategy)));
      print(stdout, Scoreboard.forTerminal(input), answers);
    }
    if (report.inputs().size() > 1) {
      stdout.println();
      stdout.println("means over the inputs");
      print(stdout, Scoreboard.ofMeansForTerminal(report), Map.of());
    }
    stdout.println();
    report.verdict().forEach(sentence -> stdout.println(sentence));
    stdout.println(
        "The claims of 2022 %s: %s."
            .formatted(
                report.inputs().size() == 1 ? "in this run" : "over these inputs",
                report.claimsLine()));
    stdout.println();
    stdout.println(
        "Report: "
            + formats.stream()
                .map(each -> out.resolve(each.file()).toString())
                .collect(Collectors.joining(", ")));
    stdout.flush();
  }

  private static void print(PrintWriter stdout, Scoreboard board, Map<String, String> answers) {
    List<String> head = new ArrayList<>(List.of("strategy"));
    board.columns().forEach(metric -> head.add(metric.label()));
    head.add(answers.isEmpty() ? "" : "answers");
    TextTable table =
        new TextTable("l" + "r".repeat(board.columns().size()) + "l", head.toArray(new String[0]));
    for (Scoreboard.Row row : board.rows()) {
      List<String> cells = new ArrayList<>(List.of(row.spec()));
      row.cells().forEach(cell -> cells.add(cell.best() ? "*" + cell.text() : cell.text()));
      cells.add(answers.getOrDefault(row.spec(), ""));
      table.add(cells.toArray(new String[0]));
    }
    table.lines().forEach(stdout::println);
  }

  private static String answers(StrategyResult strategy) {
    if (strategy.check().differences() > 0) {
      return strategy.check().differences() + " WRONG";
    }
    return strategy.check().audit().equals("passed") ? "right" : "AUDIT FAILED";
  }
}
