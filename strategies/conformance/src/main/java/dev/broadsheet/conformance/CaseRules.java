package dev.broadsheet.conformance;

import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import org.jspecify.annotations.Nullable;

/** Rules that are looked at by running random cases; a failing one is shrunk. */
abstract class CaseRules implements RuleGroup {
  /**
   * Runs one case.
   *
   * @return how many things were looked at
   * @throws RuleViolation if the rule is broken; violations of other rules end the case
   */
  abstract long check(Rule rule, Subject subject, OperationCase operations);

  /** Returns whether machines may hold whole 1G blocks. */
  boolean largeMachines(Rule rule) {
    return true;
  }

  /** Returns whether the rule is broken when the tracker throws what nothing allows. */
  boolean blamedForExceptions(Rule rule) {
    return false;
  }

  /** Returns what the message of a passed rule ends with; empty if there is nothing to say. */
  String remark(Rule rule, Subject subject) {
    return "";
  }

  /** Returns the case of a number. */
  OperationCase generate(Rule rule, Subject subject, Settings settings, int number) {
    return CaseGenerator.generate(
        seed(settings, number), subject, settings.operations(), largeMachines(rule));
  }

  static long seed(Settings settings, int number) {
    return settings.seed() * 1_000_003 + number;
  }

  /** Returns how many cases are run. */
  int cases(Rule rule, Settings settings) {
    return settings.cases();
  }

  @Override
  public RuleVerdict judge(Rule rule, Subject subject, Settings settings) {
    long checks = 0;
    int cases = cases(rule, settings);
    int abandoned = 0;
    String firstReason = "";
    for (int i = 0; i < cases; i++) {
      OperationCase operations = generate(rule, subject, settings, i);
      try {
        checks += check(rule, subject, operations);
      } catch (RuleViolation
          | TrackerFailure
          | TestMachine.CreationRefused
          | KernelOutOfMemoryException e) {
        if (violation(rule, e) != null) {
          return failed(rule, subject, operations, checks);
        }
        abandoned++;
        firstReason = firstReason.isEmpty() ? String.valueOf(e.getMessage()) : firstReason;
      }
    }
    if (abandoned == cases) {
      return RuleVerdict.notApplicable(rule, "no case ran to its end: " + firstReason);
    }
    String message = passed(rule, cases - abandoned, abandoned) + remark(rule, subject);
    return RuleVerdict.pass(rule, checks, message);
  }

  @Override
  public RuleVerdict repeat(Rule rule, Subject subject, String what) {
    OperationCase operations = OperationCase.parse(what);
    try {
      long checks = check(rule, subject, operations);
      return RuleVerdict.pass(rule, checks, "the case passes");
    } catch (RuleViolation
        | TrackerFailure
        | TestMachine.CreationRefused
        | KernelOutOfMemoryException e) {
      RuleViolation violation = violation(rule, e);
      return violation == null
          ? RuleVerdict.notApplicable(rule, "the case ends early: " + e.getMessage())
          : RuleVerdict.fail(
              rule, 0, String.valueOf(violation.getMessage()), repeatLine(rule, operations));
    }
  }

  private RuleVerdict failed(Rule rule, Subject subject, OperationCase failing, long checks) {
    OperationCase smallest =
        CaseShrinker.shrink(failing, candidate -> fails(rule, subject, candidate));
    RuleVerdict verdict = repeat(rule, subject, smallest.toString());
    return RuleVerdict.fail(rule, checks, verdict.message(), repeatLine(rule, smallest));
  }

  private boolean fails(Rule rule, Subject subject, OperationCase candidate) {
    try {
      check(rule, subject, candidate);
      return false;
    } catch (RuleViolation
        | TrackerFailure
        | TestMachine.CreationRefused
        | KernelOutOfMemoryException e) {
      return violation(rule, e) != null;
    }
  }

  private @Nullable RuleViolation violation(Rule rule, RuntimeException e) {
    if (e instanceof RuleViolation violation) {
      return violation.rule() == rule ? violation : null;
    }
    return e instanceof TrackerFailure && blamedForExceptions(rule)
        ? new RuleViolation(rule, String.valueOf(e.getMessage()), e)
        : null;
  }

  private static String repeatLine(Rule rule, OperationCase operations) {
    return rule + " " + operations;
  }

  private static String passed(Rule rule, int ran, int abandoned) {
    return rule.title()
        + ": "
        + ran
        + " cases"
        + (abandoned == 0 ? "" : ", " + abandoned + " more ended early for another rule");
  }
}
