package dev.broadsheet.conformance;

import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.broadsheet.core.strategy.StrategyRegistry;
import java.util.Arrays;
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
 * <p>Each rule is one test whose name begins with its number. A failure's message ends with a line
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

  /** Returns how much is looked at. */
  protected Settings settings() {
    return Settings.standard();
  }

  @TestFactory
  final Stream<DynamicTest> rules() {
    Subject subject = subject();
    return Arrays.stream(Rule.values())
        .map(
            rule ->
                DynamicTest.dynamicTest(
                    rule + " " + rule.title(),
                    () -> {
                      RuleVerdict verdict = Conformance.judge(rule, subject, settings());
                      assertFalse(verdict.failed(), verdict::toString);
                    }));
  }
}
