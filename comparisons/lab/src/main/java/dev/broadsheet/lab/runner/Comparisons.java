package dev.broadsheet.lab.runner;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.lab.claims.Judge;
import dev.broadsheet.lab.metrics.MetricCatalog;
import dev.broadsheet.lab.report.Report;
import dev.broadsheet.lab.report.ReportModel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Strategies side by side on several inputs. Inputs run one after another, so that memory is that
 * of the largest of them and not of all.
 */
public final class Comparisons {
  private final ImmutableList<Comparison> inputs;
  private final String command;

  /**
   * Takes comparisons of the same strategies, one for each input, at least one.
   *
   * @param command how the report says that all of it can be repeated
   */
  public Comparisons(List<Comparison> inputs, String command) {
    if (inputs.isEmpty()) {
      throw new IllegalArgumentException("no input to compare strategies on; name one");
    }
    this.inputs = withNamesApart(inputs);
    this.command = command;
  }

  /** Tables and files tell inputs apart by name: a name's second bearer gets a number. */
  private static ImmutableList<Comparison> withNamesApart(List<Comparison> inputs) {
    Set<String> taken = new HashSet<>();
    ImmutableList.Builder<Comparison> apart = ImmutableList.builder();
    for (Comparison input : inputs) {
      String name = input.name();
      for (int i = 2; !taken.add(name); i++) {
        name = "%s (%d)".formatted(input.name(), i);
      }
      apart.add(name.equals(input.name()) ? input : input.named(name));
    }
    return apart.build();
  }

  /** Returns the number of events that all runs on all inputs will replay. */
  public long totalEvents() {
    return inputs.stream().mapToLong(Comparison::totalEvents).sum();
  }

  /**
   * Runs every strategy on every input; results do not depend on how many threads do it.
   *
   * @throws IOException if an input cannot be read any more
   */
  public Report run(int threads, Progress progress) throws IOException {
    List<ReportModel> models = new ArrayList<>();
    for (Comparison input : inputs) {
      models.add(
          input.run(
              threads, inputs.size() == 1 ? progress : new NamedProgress(progress, input.name())));
    }
    return report(models, command);
  }

  /** Puts what was found on each input into one report. */
  public static Report report(List<ReportModel> models, String command) {
    OverallVerdict verdict = new OverallVerdict(models);
    return new Report(
        Report.SCHEMA,
        Report.productVersion(),
        1,
        MetricCatalog.VERSION,
        command,
        models.stream().allMatch(ReportModel::passed),
        verdict.sentences(),
        verdict.answers(),
        verdict.means(),
        ImmutableList.copyOf(MetricCatalog.all()),
        Judge.all(
            models.stream()
                .map(model -> new Judge.Run(model.trace().name(), model.strategies()))
                .toList()),
        ImmutableList.copyOf(models));
  }

  /** Says on which input something happened. */
  private record NamedProgress(Progress all, String input) implements Progress {
    @Override
    public void events(long done) {
      all.events(done);
    }

    @Override
    public void finished(String strategy, String how) {
      all.finished(input + ", " + strategy, how);
    }

    @Override
    public void failed(String strategy, RuntimeException why) {
      all.failed(input + ", " + strategy, why);
    }

    @Override
    public void close() {
      all.close();
    }
  }
}
