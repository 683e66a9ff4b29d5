package dev.broadsheet.conformance;

import static org.junit.jupiter.api.Assertions.fail;

import dev.broadsheet.core.strategy.StrategyRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The rules as JUnit tests: extend this class, say which strategy, done.
 *
 * <pre>{@code
 * class MyStrategyConformanceTest extends TrackingStrategyConformance {
 *   @Override
 *   protected String strategy() {
 *     return "my-strategy[leaf=wide]";
 *   }
 * }
 * }</pre>
 *
 * <p>Each rule is a test whose name begins with its number: alone, in page tables of other kinds if
 * the strategy needs page tables, and under the whole machine. A failure says the rule, what was
 * expected, what was found, the seed, and a line for {@link Conformance#repeat}.
 */
public abstract class TrackingStrategyConformance {
  /**
   * Set by the profile for mutation testing, which runs the rules once per mutant: fewer cases, and
   * no whole machines.
   */
  private static final boolean MUTATION = Boolean.getBoolean("conformance.mutation");

  /** For subclasses. */
  protected TrackingStrategyConformance() {}

  /** Returns the id of the strategy, with options if they are not the defaults. */
  protected abstract String strategy();

  /** Returns where the strategy is found: by default on the class path or module path. */
  protected Subject subject() {
    return Subject.of(StrategyRegistry.load(), strategy());
  }

  /** Returns how much is looked at: {@link Settings#standard()}. */
  protected Settings settings() {
    return Settings.standard();
  }

  @TestFactory
  final Stream<DynamicTest> rules() {
    Subject subject = subject();
    return Surroundings.suitable(subject).stream()
        .filter(where -> !MUTATION || where != Surroundings.WHOLE_MACHINE)
        .flatMap(where -> where.rules().stream().map(rule -> test(where, rule, subject)));
  }

  private DynamicTest test(Surroundings where, Rule rule, Subject subject) {
    String place = where == Surroundings.ALONE ? "" : " in " + where;
    String name = rule + place + ": " + rule.title();
    return DynamicTest.dynamicTest(
        name,
        () -> {
          Settings settings = MUTATION ? Settings.mutation() : settings();
          RuleVerdict verdict = Conformance.judge(where, rule, subject, settings);
          if (verdict.failed()) {
            fail(failure(name, subject, verdict, settings));
          }
        });
  }

  /** Returns the text of a failed test. */
  static String failure(String name, Subject subject, RuleVerdict verdict, Settings settings) {
    List<String> lines = new ArrayList<>();
    lines.add("%s breaks %s".formatted(subject, name));
    lines.add("verdict: " + verdict.message());
    if (!verdict.repeat().isEmpty()) {
      lines.add("repeat:  " + verdict.repeat());
    }
    lines.add("seed:    " + settings.seed());
    return String.join(System.lineSeparator() + "  ", lines);
  }
}
