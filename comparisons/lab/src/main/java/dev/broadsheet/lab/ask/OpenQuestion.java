package dev.broadsheet.lab.ask;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.core.strategy.StrategyRegistry;
import dev.broadsheet.lab.workload.Parameter;

/** A question that nobody can answer with this machine yet. */
final class OpenQuestion implements Question {
  private final About about;
  private final String reason;

  OpenQuestion(int rank, String name, String question, String asked, String reason) {
    this.about = new About(rank, name, question, asked, "", "");
    this.reason = reason;
  }

  @Override
  public About about() {
    return about;
  }

  @Override
  public ImmutableList<Parameter> parameters() {
    return ImmutableList.of();
  }

  @Override
  public String obstacle(StrategyRegistry registry) {
    return reason;
  }

  @Override
  public AnswerTable measure(Experiment experiment) {
    throw new IllegalStateException("'%s' cannot be answered: %s".formatted(about.name(), reason));
  }

  @Override
  public String sentence(AnswerTable table) {
    throw new IllegalStateException("'%s' cannot be answered: %s".formatted(about.name(), reason));
  }

  @Override
  public AnswerChart chart() {
    throw new IllegalStateException("'%s' cannot be answered: %s".formatted(about.name(), reason));
  }
}
