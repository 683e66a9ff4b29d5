package dev.broadsheet.conformance;

import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.TrackingStrategy;
import dev.broadsheet.core.strategy.StrategyRegistry;
import java.util.ArrayList;
import java.util.List;

/**
 * Judges a strategy by all rules.
 *
 * <pre>{@code
 * for (RuleVerdict verdict : Conformance.run("memslot-array", Settings.standard())) {
 *   System.out.println(verdict);
 * }
 * }</pre>
 *
 * <p>Plain Java: the command {@code broadsheet verify} and the JUnit class {@link
 * TrackingStrategyConformance} both call it. Stateless and safe for use from many threads.
 */
public final class Conformance {
  private static final List<RuleGroup> GROUPS =
      List.of(
          new IdentityRules(),
          new TruthRules(),
          new LevelRules(),
          new PartitionRules(),
          new LpageInfoRules(),
          new FailureRules(),
          new OverlapRules(),
          new HeapRules(),
          new FootprintRules(),
          new DeterminismRules());

  /** The rules as a whole machine shows them. */
  static final RuleGroup WHOLE_MACHINE = new WholeMachineRules();

  /**
   * Judges a strategy of the class path.
   *
   * @param spec id or alias, with options if wanted
   * @throws IllegalArgumentException if the strategy or an option is unknown
   */
  public static List<RuleVerdict> run(String spec, Settings settings) {
    return run(Subject.of(StrategyRegistry.load(), spec), settings);
  }

  /** Judges a strategy with its default options; it need not be registered. */
  public static List<RuleVerdict> run(TrackingStrategy strategy, Settings settings) {
    return run(Subject.of(strategy), settings);
  }

  /** Judges a strategy in given surroundings; one verdict for each rule, in order. */
  public static List<RuleVerdict> run(Subject subject, Settings settings) {
    List<RuleVerdict> verdicts = new ArrayList<>();
    for (Rule rule : Rule.values()) {
      verdicts.add(judge(rule, subject, settings));
    }
    return verdicts;
  }

  /**
   * Judges a strategy in one of the kit's surroundings; a verdict for each rule that is judged
   * there, in order.
   */
  public static List<RuleVerdict> run(Surroundings where, Subject subject, Settings settings) {
    List<RuleVerdict> verdicts = new ArrayList<>();
    for (Rule rule : where.rules()) {
      verdicts.add(judge(where, rule, subject, settings));
    }
    return verdicts;
  }

  /** Judges a strategy by one rule in one of the kit's surroundings. */
  public static RuleVerdict judge(
      Surroundings where, Rule rule, Subject subject, Settings settings) {
    Subject placed = where.place(subject);
    if (where == Surroundings.NO_FREE_BIT && rule == Rule.R1) {
      return refusal(placed);
    }
    return judge(group(where, rule), rule, placed, settings);
  }

  /**
   * Judges one case in one of the kit's surroundings again.
   *
   * @param line the {@link RuleVerdict#repeat()} of a verdict that was given there
   * @throws IllegalArgumentException if the line is not understood
   */
  public static RuleVerdict repeat(Surroundings where, Subject subject, String line) {
    return repeatIn(where, where.place(subject), line);
  }

  /** Judges a strategy by one rule. */
  public static RuleVerdict judge(Rule rule, Subject subject, Settings settings) {
    return judge(group(Surroundings.ALONE, rule), rule, subject, settings);
  }

  private static RuleVerdict judge(RuleGroup group, Rule rule, Subject subject, Settings settings) {
    if (rule != Rule.R1) {
      String unmet = unmetRequirement(subject);
      if (!unmet.isEmpty()) {
        return RuleVerdict.notApplicable(rule, "the tracker cannot be created here: " + unmet);
      }
    }
    try {
      return group.judge(rule, subject, settings);
    } catch (RuntimeException | StackOverflowError e) { // a rule's verdict does not end the run
      return RuleVerdict.fail(rule, 0, "expected that the tracker throws nothing, found " + e, "");
    }
  }

  /**
   * Judges one case again.
   *
   * @param line the {@link RuleVerdict#repeat()} of a verdict
   * @throws IllegalArgumentException if the line is not understood
   */
  public static RuleVerdict repeat(Subject subject, String line) {
    return repeatIn(Surroundings.ALONE, subject, line);
  }

  private static RuleVerdict repeatIn(Surroundings where, Subject subject, String line) {
    String stripped = line.strip();
    int space = stripped.indexOf(' ');
    String name = space < 0 ? stripped : stripped.substring(0, space);
    for (Rule rule : Rule.values()) {
      if (rule.name().equals(name)) {
        String what = stripped.substring(name.length()).strip();
        boolean ofMachine = what.startsWith(OperationCase.MACHINE);
        if (ofMachine != (where == Surroundings.WHOLE_MACHINE)) {
          throw new IllegalArgumentException(
              "repeat line '%s' is %s a whole machine, and was given for %s; %s"
                  .formatted(
                      line,
                      ofMachine ? "of" : "not of",
                      where,
                      ofMachine ? "give --in whole-machine" : "leave --in whole-machine out"));
        }
        return group(where, rule).repeat(rule, subject, what);
      }
    }
    throw new IllegalArgumentException(
        "repeat line '" + line + "'; expected a rule, R1 to R12, and what its verdict said");
  }

  private static RuleGroup group(Surroundings where, Rule rule) {
    if (where == Surroundings.WHOLE_MACHINE) {
      if (!where.rules().contains(rule)) {
        throw new IllegalArgumentException(
            "%s is not judged in %s; these are: %s".formatted(rule, where, where.rules()));
      }
      return WHOLE_MACHINE;
    }
    for (RuleGroup group : GROUPS) {
      if (group.rules().contains(rule)) {
        return group;
      }
    }
    throw new IllegalStateException("no group judges " + rule);
  }

  private static String unmetRequirement(Subject subject) {
    try {
      new TestMachine(subject, PageAttributes.SHARED).tracker().close();
      return "";
    } catch (TestMachine.CreationRefused e) {
      return String.valueOf(e.getMessage());
    } catch (RuntimeException e) { // judged by the rules themselves
      return "";
    }
  }

  /** A creation that cannot work is refused in words, and leaves nothing behind. */
  private static RuleVerdict refusal(Subject subject) {
    try {
      new TestMachine(subject, PageAttributes.SHARED).tracker().close();
      return RuleVerdict.pass(Rule.R1, 1, "created: it needs none of what is missing here");
    } catch (TestMachine.CreationRefused e) {
      if (e.left() > 0) {
        return RuleVerdict.fail(
            Rule.R1,
            1,
            "the refused creation: expected nothing left allocated, found " + e.left(),
            "");
      }
      String message = String.valueOf(e.getMessage());
      return message.isBlank()
          ? RuleVerdict.fail(
              Rule.R1, 1, "the refused creation: expected a reason in words, found none", "")
          : RuleVerdict.pass(Rule.R1, 1, "refused at creation: " + message);
    } catch (RuntimeException e) { // anything else is no refusal
      return RuleVerdict.fail(
          Rule.R1, 1, "expected an UnmetRequirementException from create, found " + e, "");
    }
  }

  private Conformance() {}
}
