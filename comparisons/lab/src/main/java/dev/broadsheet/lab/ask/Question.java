package dev.broadsheet.lab.ask;

import com.google.common.collect.ImmutableList;
import dev.broadsheet.core.strategy.StrategyRegistry;
import dev.broadsheet.lab.workload.Parameter;
import java.io.IOException;

/**
 * A question of the field and the experiment that answers it. Stateless.
 *
 * <p>Results are counts: events, bytes, memory references. Nothing here is a time.
 */
interface Question {
  /** Returns what is asked, by whom, and what is measured. */
  About about();

  /** Returns the knobs of the experiment. */
  ImmutableList<Parameter> parameters();

  /** Returns which designs the experiment measures. */
  default Designs designs() {
    return Designs.ALL;
  }

  /** Which designs an experiment measures. */
  enum Designs {
    /** Each that was chosen, in rows of its own. */
    ALL,
    /** One, since a policy of the machine is compared and not designs. */
    INCUMBENT,
    /** None: no machine takes part. */
    NONE
  }

  /** Returns why this machine cannot answer, or the empty text if it can. */
  default String obstacle(StrategyRegistry registry) {
    return "";
  }

  /**
   * Runs the experiment.
   *
   * @throws IOException if a recorded trace cannot be read
   */
  AnswerTable measure(Experiment experiment) throws IOException;

  /** Returns the answer in plain words, made from the numbers of a table of {@link #measure}. */
  String sentence(AnswerTable table);

  /** Returns how the table is drawn. */
  AnswerChart chart();

  /**
   * What is asked.
   *
   * @param rank place in the maintainers' list, from 1
   * @param name a word or two, as typed
   * @param question in one line
   * @param asked who asked, and when
   * @param measures how it is measured and what the columns count, for the reader of the answer
   * @param expected how long it takes on two cores, in words
   */
  record About(
      int rank, String name, String question, String asked, String measures, String expected) {}
}
