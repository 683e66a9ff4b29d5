package dev.broadsheet.lab.cli;

import static java.util.Objects.requireNonNull;

import dev.broadsheet.core.strategy.ConfiguredStrategy;
import dev.broadsheet.core.strategy.StrategyRegistry;
import dev.broadsheet.lab.claims.Claim;
import dev.broadsheet.lab.claims.ClaimInputs;
import dev.broadsheet.lab.claims.Claims;
import dev.broadsheet.lab.claims.Criterion;
import dev.broadsheet.lab.claims.Judge;
import dev.broadsheet.lab.claims.Post;
import dev.broadsheet.lab.report.Report.ClaimResult;
import dev.broadsheet.lab.report.Report.Evidence;
import dev.broadsheet.lab.report.ReportModel;
import dev.broadsheet.lab.report.Units;
import dev.broadsheet.lab.runner.Comparison;
import dev.broadsheet.lab.runner.Progress;
import dev.broadsheet.lab.trace.Trace;
import dev.broadsheet.lab.workload.Workloads;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Lists the claims of 2022, says all about one, or checks them on a fixed set of inputs. */
@Command(
    name = "claims",
    mixinStandardHelpOptions = true,
    description = "List the claims of 2022, say all about one, or check them on several inputs.")
final class ClaimsCommand implements Callable<Integer> {
  @Parameters(arity = "0..1", paramLabel = "ID", description = "Id of a claim.")
  private @Nullable String id;

  @Option(
      names = "--check",
      description =
          "Run options A to D in their variants on a fixed set of inputs, and say for each claim"
              + " whether it holds or on what it depends (about a minute).")
  private boolean check;

  @Option(names = "--quiet", description = "No progress.")
  private boolean quiet;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    CommandSpec self = requireNonNull(spec, "picocli sets it");
    PrintWriter out = self.commandLine().getOut();
    List<Claim> claims = id == null ? Claims.all() : List.of(Claims.find(id));
    if (check) {
      List<Judge.Run> runs = runs(self.commandLine().getErr());
      if (id == null) {
        table(out, runs);
      } else {
        explain(out, claims.get(0));
        out.println();
        evidence(out, Judge.of(claims.get(0), runs));
      }
    } else if (id == null) {
      list(out);
    } else {
      explain(out, claims.get(0));
    }
    out.flush();
    return 0;
  }

  private static void list(PrintWriter out) {
    TextTable table = new TextTable("lclll", "claim", "", "author", "date", "what it says");
    for (Claim claim : Claims.all()) {
      Post post = Claims.post(claim);
      table.add(
          claim.id(),
          claim.option() + claim.sign().mark(),
          post.author(),
          post.date(),
          claim.text());
    }
    table.lines().forEach(out::println);
  }

  private static void explain(PrintWriter out, Claim claim) {
    Post post = Claims.post(claim);
    out.println(claim.id() + ": " + claim.text());
    out.println();
    out.println(
        "option    %s, a %s; %s stands for it"
            .formatted(
                claim.option(),
                claim.sign() == Claim.Sign.PLUS ? "plus" : "minus",
                claim.subject()));
    out.println(
        "author    "
            + (post.author().equals("nobody") ? "nobody in the thread" : post.author())
            + "; "
            + post.source());
    if (claim.assumption() != null) {
      out.println("assumes   " + claim.assumption());
    }
    if (claim.open() != null) {
      out.println("verdict   not measured here: " + claim.open());
      return;
    }
    out.println("reading   " + claim.reading());
    for (Criterion criterion : claim.criteria()) {
      out.println("compares  " + words(claim, criterion));
    }
    out.println();
    out.println("'compare' gives a verdict for its trace; 'claims --check' for several inputs.");
  }

  private static String words(Claim claim, Criterion criterion) {
    StringBuilder words = new StringBuilder(criterion.metric());
    if (criterion.withoutLabels() != null) {
      words.append(" without memory labelled ");
      words.append(String.join(", ", criterion.withoutLabels()));
    }
    if (criterion.withoutPackages() != null) {
      words.append(" without package ").append(String.join(", ", criterion.withoutPackages()));
    }
    words.append(' ').append(criterion.is().words());
    if (criterion.factor() != null) {
      words.append(' ').append(Units.decimal(criterion.factor(), 2)).append(" ×");
    }
    if (criterion.than() != null) {
      words.append(" that of ").append(String.join(", ", criterion.than()));
    } else if (criterion.thanMetric() != null) {
      words.append(' ').append(criterion.thanMetric());
    } else if (criterion.thanValue() != null) {
      words.append(' ').append(Units.decimal(criterion.thanValue(), 4));
    }
    if (claim.assumption() != null) {
      words.append(criterion.granted() ? " (assumption granted)" : " (assumption not granted)");
    }
    return words.toString();
  }

  private List<Judge.Run> runs(PrintWriter err) throws IOException {
    StrategyRegistry registry = Inputs.registry(null);
    List<ConfiguredStrategy> variants =
        ClaimInputs.variants(registry).stream().map(registry::configure).toList();
    Map<String, Trace> traces = new LinkedHashMap<>();
    ClaimInputs.workloads().forEach(name -> traces.put(name, Workloads.parse(name)));
    traces.put(ClaimInputs.recorded(), Inputs.trace(ClaimInputs.recorded()));
    List<Judge.Run> runs = new ArrayList<>();
    for (Map.Entry<String, Trace> input : traces.entrySet()) {
      Comparison comparison = Comparison.prepare(input.getValue(), registry, variants, "", "");
      if (!quiet) {
        err.println(
            "%s: %d variants, %s events"
                .formatted(input.getKey(), variants.size(), Units.count(comparison.totalEvents())));
        err.flush();
      }
      ReportModel model = comparison.run(Runtime.getRuntime().availableProcessors(), Progress.NONE);
      if (!model.passed()) {
        throw new IllegalStateException(
            "claims cannot be checked on %s: %s"
                .formatted(input.getKey(), String.join(" ", model.verdict())));
      }
      runs.add(new Judge.Run(input.getKey(), model.strategies()));
    }
    return runs;
  }

  private static void table(PrintWriter out, List<Judge.Run> runs) {
    TextTable table = new TextTable("lclll", "claim", "", "verdict", "for", "because");
    for (ClaimResult result : Judge.all(runs)) {
      long held = result.evidence().stream().filter(Evidence::holds).count();
      table.add(
          result.id(),
          Claims.find(result.id()).option() + Claims.find(result.id()).sign().mark(),
          result.verdict(),
          result.evidence().isEmpty() ? "" : held + " of " + result.evidence().size(),
          result.because());
    }
    table.lines().forEach(out::println);
  }

  private static void evidence(PrintWriter out, ClaimResult result) {
    out.println(
        result.verdict() + (result.because().isEmpty() ? "" : " " + result.because()) + ":");
    for (Evidence evidence : result.evidence()) {
      out.println(
          "  %s %s: %s"
              .formatted(evidence.holds() ? "+" : "-", evidence.input(), evidence.words()));
    }
  }
}
