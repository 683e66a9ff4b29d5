package dev.broadsheet.lab.runner;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.broadsheet.lab.report.Report.Mean;
import dev.broadsheet.lab.report.ReportModel;
import dev.broadsheet.lab.report.ReportModel.Answer;
import dev.broadsheet.lab.report.ReportModel.StrategyResult;
import dev.broadsheet.lab.report.Scoreboard;
import dev.broadsheet.lab.report.Units;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The verdict over several inputs. Each input counts the same: figures are means over the inputs of
 * what the strategy did on each, and only strategies that ran on all of them are compared.
 */
final class OverallVerdict {
  private final List<ReportModel> inputs;
  private final ImmutableList<Mean> means;

  OverallVerdict(List<ReportModel> inputs) {
    this.inputs = inputs;
    ImmutableList.Builder<Mean> rows = ImmutableList.builder();
    for (StrategyResult first : inputs.get(0).strategies()) {
      mean(first).ifPresent(rows::add);
    }
    this.means = rows.build();
  }

  private Optional<Mean> mean(StrategyResult first) {
    List<Scoreboard.Row> everywhere = new ArrayList<>();
    for (ReportModel input : inputs) {
      Scoreboard.of(input).rows().stream()
          .filter(row -> row.spec().equals(first.spec()))
          .forEach(everywhere::add);
    }
    if (everywhere.size() < inputs.size()) {
      return Optional.empty();
    }
    ImmutableMap.Builder<String, Number> metrics = ImmutableMap.builder();
    ImmutableMap.Builder<String, Integer> best = ImmutableMap.builder();
    for (int column = 0; column < Scoreboard.COLUMNS.size(); column++) {
      int at = column;
      List<Scoreboard.Cell> cells = everywhere.stream().map(row -> row.cells().get(at)).toList();
      metrics.put(Scoreboard.COLUMNS.get(at), mean(cells));
      best.put(
          Scoreboard.COLUMNS.get(at), (int) cells.stream().filter(Scoreboard.Cell::best).count());
    }
    return Optional.of(
        new Mean(first.spec(), first.bound(), metrics.buildOrThrow(), best.buildOrThrow()));
  }

  private static Number mean(List<Scoreboard.Cell> cells) {
    if (cells.size() == 1) {
      return cells.get(0).value();
    }
    return cells.stream().mapToDouble(cell -> cell.value().doubleValue()).sum() / cells.size();
  }

  ImmutableList<Mean> means() {
    return means;
  }

  private List<Contender> candidates() {
    List<Mean> unbound = means.stream().filter(mean -> !mean.bound()).toList();
    return (unbound.isEmpty() ? means : unbound)
        .stream().map(mean -> new Contender(mean.spec(), mean.metrics())).toList();
  }

  ImmutableList<String> sentences() {
    if (inputs.size() == 1) {
      return inputs.get(0).verdict();
    }
    boolean passed = inputs.stream().allMatch(ReportModel::passed);
    List<Contender> candidates = candidates();
    ImmutableList.Builder<String> sentences = ImmutableList.builder();
    if (!passed) {
      sentences.add(Verdict.WRONG);
      for (ReportModel input : inputs) {
        if (!input.passed()) {
          sentences.add(input.trace().name() + ": " + Verdict.failure(input.strategies()));
        }
      }
    } else {
      sentences.add(candidates.isEmpty() ? Verdict.NOTHING : new Choice(candidates).headline());
      long answers =
          inputs.stream()
              .flatMap(input -> input.strategies().stream())
              .mapToLong(result -> result.check().comparisons())
              .sum();
      sentences.add(
          "%d inputs under %d strategies: all runs agree with the oracle in %s answers, and every machine passed its audit."
              .formatted(inputs.size(), inputs.get(0).strategies().size(), Units.count(answers)));
    }
    if (!candidates.isEmpty()) {
      sentences.add("Figures here are means over the inputs, each counting the same.");
      sentences.add(new Choice(candidates).largePages(/* isAsManyAsPossible= */ false));
      sentences.addAll(new Choice(candidates).spreads());
    }
    return sentences.build();
  }

  ImmutableList<Answer> answers() {
    if (inputs.size() == 1) {
      return inputs.get(0).answers();
    }
    List<Contender> candidates = candidates();
    if (candidates.isEmpty()) {
      return ImmutableList.of();
    }
    ImmutableList.Builder<Answer> answers = ImmutableList.builder();
    for (Answer answer : new Choice(candidates).answers()) {
      answers.add(withInputs(answer));
    }
    return answers.build();
  }

  private Answer withInputs(Answer answer) {
    for (Mean mean : means) {
      if (mean.spec().equals(answer.winners().get(0))) {
        return new Answer(
            answer.question(),
            answer.metric(),
            answer.winners(),
            "%s, mean; best on %d of %d inputs"
                .formatted(
                    answer.value(), mean.best().getOrDefault(answer.metric(), 0), inputs.size()),
            answer.price());
      }
    }
    return answer;
  }
}
