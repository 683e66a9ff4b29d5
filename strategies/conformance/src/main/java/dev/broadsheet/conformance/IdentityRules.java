package dev.broadsheet.conformance;

import dev.broadsheet.api.OptionValues;
import dev.broadsheet.api.StrategyDescription;
import dev.broadsheet.api.StrategyOption;
import dev.broadsheet.api.StrategySpec;
import dev.broadsheet.api.TrackingStrategy;
import dev.broadsheet.core.strategy.ConfiguredStrategy;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** R1: ids and options. */
final class IdentityRules implements RuleGroup {
  private static final Pattern KEBAB_CASE = Pattern.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*");

  @Override
  public List<Rule> rules() {
    return List.of(Rule.R1);
  }

  @Override
  public RuleVerdict repeat(Rule rule, Subject subject, String what) {
    return judge(rule, subject, Settings.quick());
  }

  @Override
  public RuleVerdict judge(Rule rule, Subject subject, Settings settings) {
    TrackingStrategy strategy = subject.configured().strategy();
    try {
      checkConstants(strategy);
      checkDescription(strategy);
      long values = checkOptions(subject, strategy);
      return RuleVerdict.pass(rule, 2 + values, rule.title());
    } catch (RuleViolation e) {
      return RuleVerdict.fail(rule, 1, String.valueOf(e.getMessage()), rule.toString());
    } catch (RuntimeException e) { // id, description and options cannot fail
      return RuleVerdict.fail(
          rule,
          1,
          "describing the strategy: expected that it cannot fail, found " + e,
          rule.toString());
    }
  }

  private static void checkConstants(TrackingStrategy strategy) {
    require(
        strategy.id() != null && KEBAB_CASE.matcher(strategy.id()).matches(),
        "expected an id in kebab case, found '" + strategy.id() + "'");
    require(
        strategy.id().equals(strategy.id()),
        "id(): expected the same answer each time, found another");
    require(
        strategy.description().equals(strategy.description()),
        "description(): expected the same answer each time, found another");
    require(
        strategy.options().equals(strategy.options()),
        "options(): expected the same answer each time, found another");
  }

  private static void checkDescription(TrackingStrategy strategy) {
    StrategyDescription description = strategy.description();
    require(!description.title().isBlank(), "expected a title, found a blank one");
    require(!description.sentence().isBlank(), "expected a sentence, found a blank one");
    require(!description.source().isBlank(), "expected a source, found a blank one");
    require(description.attributeBits() != 0, "expected a declared attribute bit, found none");
    require(
        !description.aliases().contains(strategy.id()),
        "expected aliases beside the id, found the id '" + strategy.id() + "' among them");
  }

  private static long checkOptions(Subject subject, TrackingStrategy strategy) {
    Set<String> names = new HashSet<>();
    long values = 0;
    for (StrategyOption option : strategy.options()) {
      require(
          KEBAB_CASE.matcher(option.name()).matches() && names.add(option.name()),
          "expected option names in kebab case, each once; found '" + option.name() + "'");
      require(
          !option.sentence().isBlank(),
          "expected a sentence for option '" + option.name() + "', found none");
      for (String value : option.values()) {
        checkValue(subject, strategy, option, value);
        values++;
      }
    }
    return values;
  }

  private static void checkValue(
      Subject subject, TrackingStrategy strategy, StrategyOption option, String value) {
    Map<String, String> given = Map.of(option.name(), value);
    ConfiguredStrategy configured =
        new ConfiguredStrategy(
            strategy,
            OptionValues.of(strategy.id(), strategy.options(), given),
            new StrategySpec(strategy.id(), given));
    try {
      new TestMachine(subject.with(configured), /* initialAttributes= */ 0).tracker().close();
    } catch (TestMachine.CreationRefused e) {
      return; // said by name; what surrounds the tracker lacks something
    } catch (RuntimeException e) { // a declared value is accepted
      throw new RuleViolation(
          Rule.R1,
          "create with %s=%s: expected a tracker, found %s".formatted(option.name(), value, e),
          e);
    }
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new RuleViolation(Rule.R1, otherwise);
    }
  }
}
