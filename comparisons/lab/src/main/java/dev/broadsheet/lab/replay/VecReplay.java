package dev.broadsheet.lab.replay;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.core.strategy.ConfiguredStrategy;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Runs a vector script under one strategy; prints the answers, or compares them. */
final class VecReplay {
  /** Answers that no strategy of the time has: nodes of another structure, for information. */
  private static final String FOR_INFORMATION = "maple ";

  /** The line that every conversion has. */
  private static final String OUTCOME = "rc ";

  /** What stands for a word or line that is missing; no answer has it. */
  private static final String NOTHING = "nothing";

  /** The line of a dump that has all attributes. */
  private static final String RUNS = "attr";

  private final Function<String, ConfiguredStrategy> strategies;
  private final ConfiguredStrategy strategy;
  private final PrintWriter out;
  private final Tally tally;
  private final boolean check;

  VecReplay(
      Function<String, ConfiguredStrategy> strategies,
      ConfiguredStrategy strategy,
      PrintWriter out,
      Tally tally,
      boolean check) {
    this.strategies = strategies;
    this.strategy = strategy;
    this.out = out;
    this.tally = tally;
    this.check = check;
  }

  void run(VecScript script) throws ScriptFormatException {
    tally.script();
    try (VecMachine machine = new VecMachine(strategy, strategies, script.initialAttributes())) {
      Applicability has = Applicability.of(strategy, machine.keepsInitialAbsent());
      for (VecStep step : script.steps()) {
        List<Answer> answers = machine.run(step.operation());
        tally.step();
        if (check) {
          compare(step, answers, has, machine);
        } else {
          out.println(step.operation().text());
          answers.forEach(answer -> out.println("= " + answer));
        }
      }
    }
  }

  private void compare(VecStep step, List<Answer> computed, Applicability has, VecMachine machine)
      throws ScriptFormatException {
    if (step.answers().isEmpty()) {
      throw step.operation()
          .wrong("an operation without answers", "lines with = below it, or a run without --check");
    }
    List<Words> expected = new ArrayList<>();
    for (int i = 0; i < step.answers().size(); i++) {
      String text = step.answers().get(i);
      if (text.startsWith(FOR_INFORMATION)
          || (!machine.isConversionCompared() && !text.startsWith(OUTCOME))) {
        tally.notApplicable();
      } else {
        expected.add(Words.of(step.operation().file(), step.answerLine() + i, text));
      }
    }
    List<Answer> answers = machine.isConversionCompared() ? computed : computed.subList(0, 1);
    int lines = Math.max(expected.size(), answers.size());
    for (int i = 0; i < lines; i++) {
      if (i >= expected.size()) {
        different(step, step.operation().line(), "line", NOTHING, answers.get(i).toString());
      } else if (i >= answers.size()) {
        different(step, expected.get(i).line(), "line", expected.get(i).text(), NOTHING);
      } else if (!machine.shadow().isEmpty() && expected.get(i).word(0).equals(RUNS)) {
        compareRuns(step, expected.get(i), Words.of("", 0, answers.get(i).toString()), machine);
      } else {
        compareLine(step, expected.get(i), answers.get(i), has);
      }
    }
  }

  /** Compares the runs of a dump but for those gfns that are out of step. */
  private void compareRuns(VecStep step, Words expected, Words answer, VecMachine machine)
      throws ScriptFormatException {
    String wanted = machine.shadow().without(runs(expected)).toString();
    String found = machine.shadow().without(runs(answer)).toString();
    tally.notApplicable();
    if (wanted.equals(found)) {
      tally.same();
    } else {
      different(step, expected.line(), AnswerKind.ATTR.label(), wanted, found);
    }
  }

  private static List<GfnRange> runs(Words line) throws ScriptFormatException {
    List<GfnRange> runs = new ArrayList<>();
    for (int i = 1; i < line.count(); i++) {
      int dash = line.word(i).indexOf('-');
      if (dash < 1) {
        throw line.wrong(ScriptFormatException.quote(line.word(i)), "START-END");
      }
      long start = line.unsigned(line.word(i).substring(0, dash));
      long end = line.unsigned(line.word(i).substring(dash + 1));
      if (start >= end) {
        throw line.wrong(ScriptFormatException.quote(line.word(i)), "START-END, the end greater");
      }
      runs.add(new GfnRange(start, end));
    }
    return runs;
  }

  private void compareLine(VecStep step, Words expected, Answer answer, Applicability has) {
    int words = Math.max(expected.count(), answer.count());
    for (int i = 0; i < words; i++) {
      AnswerKind kind = answer.kind(Math.min(i, answer.count() - 1));
      String wanted = i < expected.count() ? expected.word(i) : NOTHING;
      String found = i < answer.count() ? answer.word(i) : NOTHING;
      if (!has.has(kind)) {
        tally.notApplicable();
      } else if (wanted.equals(found)) {
        if (kind != AnswerKind.LABEL) {
          tally.same();
        }
      } else if (kind == AnswerKind.MAX && has.mayBeSmaller() && isSmaller(found, wanted)) {
        tally.notApplicable();
      } else {
        different(step, expected.line(), kind.label(), wanted, found);
      }
    }
  }

  private static boolean isSmaller(String found, String wanted) {
    List<String> order = List.of("4K", "2M", "1G");
    return order.contains(found) && order.indexOf(found) < order.indexOf(wanted);
  }

  private void different(VecStep step, int line, String what, String expected, String found) {
    tally.different(line, step.operation().text(), what, expected, found);
  }
}
