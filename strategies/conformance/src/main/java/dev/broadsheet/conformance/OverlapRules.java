package dev.broadsheet.conformance;

import dev.broadsheet.api.Conversion;
import dev.broadsheet.api.Geometry;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.LpageInfo;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.Plan;
import dev.broadsheet.api.memory.ElementWidth;
import dev.broadsheet.api.memory.KernelArray;
import dev.broadsheet.core.memory.Interleaving;
import dev.broadsheet.core.memory.Rcu;
import dev.broadsheet.core.memslot.KvmMemslot;
import dev.broadsheet.core.memslot.LpageInfoWords;
import dev.broadsheet.core.memslot.Memslots;
import dev.broadsheet.core.strategy.StandaloneContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * R9: reads that overlap conversions and the coming and going of a slot, explored schedule by
 * schedule.
 *
 * <p>One thread changes; others read attributes and levels in read sections. A counter of changes
 * that are done says which answers a read may give: at least as new as the count before it, at most
 * one newer than the count after it. A slot that goes leaves the attributes as they are; its words
 * are freed after a grace period, as the virtual machine does.
 */
final class OverlapRules implements RuleGroup {
  private static final long BOUNDARY = PageLevel.PG_LEVEL_1G.pages();
  private static final long BLOCK = PageLevel.PG_LEVEL_2M.pages();
  private static final Memslot SLOT =
      Memslot.aligned(0, new GfnRange(BOUNDARY - BLOCK, BOUNDARY + BLOCK));

  /**
   * What the changing thread does, one after the other; the initial state comes first.
   *
   * @param read the gfns at whose ends the other threads look
   */
  private record Scenario(String name, GfnRange read, List<Operation> changes) {}

  private static final List<Scenario> SCENARIOS =
      List.of(
          scenario("block", BOUNDARY, BOUNDARY + BLOCK),
          scenario("page", BOUNDARY + 7, BOUNDARY + 8),
          scenario("straddle", BOUNDARY - 2, BOUNDARY + 3),
          scenario("slot", BOUNDARY - BLOCK, BOUNDARY + BLOCK),
          removal("removal", BOUNDARY - 2, BOUNDARY + 3));

  private static Scenario scenario(String name, long start, long end) {
    GfnRange range = new GfnRange(start, end);
    return new Scenario(
        name,
        range,
        List.of(
            new Operation.Convert(range, PageAttributes.PRIVATE),
            new Operation.Convert(range, PageAttributes.SHARED)));
  }

  /** The slot goes and comes again around pages that are not what the others are. */
  private static Scenario removal(String name, long start, long end) {
    GfnRange range = new GfnRange(start, end);
    return new Scenario(
        name,
        range,
        List.of(
            new Operation.Convert(range, PageAttributes.PRIVATE),
            new Operation.Remove(SLOT.id()),
            new Operation.Add(SLOT),
            new Operation.Convert(range, PageAttributes.SHARED),
            new Operation.Remove(SLOT.id())));
  }

  @Override
  public List<Rule> rules() {
    return List.of(Rule.R9);
  }

  @Override
  public RuleVerdict judge(Rule rule, Subject subject, Settings settings) {
    long schedules = 0;
    for (Scenario scenario : SCENARIOS) {
      Interleaving interleaving = Interleaving.of(stage -> prepare(stage, subject, scenario));
      Interleaving.Outcome random = interleaving.random(settings.seed(), settings.schedules());
      schedules += random.schedules();
      Optional<Interleaving.Failure> failure = random.failure();
      if (failure.isEmpty()) {
        Interleaving.Outcome systematic = interleaving.systematic(1, settings.schedules());
        schedules += systematic.schedules();
        failure = systematic.failure();
      }
      if (failure.isPresent()) {
        return failed(rule, scenario, failure.get(), schedules);
      }
    }
    return RuleVerdict.pass(
        rule,
        schedules,
        "%s: %d schedules of %d scenarios".formatted(rule.title(), schedules, SCENARIOS.size()));
  }

  @Override
  public RuleVerdict repeat(Rule rule, Subject subject, String what) {
    int space = what.indexOf(' ');
    String name = space < 0 ? what : what.substring(0, space);
    for (Scenario scenario : SCENARIOS) {
      if (scenario.name().equals(name) && space > 0) {
        return Interleaving.of(stage -> prepare(stage, subject, scenario))
            .replay(what.substring(space + 1))
            .failure()
            .map(failure -> failed(rule, scenario, failure, 1))
            .orElseGet(() -> RuleVerdict.pass(rule, 1, "the schedule passes"));
      }
    }
    throw new IllegalArgumentException(
        "'%s'; expected SCENARIO SCHEDULE with one of %s"
            .formatted(what, SCENARIOS.stream().map(Scenario::name).toList()));
  }

  private static RuleVerdict failed(
      Rule rule, Scenario scenario, Interleaving.Failure failure, long schedules) {
    String message =
        failure.cause() instanceof RuleViolation violation
            ? String.valueOf(violation.getMessage())
            : "expected that overlapping calls end in peace, found " + failure.cause();
    return RuleVerdict.fail(
        rule, schedules, message, rule + " " + scenario.name() + " " + failure.schedule());
  }

  private static void prepare(Interleaving.Stage stage, Subject subject, Scenario scenario) {
    Rcu rcu = stage.rcu();
    Memslots slots = new Memslots(Geometry.standard(), /* privateMemory= */ true);
    LpageInfo lpageInfo = new LpageInfoWords(slots);
    PageAttributeTracker tracker =
        subject.create(
            subject.context(
                stage.memory(),
                rcu,
                slots,
                lpageInfo,
                StandaloneContext.NO_TRANSITIONS,
                PageAttributes.SHARED));
    Changes changes = new Changes(stage, tracker, slots);
    changes.add(SLOT);
    // Whatever the strategy's own default: the slot begins as shared.
    tracker.convert(SLOT.range(), PageAttributes.SHARED);
    rcu.quiescent();

    List<Truth> states = new ArrayList<>();
    states.add(new Truth(PageAttributes.SHARED));
    for (Operation change : scenario.changes()) {
      Truth next = new Truth(states.get(states.size() - 1));
      if (change instanceof Operation.Convert conversion) {
        next.set(conversion.range(), conversion.attributes());
      }
      states.add(next);
    }
    KernelArray done = stage.memory().array("done", ElementWidth.U32, 1);
    stage.thread(
        "changer",
        () -> {
          for (Operation change : scenario.changes()) {
            changes.apply(change);
            done.getAndAdd(0, 1);
            rcu.poll();
          }
        });
    GfnRange range = scenario.read();
    Reads reads = new Reads(rcu, tracker, slots, lpageInfo, done, states);
    stage.thread("first", () -> reads.readTwice(range.start()));
    stage.thread("last", () -> reads.readTwice(range.end() - 1));
    stage.atEnd(() -> reads.readTwice(range.start()));
  }

  /** What the changing thread does, in the order of the virtual machine. */
  private record Changes(Interleaving.Stage stage, PageAttributeTracker tracker, Memslots slots) {
    void apply(Operation change) {
      if (change instanceof Operation.Convert conversion) {
        convert(conversion);
      } else if (change instanceof Operation.Add addition) {
        add(addition.slot());
      } else if (change instanceof Operation.Remove removal) {
        remove(removal.id());
      } else {
        throw new IllegalArgumentException(change + " is no change of this rule's scenarios");
      }
    }

    void add(Memslot slot) {
      slots.insert(new KvmMemslot(stage.memory(), slot, 0));
      tracker.memslotAdded(slot);
    }

    private void remove(int id) {
      KvmMemslot gone = Objects.requireNonNull(slots.byId(id), "the scenario added it");
      tracker.memslotRemoved(gone.slot());
      slots.remove(gone);
      stage.rcu().call(gone::free);
    }

    private void convert(Operation.Convert operation) {
      Conversion conversion = tracker.prepare(operation.range(), operation.attributes());
      if (conversion.plan() instanceof Plan.Ready ready) {
        long next = ready.range().start();
        while (next < ready.range().end()) {
          next = conversion.store(next);
        }
        conversion.publish();
        return;
      }
      throw new RuleViolation(
          Rule.R9, "%s: expected Ready, found %s".formatted(operation, conversion.plan()));
    }
  }

  /** What the reading threads ask and what they may be told. */
  private record Reads(
      Rcu rcu,
      PageAttributeTracker tracker,
      Memslots slots,
      LpageInfo lpageInfo,
      KernelArray done,
      List<Truth> states) {
    void readTwice(long gfn) {
      for (int i = 0; i < 2; i++) {
        readAttributes(gfn);
        readLevel(gfn);
      }
    }

    private void readAttributes(long gfn) {
      rcu.readLock();
      try {
        int before = (int) done.get(0);
        int found = tracker.attributes(gfn);
        int after = (int) done.get(0);
        int newest = Math.min(after + 1, states.size() - 1);
        for (int i = before; i <= newest; i++) {
          if (states.get(i).get(gfn) == found) {
            return;
          }
        }
        throw new RuleViolation(
            Rule.R9,
            "attributes(0x%x) between changes %d and %d: expected one of %s, found %x"
                .formatted(
                    gfn,
                    before,
                    newest,
                    states.subList(before, newest + 1).stream().map(s -> s.get(gfn)).toList(),
                    found));
      } finally {
        rcu.readUnlock();
      }
    }

    /** While a change is under way any level will do: the MMU retries. Afterwards it counts. */
    private void readLevel(long gfn) {
      rcu.readLock();
      try {
        int before = (int) done.get(0);
        if (slots.find(gfn) == null) {
          return; // a fault finds no slot, and asks for no level
        }
        PageLevel allowed = PageLevel.PG_LEVEL_1G;
        while (allowed != PageLevel.PG_LEVEL_4K && !lpageInfo.isAllowed(gfn, allowed)) {
          allowed = allowed.below();
        }
        PageLevel level = allowed.min(tracker.maxLevel(gfn, allowed));
        boolean large = level != PageLevel.PG_LEVEL_4K;
        if (before == states.size() - 1
            && large
            && !states.get(before).isUniform(level.block(gfn))) {
          throw new RuleViolation(
              Rule.R9,
              "level of 0x%x after the last change: expected %s, for its block is mixed; found %s"
                  .formatted(gfn, PageLevel.PG_LEVEL_4K.label(), level.label()));
        }
      } finally {
        rcu.readUnlock();
      }
    }
  }
}
