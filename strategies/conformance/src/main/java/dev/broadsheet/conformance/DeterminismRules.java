package dev.broadsheet.conformance;

import dev.broadsheet.core.memory.MemoryMeter;
import dev.broadsheet.core.memory.OperationKind;
import java.util.List;

/** R12: same calls, same answers, same work. */
final class DeterminismRules extends CaseRules {
  @Override
  public List<Rule> rules() {
    return List.of(Rule.R12);
  }

  @Override
  int cases(Rule rule, Settings settings) {
    return Math.max(4, settings.cases() / 4);
  }

  @Override
  long check(Rule rule, Subject subject, OperationCase operations) {
    List<String> first = record(subject, operations);
    List<String> second = record(subject, operations);
    for (int i = 0; i < first.size(); i++) {
      if (!first.get(i).equals(second.get(i))) {
        throw new RuleViolation(
            Rule.R12,
            "two runs of the same calls: expected both times %s, found the second time %s"
                .formatted(first.get(i), second.get(i)));
      }
    }
    return first.size();
  }

  /** Returns answers, footprints and counted work in words. */
  private static List<String> record(Subject subject, OperationCase operations) {
    TestMachine machine = new TestMachine(subject, operations.initialAttributes());
    MemoryMeter meter = machine.meter();
    OperationKind kind = meter.operation("operation");
    StringBuilder outcomes = new StringBuilder();
    for (Operation operation : operations.operations()) {
      meter.beginOperation(kind);
      try {
        outcomes.append(machine.apply(operation)).append(' ');
      } finally {
        meter.endOperation();
      }
    }
    String work = "work " + meter.summary(kind);
    String state = "state " + machine.observableState(operations.limit() + 1);
    return List.of(
        "outcomes " + outcomes,
        state,
        work,
        "footprints " + meter.footprints(),
        "locks " + meter.lockSummaries(),
        "gauges " + machine.tracker().gauges());
  }
}
