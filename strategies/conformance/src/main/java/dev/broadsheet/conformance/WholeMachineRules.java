package dev.broadsheet.conformance;

import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.core.memory.Footprint;
import dev.broadsheet.core.vm.attributes.AttributesAnswer;
import dev.broadsheet.core.vm.attributes.YieldHook;
import java.util.ArrayList;
import java.util.List;

/**
 * The rules as a whole machine shows them: guests that touch and accept, conversions, slots that
 * come and go; after each step the truth is compared, every leaf is looked at, and the machine
 * audits itself.
 *
 * <p>What needs the tracker's calls one by one (R1, R6, R7, R10) is judged alone only.
 */
final class WholeMachineRules extends CaseRules {
  /** Kinds and policies; a case is run on one of them. */
  private static final List<String> MACHINES =
      List.of(
          "kind=tdx,inhibit=none",
          "kind=swprot,shared-backing=h2m",
          "kind=tdx,merge=promote,inhibit=none,dynamic-pamt=on",
          "kind=swprot,fragmentation=0.5,folio=1g,reclaim=rcu,invalidation=per-range",
          "kind=tdx,split=fault,inhibit=none",
          "kind=tdx,merge=fault,inhibit=none,folio=4k");

  /** A machine's step costs some hundred times a tracker's: fewer cases, and shorter ones. */
  private static final int SHARE_OF_CASES = 4;

  private static final int MOST_OPERATIONS = 12;

  /** Up to here each allocation of a conversion fails in turn; above, ever larger steps. */
  private static final int EACH_UP_TO = 6;

  private static final PageLevel[] LARGE = {PageLevel.PG_LEVEL_2M, PageLevel.PG_LEVEL_1G};

  @Override
  public List<Rule> rules() {
    return List.of(Rule.R2, Rule.R3, Rule.R4, Rule.R5, Rule.R8, Rule.R9, Rule.R11, Rule.R12);
  }

  @Override
  int cases(Rule rule, Settings settings) {
    return Math.max(MACHINES.size(), settings.cases() / SHARE_OF_CASES);
  }

  @Override
  OperationCase generate(Rule rule, Subject subject, Settings settings, int number) {
    int most = Math.min(settings.operations(), MOST_OPERATIONS);
    return CaseGenerator.generateGuest(seed(settings, number), most)
        .on(MACHINES.get(number % MACHINES.size()));
  }

  @Override
  boolean blamedForExceptions(Rule rule) {
    return rule == Rule.R2 || rule == Rule.R8 || rule == Rule.R9;
  }

  @Override
  long check(Rule rule, Subject subject, OperationCase operations) {
    if (rule == Rule.R12) {
      return checkTwice(subject, operations);
    }
    WholeMachine machine = new WholeMachine(subject, operations);
    long limit = operations.limit() + 600;
    long checks = 0;
    if (rule == Rule.R9) {
      machine.vm().setYieldHook(new Others(machine));
    }
    for (Operation operation : operations.operations()) {
      if (rule == Rule.R8) {
        checks += failEachAllocation(machine, operation, limit);
      }
      machine.apply(operation);
      checks +=
          switch (rule) {
            case R2 -> {
              machine.audit(Rule.R2, operation);
              yield machine.compare(Rule.R2, limit, operation);
            }
            case R3 -> checkLevels(machine, operation) + machine.checkLeaves(rule, operation);
            case R4 -> checkMisses(subject, machine, operation);
            case R9 ->
                machine.compare(rule, limit, operation) + machine.checkLeaves(rule, operation);
            default -> 0;
          };
    }
    if (rule == Rule.R5) {
      checks += checkUnchanged(machine, limit);
    }
    if (rule == Rule.R11) {
      checks += checkEnd(machine);
    }
    return checks;
  }

  private static long checkLevels(WholeMachine machine, Operation after) {
    long checks = 0;
    for (Memslot slot : machine.slots()) {
      for (long block : Probes.blocks(slot, PageLevel.PG_LEVEL_2M)) {
        long gfn = Math.max(block, slot.range().start());
        PageLevel found = machine.effectiveLevel(gfn);
        checks++;
        boolean safe =
            found == PageLevel.PG_LEVEL_4K
                || (slot.holdsBlock(gfn, found) && machine.truth().isUniform(found.block(gfn)));
        if (!safe) {
          throw new RuleViolation(
              Rule.R3,
              "after %s the level of 0x%x: expected below %s, whose block is mixed or leaves its"
                      .formatted(after, gfn, found.label())
                  + " slot; found "
                  + found.label());
        }
      }
    }
    return checks;
  }

  private static long checkMisses(Subject subject, WholeMachine machine, Operation after) {
    if (LevelRules.isExcused(subject)) {
      return 1; // counted where the tracker is alone
    }
    long checks = 0;
    for (Memslot slot : machine.slots()) {
      for (PageLevel level : LARGE) {
        for (long block : Probes.blocks(slot, level)) {
          if (!LevelRules.mayBeLarge(machine.truth(), slot, level, block)) {
            continue;
          }
          checks++;
          PageLevel found = machine.effectiveLevel(block);
          if (found.number() < level.number()) {
            throw new RuleViolation(
                Rule.R4,
                "after %s the level of 0x%x: expected %s, for its block is uniform; found %s"
                    .formatted(after, block, level.label(), found.label()));
          }
        }
      }
    }
    return checks;
  }

  /** What holds is asked for again: nothing is zapped, nothing is held more. */
  private static long checkUnchanged(WholeMachine machine, long limit) {
    long checks = 0;
    for (long start : List.copyOf(machine.truth().starts())) {
      if (start >= limit || checks == 20) {
        break;
      }
      GfnRange range = new GfnRange(start, machine.truth().runEnd(start, limit));
      int attributes = machine.truth().get(start);
      // The first may still fill what the tracker was never told; only the second is nothing.
      machine.convert(range, attributes);
      List<String> before = leaves(machine);
      Footprint held = machine.meter().totalFootprint();
      AttributesAnswer answer = machine.convert(range, attributes);
      Footprint holds = machine.meter().totalFootprint();
      boolean same =
          answer.isSuccess()
              && !answer.isChanged()
              && leaves(machine).equals(before)
              && holds.bytes() == held.bytes()
              && holds.live() == held.live();
      if (!same) {
        throw new RuleViolation(
            Rule.R5,
            "%s to %x, which it is: expected no change and %d bytes held, found %s and %d bytes"
                .formatted(range, attributes, held.bytes(), answer, holds.bytes()));
      }
      checks++;
    }
    return checks;
  }

  private static List<String> leaves(WholeMachine machine) {
    List<String> leaves = new ArrayList<>();
    machine
        .vm()
        .forEachLeaf(
            (mirror, gfn, level, spte) ->
                leaves.add("%s %x %d %x".formatted(mirror, gfn, level, spte)));
    return leaves;
  }

  /**
   * Conversions and new slots for which each allocation of the machine in turn fails: what the
   * answer says holds, and nothing else.
   */
  private static long failEachAllocation(WholeMachine machine, Operation operation, long limit) {
    boolean changes = operation instanceof Operation.Add || operation.converted() != null;
    if (!changes) {
      return 0;
    }
    long checks = 0;
    for (long n = 1; ; n += n < EACH_UP_TO ? 1 : n) {
      machine.failing().failAt(n);
      try {
        machine.apply(operation);
      } finally {
        machine.failing().disarm();
      }
      String failure = machine.failing().lastFailure().orElse(null);
      if (failure == null) {
        return checks;
      }
      String what = operation + " with " + failure + " failing";
      machine.compare(Rule.R8, limit, what);
      machine.checkLeaves(Rule.R8, what);
      machine.audit(Rule.R8, what);
      checks++;
      if (operation instanceof Operation.Add add
          && machine.vm().slots().byId(add.slot().id()) != null) {
        return checks; // it went round the failure, and cannot be added again
      }
    }
  }

  /** All slots go, everything is converted back, the machine ends: nothing is left. */
  private static long checkEnd(WholeMachine machine) {
    for (Memslot slot : machine.slots()) {
      int errno = machine.removeSlot(slot.id());
      if (errno != 0) {
        throw new RuleViolation(
            Rule.R11, "removing memslot %d: expected 0, found %d".formatted(slot.id(), errno));
      }
    }
    machine.close();
    Footprint left = machine.meter().totalFootprint();
    if (left.live() != 0 || left.awaiting() != 0) {
      throw new RuleViolation(
          Rule.R11,
          "after the machine's end: expected nothing allocated, found %d: %s"
              .formatted(
                  left.live(),
                  machine.meter().footprints().stream()
                      .filter(footprint -> footprint.live() > 0)
                      .map(footprint -> footprint.label() + " " + footprint.bytes())
                      .toList()));
    }
    return 1;
  }

  private static long checkTwice(Subject subject, OperationCase operations) {
    List<String> first = record(subject, operations);
    List<String> second = record(subject, operations);
    for (int i = 0; i < first.size(); i++) {
      if (!first.get(i).equals(second.get(i))) {
        throw new RuleViolation(
            Rule.R12,
            "two machines that do the same: expected both times %s, found the second time %s"
                .formatted(first.get(i), second.get(i)));
      }
    }
    return first.size();
  }

  private static List<String> record(Subject subject, OperationCase operations) {
    WholeMachine machine = new WholeMachine(subject, operations);
    List<String> record = new ArrayList<>();
    for (Operation operation : operations.operations()) {
      record.add(operation + ": " + machine.apply(operation));
    }
    record.add("leaves " + leaves(machine));
    record.add("books " + machine.vm().books());
    record.add("footprints " + machine.meter().footprints());
    record.add("references " + machine.meter().references());
    return record;
  }

  /** Another vCPU, which runs wherever a conversion lets it; R9. */
  private static final class Others implements YieldHook {
    private static final int VCPU = 1;

    private final WholeMachine machine;

    /** Where the vCPU faults again and again until an invalidation ends; negative if nowhere. */
    private long stuckAt = -1;

    Others(WholeMachine machine) {
      this.machine = machine;
    }

    @Override
    public void letRun(Phase phase, long next) {
      if (stuckAt >= 0) {
        touch(stuckAt);
      }
      for (Memslot slot : machine.slots()) {
        touch(slot.range().start());
        touch(next - 1);
        touch(next + 1);
        touch(next);
      }
    }

    private void touch(long gfn) {
      boolean elsewhere = stuckAt >= 0 && stuckAt != gfn;
      if (elsewhere || machine.slots().stream().noneMatch(slot -> slot.range().contains(gfn))) {
        stuckAt = stuckAt == gfn ? -1 : stuckAt; // its slot is gone
        return;
      }
      int seen = machine.attributesDuringConversion(gfn);
      stuckAt = machine.access(VCPU, gfn, seen).startsWith("RETRY") ? gfn : -1;
    }
  }
}
