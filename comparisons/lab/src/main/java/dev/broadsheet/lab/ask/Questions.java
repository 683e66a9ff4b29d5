package dev.broadsheet.lab.ask;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.broadsheet.api.StrategySpec;
import dev.broadsheet.core.strategy.ConfiguredStrategy;
import dev.broadsheet.core.strategy.StrategyRegistry;
import dev.broadsheet.lab.report.Report;
import dev.broadsheet.lab.workload.Parameter;
import dev.broadsheet.lab.workload.Values;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The sixteen questions that maintainers asked, ranked, and how one is answered. */
public final class Questions {
  private static final ImmutableList<Question> ALL =
      ImmutableList.of(
          new Survival(),
          new SplitTime(),
          new Merge(),
          new Crossover(),
          new Latency(),
          new StartUp(),
          new Inhibit(),
          new Packing(),
          new OpenQuestion(
              9,
              "smash",
              "What does SNP lose through one-way smash, and is a smash-avoiding order possible?",
              "SNP host series, 2021 to 2025",
              "needs a design that tracks by host frame, with the smash of an RMP entry"),
          new DmaTables(),
          new Races(),
          new Failure(),
          new OpenQuestion(
              13,
              "homes",
              "Should the tracker sit in KVM, in guest_memfd, in the tables or by frame?",
              "guest_memfd calls, 2025; Arm CCA and pKVM authors",
              "needs designs of all four homes; those by file and by frame are missing"),
          new OpenQuestion(
              14,
              "width",
              "How do cost and memory grow with attribute bits and VTLs?",
              "Amazon's VSM RFC and the KVM planes patches, 2023 to 2025",
              "the machine has one attribute bit in one plane"),
          new VmmCopy(),
          new Denial());

  private Questions() {}

  /**
   * A question as it is listed.
   *
   * @param name as typed
   * @param question in one line
   * @param asked who asked, and when
   * @param measures how it is measured
   * @param expected how long it takes
   * @param obstacle why it cannot be answered, or empty
   * @param parameters its knobs
   */
  public record Listed(
      String name,
      String question,
      String asked,
      String measures,
      String expected,
      String obstacle,
      ImmutableList<Parameter> parameters) {
    /** Returns whether this machine answers it. */
    public boolean isAnswerable() {
      return obstacle.isEmpty();
    }
  }

  /** Returns all questions in the order of their rank. */
  public static ImmutableList<Listed> list(StrategyRegistry registry) {
    return ALL.stream()
        .map(question -> listed(question, registry))
        .collect(ImmutableList.toImmutableList());
  }

  /**
   * Returns the question of a name.
   *
   * @throws IllegalArgumentException if there is none; the message lists the known ones
   */
  public static Listed find(String name, StrategyRegistry registry) {
    return listed(question(name), registry);
  }

  static ImmutableList<Question> all() {
    return ALL;
  }

  private static Listed listed(Question question, StrategyRegistry registry) {
    Question.About about = question.about();
    return new Listed(
        about.name(),
        about.question(),
        about.asked(),
        about.measures(),
        about.expected(),
        question.obstacle(registry),
        question.parameters());
  }

  private static Question question(String name) {
    for (Question question : ALL) {
      if (question.about().name().equals(name)) {
        return question;
      }
    }
    throw new IllegalArgumentException(
        "Unknown question '%s'. Known: %s."
            .formatted(
                name,
                ALL.stream()
                    .map(question -> question.about().name())
                    .collect(Collectors.joining(", "))));
  }

  /** What {@link #prepare} read: a question with its values, ready to be answered. */
  public static final class Asked {
    private final Question question;
    private final Values values;
    private final ImmutableMap<String, String> texts;

    private Asked(Question question, Values values) {
      this.question = question;
      this.values = values;
      ImmutableMap.Builder<String, String> map = ImmutableMap.builder();
      for (String text : values.texts()) {
        int equals = text.indexOf('=');
        map.put(text.substring(0, equals), text.substring(equals + 1));
      }
      this.texts = map.buildOrThrow();
    }

    /** Returns the question's name. */
    public String name() {
      return question.about().name();
    }

    /** Returns whether designs take part; if not, choosing some is a mistake. */
    public boolean measuresDesigns() {
      return question.designs() != Question.Designs.NONE;
    }

    /**
     * Runs the experiment.
     *
     * @param strategies the designs to measure
     * @param command gives the answer again
     * @param threads how many cells are measured at a time; changes no number
     * @param listener told of each step, from several threads
     * @throws IOException if a recorded trace cannot be read
     */
    public Answer answer(
        StrategyRegistry registry,
        ImmutableList<ConfiguredStrategy> strategies,
        String command,
        int threads,
        StepListener listener)
        throws IOException {
      Experiment experiment = new Experiment(values, registry, strategies, threads, listener);
      AnswerTable table = question.measure(experiment);
      Question.About about = question.about();
      return new Answer(
          Answer.SCHEMA,
          Report.productVersion(),
          about.name(),
          about.question(),
          about.asked(),
          question.sentence(table),
          about.measures(),
          texts,
          experiment.measured(question.designs()),
          command,
          table,
          question.chart());
    }
  }

  /**
   * Reads {@code latency} or {@code latency[guest=64g]}.
   *
   * @throws IllegalArgumentException if it is malformed, if there is no such question, parameter or
   *     value, or if the question cannot be answered; the message says what would do
   */
  public static Asked prepare(String text, StrategyRegistry registry) {
    StrategySpec spec = read(text);
    Question question = question(spec.id());
    String obstacle = question.obstacle(registry);
    if (!obstacle.isEmpty()) {
      throw new IllegalArgumentException(
          "Question '%s' cannot be answered yet: %s.".formatted(spec.id(), obstacle));
    }
    List<String> known = question.parameters().stream().map(Parameter::name).toList();
    Values values = Values.of(question.parameters());
    for (Map.Entry<String, String> given : spec.options().entrySet()) {
      if (!known.contains(given.getKey())) {
        throw new IllegalArgumentException(
            "Question %s has no parameter '%s'. Known: %s."
                .formatted(spec.id(), given.getKey(), String.join(", ", known)));
      }
      try {
        values = values.with(given.getKey(), given.getValue());
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "Question %s: %s".formatted(spec.id(), e.getMessage()), e);
      }
    }
    return new Asked(question, values);
  }

  private static StrategySpec read(String text) {
    try {
      return StrategySpec.parse(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          String.valueOf(e.getMessage()).replace("read strategy", "read question"), e);
    }
  }
}
