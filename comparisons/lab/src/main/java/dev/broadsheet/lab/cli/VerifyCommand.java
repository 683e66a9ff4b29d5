package dev.broadsheet.lab.cli;

import static java.util.Objects.requireNonNull;

import dev.broadsheet.api.StrategyOption;
import dev.broadsheet.api.TrackingStrategy;
import dev.broadsheet.conformance.Conformance;
import dev.broadsheet.conformance.RuleVerdict;
import dev.broadsheet.conformance.Settings;
import dev.broadsheet.conformance.Subject;
import dev.broadsheet.conformance.Surroundings;
import dev.broadsheet.core.strategy.StrategyRegistry;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs the conformance rules on strategies and prints a verdict per rule. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = "Judge strategies by the rules R1 to R12 of api/CONTRACT.md.",
    footer = {
      "",
      "A cell says ok, FAIL, or - where a rule could not be judged; what is not judged in a place is"
          + " blank.",
      "Exit status: 0; 1 a must-rule is broken (all but R4); 2 wrong use or bad input."
    })
final class VerifyCommand implements Callable<Integer> {
  @Option(names = "--plugins", paramLabel = "DIR", description = "Folder of plug-in JARs.")
  private @Nullable Path plugins;

  @ArgGroup private Depth depth = new Depth();

  /** How much is looked at. */
  static final class Depth {
    @Option(names = "--quick", description = "A few seconds per strategy (the default).")
    private boolean quick;

    @Option(names = "--standard", description = "As a build does.")
    private boolean standard;

    @Option(names = "--thorough", description = "Minutes per strategy, as before a release.")
    private boolean thorough;

    Settings settings() {
      if (quick) {
        return Settings.quick();
      }
      return thorough ? Settings.thorough() : standard ? Settings.standard() : Settings.quick();
    }
  }

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of all that is random. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--every-option",
      description =
          "Also judge each declared value of each option by itself; deliberate defects are left out.")
  private boolean everyOption;

  @Option(
      names = "--in",
      paramLabel = "PLACE",
      description = "Only in these surroundings: alone, one-tree, no-free-bit, whole-machine.",
      split = ",")
  private List<String> places = List.of();

  @Option(
      names = "--repeat",
      paramLabel = "LINE",
      description = "Judge the one case that a verdict's last line names, with one ID.")
  private @Nullable String repeat;

  @Parameters(
      arity = "0..*",
      paramLabel = "ID",
      description = "Strategies, as id[option=value,...]. Default: all.")
  private List<String> ids = List.of();

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    StrategyRegistry registry = Inputs.registry(plugins);
    PrintWriter out = requireNonNull(spec, "picocli sets it").commandLine().getOut();
    List<Subject> subjects = subjects(registry);
    List<Surroundings> only = places.stream().map(Surroundings::of).toList();
    return repeat == null ? judge(subjects, only, out) : judgeAgain(subjects, only, repeat, out);
  }

  private List<Subject> subjects(StrategyRegistry registry) {
    Set<String> specs = new LinkedHashSet<>(ids);
    if (ids.isEmpty()) {
      registry.all().forEach(strategy -> specs.add(strategy.id()));
    }
    if (everyOption) {
      for (String one : List.copyOf(specs)) {
        specs.addAll(variants(registry.configure(one).strategy()));
      }
    }
    return specs.stream().map(one -> Subject.of(registry, one)).toList();
  }

  /**
   * Returns the strategy with each declared value that is neither default nor deliberate defect.
   */
  private static List<String> variants(TrackingStrategy strategy) {
    List<String> variants = new ArrayList<>();
    for (StrategyOption option : strategy.options()) {
      if (option.name().equals("defect")) {
        continue;
      }
      for (String value : option.values()) {
        if (!value.equals(option.defaultValue())) {
          variants.add("%s[%s=%s]".formatted(strategy.id(), option.name(), value));
        }
      }
    }
    return variants;
  }

  private int judge(List<Subject> subjects, List<Surroundings> only, PrintWriter out) {
    VerdictTable table = new VerdictTable(out, subjects);
    Settings settings = depth.settings().withSeed(seed);
    for (Subject subject : subjects) {
      for (Surroundings where : Surroundings.suitable(subject)) {
        if (only.isEmpty() || only.contains(where)) {
          table.add(subject, where, Conformance.run(where, subject, settings));
        }
      }
    }
    if (table.isEmpty()) {
      throw new UsageException(
          "None of these strategies is judged in %s: only those that need page tables are."
              .formatted(String.join(", ", places)));
    }
    table.end();
    return table.hasBrokenMust() ? Errors.CHECK_FAILED : 0;
  }

  private static int judgeAgain(
      List<Subject> subjects, List<Surroundings> only, String line, PrintWriter out) {
    if (subjects.size() != 1 || only.size() > 1) {
      throw new UsageException(
          "--repeat judges one case: give one ID and at most one --in, as the failure's line does.");
    }
    Surroundings where = only.isEmpty() ? Surroundings.ALONE : only.get(0);
    RuleVerdict verdict = Conformance.repeat(where, subjects.get(0), line);
    out.println(
        "%s %s %s: %s"
            .formatted(
                subjects.get(0),
                verdict.rule(),
                VerdictTable.word(verdict),
                VerdictTable.oneLine(verdict.message())));
    out.flush();
    return verdict.failed() && verdict.rule().isMust() ? Errors.CHECK_FAILED : 0;
  }

  /** Returns what repeats a failure. */
  static String repeatLine(Subject subject, Surroundings where, RuleVerdict verdict) {
    return "broadsheet verify '%s' --in %s --repeat '%s'"
        .formatted(subject, where, verdict.repeat());
  }
}
