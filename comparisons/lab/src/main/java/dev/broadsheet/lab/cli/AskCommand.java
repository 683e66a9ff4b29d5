package dev.broadsheet.lab.cli;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.core.strategy.ConfiguredStrategy;
import dev.broadsheet.core.strategy.StrategyRegistry;
import dev.broadsheet.lab.ask.Answer;
import dev.broadsheet.lab.ask.AnswerFormat;
import dev.broadsheet.lab.ask.AnswerTable;
import dev.broadsheet.lab.ask.Questions;
import dev.broadsheet.lab.ask.Questions.Listed;
import dev.broadsheet.lab.report.AtomicOutput;
import dev.broadsheet.lab.workload.Parameter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Answers one of the field's questions, or lists them. */
@Command(
    name = "ask",
    mixinStandardHelpOptions = true,
    description = {
      "Answer a question of the field with a table, a chart and a sentence; without one, list them."
    })
final class AskCommand implements Callable<Integer> {
  @Parameters(
      arity = "0..1",
      paramLabel = "QUESTION",
      description = "Name, or NAME[k=v,...] as in latency[guest=8g].")
  private @Nullable String question;

  @Option(names = "--about", description = "Say all about the question instead of answering it.")
  private boolean about;

  @Mixin private StrategyOptions strategies = new StrategyOptions();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Folder of the answer (default: broadsheet-answers/NAME).")
  private @Nullable Path out;

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
    StrategyRegistry registry = strategies.registry();
    if (question == null) {
      list(stdout, registry);
      return 0;
    }
    if (about) {
      print(stdout, Questions.find(question, registry));
      return 0;
    }
    Questions.Asked asked = Questions.prepare(question, registry);
    if (strategies.areNamed() && !asked.measuresDesigns()) {
      throw new UsageException(
          "Question %s measures no design; leave --strategies out.".formatted(asked.name()));
    }
    ImmutableList<ConfiguredStrategy> chosen = strategies.chosen(registry);
    Set<AnswerFormat> formats = Inputs.formats(format, AnswerFormat.class);
    Path folder = out == null ? Path.of("broadsheet-answers", asked.name()) : out;
    AtomicOutput.requireFolder(folder);
    PrintWriter err = self.commandLine().getErr();
    Answer answer =
        asked.answer(
            registry,
            chosen,
            command(question),
            Runtime.getRuntime().availableProcessors(),
            (steps, all, step) -> {
              if (!quiet) {
                err.println("%s: %s (%d of %d)".formatted(asked.name(), step, steps, all));
                err.flush();
              }
            });
    Map<String, AtomicOutput.Content> files = new LinkedHashMap<>();
    formats.forEach(each -> files.put(each.file(), each.content(answer)));
    AtomicOutput.folder(folder, files);
    if (!quiet) {
      print(stdout, answer);
      stdout.println();
      stdout.println(
          "Answer: "
              + formats.stream()
                  .map(each -> folder.resolve(each.file()).toString())
                  .collect(Collectors.joining(", ")));
      stdout.flush();
    }
    return 0;
  }

  /** The command that repeats this answer; paths of outputs do not matter for it. */
  private String command(String asked) {
    StringBuilder command = new StringBuilder("comparisons/broadsheet ask ");
    command.append(Inputs.quoted(asked));
    strategies.appendStrategies(command);
    strategies.appendPlugins(command);
    return command.toString();
  }

  private static void list(PrintWriter stdout, StrategyRegistry registry) {
    TextTable table = new TextTable("lll", "question", "answered", "what is asked");
    List<Listed> all = Questions.list(registry);
    for (Listed listed : all) {
      table.add(
          listed.name(),
          listed.isAnswerable() ? "in " + listed.expected() : "not yet",
          listed.question() + (listed.isAnswerable() ? "" : " (" + listed.obstacle() + ")"));
    }
    table.lines().forEach(stdout::println);
    stdout.println();
    stdout.println(
        "%d of %d questions can be answered: ask NAME. All about one: ask NAME --about."
            .formatted(all.stream().filter(Listed::isAnswerable).count(), all.size()));
    stdout.flush();
  }

  private static void print(PrintWriter stdout, Listed listed) {
    stdout.println(listed.name() + ": " + listed.question());
    stdout.println();
    stdout.println("Asked      " + listed.asked());
    if (!listed.isAnswerable()) {
      stdout.println("Not yet    " + listed.obstacle());
      stdout.flush();
      return;
    }
    stdout.println("Measured   " + listed.measures());
    stdout.println("Takes      " + listed.expected());
    stdout.println();
    TextTable table = new TextTable("llll", "parameter", "default", "allowed", "what it is");
    for (Parameter parameter : listed.parameters()) {
      table.add(parameter.name(), parameter.defaultText(), parameter.range(), parameter.sentence());
    }
    table.lines().forEach(stdout::println);
    stdout.flush();
  }

  private static void print(PrintWriter stdout, Answer answer) {
    AnswerTable shown = answer.table();
    TextTable table =
        new TextTable(
            shown.columns().stream()
                .map(column -> column.isNumber() ? "r" : "l")
                .collect(Collectors.joining()),
            shown.columns().stream().map(AnswerTable.Column::label).toArray(String[]::new));
    shown.rows().forEach(row -> table.add(shown.shown(row).toArray(new String[0])));
    stdout.println();
    table.lines().forEach(stdout::println);
    stdout.println();
    stdout.println(answer.sentence());
    stdout.println();
    stdout.println("Again:  " + answer.command());
  }
}
