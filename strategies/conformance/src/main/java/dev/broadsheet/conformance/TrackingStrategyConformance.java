package dev.broadsheet.conformance;

import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.broadsheet.core.strategy.StrategyRegistry;
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
 * the strategy needs page tables, and under the whole machine. A failure's message ends with a line
 * for {@link Conformance#repeat}.
 */
public abstract class TrackingStrategyConformance {
  /** For subclasses. */
  protected TrackingStrategyConformance() {}

  /** Returns the id of the strategy, with options if they are not the defaults. */
  protected abstract String strategy();

  /** Returns where the strategy is found: by default on the class path or module path. */
  protected Subject subject() {
    return Subject.of(StrategyRegistry.load(), strategy());
  }

  /**
   * Returns how much is looked at: {@link Settings#standard()}, or {@link Settings#quick()} under
   * {@code -Dconformance.quick=true}, for mutation testing, which runs the rules once per mutant.
   */
  protected Settings settings() {
    return Boolean.getBoolean("conformance.quick") ? Settings.quick() : Settings.standard();
  }

  @TestFactory
  final Stream<DynamicTest> rules() {
    Subject subject = subject();
    return Surroundings.suitable(subject).stream()
        .flatMap(where -> where.rules().stream().map(rule -> test(where, rule, subject)));
  }

  private DynamicTest test(Surroundings where, Rule rule, Subject subject) {
    String place = where == Surroundings.ALONE ? "" : " in " + where;
    return DynamicTest.dynamicTest(
        rule + place + ": " + rule.title(),
        () -> {
          RuleVerdict verdict = Conformance.judge(where, rule, subject, settings());
          assertFalse(verdict.failed(), verdict::toString);
        });
  }
}
