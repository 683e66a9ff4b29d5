package dev.broadsheet.conformance;

import dev.broadsheet.api.FaultAdvisor;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.MappingListener;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.StrategyDescription;
import dev.broadsheet.api.StrategyOption;
import dev.broadsheet.api.TrackerContext;
import dev.broadsheet.api.TrackingStrategy;
import dev.broadsheet.api.UnmetRequirementException;
import dev.broadsheet.core.host.Errno;
import dev.broadsheet.core.host.GuestMemfd;
import dev.broadsheet.core.host.SharedBacking;
import dev.broadsheet.core.memory.CheckingMemory;
import dev.broadsheet.core.memory.FailingMemory;
import dev.broadsheet.core.memory.MemoryMeter;
import dev.broadsheet.core.memory.MeteredMemory;
import dev.broadsheet.core.memory.PlainMemory;
import dev.broadsheet.core.memory.Rcu;
import dev.broadsheet.core.memslot.KvmMemslot;
import dev.broadsheet.core.memslot.MemslotRequest;
import dev.broadsheet.core.strategy.ConfiguredStrategy;
import dev.broadsheet.core.tdx.ModuleMemory;
import dev.broadsheet.core.vm.Access;
import dev.broadsheet.core.vm.AccessOutcome;
import dev.broadsheet.core.vm.AccessResult;
import dev.broadsheet.core.vm.VirtualMachine;
import dev.broadsheet.core.vm.VmSpec;
import dev.broadsheet.core.vm.attributes.AttributesAnswer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A virtual machine around one tracker, with MMU, host memory and, in a TD, the TDX module; and the
 * truth beside it. Its guest touches and accepts memory, its VMM converts, discards, and changes
 * slots.
 *
 * <p>All kernel memory of the machine, tables included, is metered, can run dry, and is checked for
 * use after free.
 */
final class WholeMachine {
  private static final int PAGE_SHIFT = 12;
  private static final int MOST_TOUCHES = 24;
  private static final PageLevel[] LARGE = {PageLevel.PG_LEVEL_2M, PageLevel.PG_LEVEL_1G};

  private final MemoryMeter meter = new MemoryMeter();
  private final FailingMemory failing;
  private final VirtualMachine vm;
  private final Truth truth;

  /** The conversion under way, null between conversions. */
  private Operation.@Nullable Convert converting;

  /** User memory of slots whose user address is not congruent, by slot. */
  private final Map<Integer, OddMemory> oddMemory = new TreeMap<>();

  private record OddMemory(SharedBacking shared, GuestMemfd gmem) {
    void close() {
      gmem.close();
      shared.close();
    }
  }

  /**
   * Creates the machine of a case, without slots.
   *
   * @throws TestMachine.CreationRefused if the tracker needs what this machine lacks
   */
  WholeMachine(Subject subject, OperationCase operations) {
    Rcu rcu = new Rcu();
    failing =
        new FailingMemory(new CheckingMemory(new PlainMemory(rcu), rcu), ModuleMemory::isKernels);
    int initial = operations.initialAttributes();
    VmSpec spec =
        VmSpec.parse("host-gib=8,vcpus=2")
            .with(operations.machine())
            .with("attributes", PageAttributes.isPrivate(initial) ? "private" : "shared");
    try {
      vm =
          call(
              () -> "the machine's creation",
              () ->
                  VirtualMachine.create(
                      spec,
                      asserting(subject.configured()),
                      subject.strategies(),
                      new MeteredMemory(failing, rcu, meter),
                      rcu));
    } catch (TrackerFailure e) {
      if (e.getCause() instanceof UnmetRequirementException refusal) {
        throw new TestMachine.CreationRefused(0, refusal);
      }
      throw e;
    }
    vm.finalizeTd();
    truth = new Truth(initial);
  }

  /** The machine is the tracker's caller, and both sides of the contract are asserted. */
  private static ConfiguredStrategy asserting(ConfiguredStrategy configured) {
    TrackingStrategy inner = configured.strategy();
    TrackingStrategy asserted =
        new TrackingStrategy() {
          @Override
          public String id() {
            return inner.id();
          }

          @Override
          public StrategyDescription description() {
            return inner.description();
          }

          @Override
          public List<StrategyOption> options() {
            return inner.options();
          }

          @Override
          public PageAttributeTracker create(TrackerContext context) {
            PageAttributeTracker tracker = inner.create(context);
            // A wrapper would hide what the machine finds by instanceof.
            return tracker instanceof MappingListener || tracker instanceof FaultAdvisor
                ? tracker
                : new AssertingTracker(tracker, inner.description().attributeBits());
          }
        };
    return new ConfiguredStrategy(asserted, configured.options(), configured.spec());
  }

  VirtualMachine vm() {
    return vm;
  }

  Truth truth() {
    return truth;
  }

  MemoryMeter meter() {
    return meter;
  }

  FailingMemory failing() {
    return failing;
  }

  /** Returns the slots as trackers see them. */
  List<Memslot> slots() {
    return Probes.slots(vm.slots());
  }

  /** Runs the whole case. */
  void run(OperationCase operations) {
    for (Operation operation : operations.operations()) {
      apply(operation);
    }
  }

  /**
   * Does one operation and keeps the truth up to date. Slots that cannot be added or removed are
   * left out; a conversion that is to be cancelled is one, for user space cannot cancel.
   *
   * @return what came of it, in words; equal runs give equal words
   * @throws TrackerFailure if anything is thrown
   */
  String apply(Operation operation) {
    if (operation instanceof Operation.Add add) {
      return "errno " + addSlot(add.slot());
    }
    if (operation instanceof Operation.Remove remove) {
      return "errno " + removeSlot(remove.id());
    }
    if (operation instanceof Operation.Touch touch) {
      return touch(0, touch.range());
    }
    if (operation instanceof Operation.Discard discard) {
      call(
          operation::toString,
          () -> {
            vm.discard(gpa(discard.range().start()), gpa(discard.range().pages()));
            return "";
          });
      return "discarded";
    }
    GfnRange range = operation.converted();
    if (range == null) {
      throw new IllegalStateException("nothing does " + operation);
    }
    AttributesAnswer answer = convert(range, operation.attributes());
    if (operation instanceof Operation.ConvertAtOnce && answer.isSuccess()) {
      // What user space does after each: the memory that was given up goes back.
      call(
          operation::toString,
          () -> {
            vm.discardOther(
                gpa(range.start()),
                gpa(range.pages()),
                PageAttributes.isPrivate(operation.attributes()));
            return "";
          });
    }
    return answer.toString();
  }

  AttributesAnswer convert(GfnRange range, int attributes) {
    Operation.Convert conversion = new Operation.Convert(range, attributes);
    converting = conversion;
    AttributesAnswer answer =
        call(
            conversion::toString,
            () -> vm.changeAttributes(gpa(range.start()), gpa(range.pages()), attributes, 0));
    converting = null;
    GfnRange converted = answer.converted();
    if (converted != null) {
      truth.set(converted, attributes);
    }
    return answer;
  }

  /**
   * Reads the attributes of a gfn while a conversion may be under way: old or new inside its range,
   * as before outside; R9.
   */
  int attributesDuringConversion(long gfn) {
    int seen = call(() -> "attributes(0x%x)".formatted(gfn), () -> vm.attributes(gfn));
    int before = truth.get(gfn);
    Operation.Convert conversion = converting;
    boolean isNew =
        conversion != null && conversion.range().contains(gfn) && seen == conversion.attributes();
    if (seen != before && !isNew) {
      throw new RuleViolation(
          Rule.R9,
          "during %s attributes(0x%x) in the machine: expected %x as before, or what is asked; found %x"
              .formatted(conversion, gfn, before, seen));
    }
    return seen;
  }

  int addSlot(Memslot slot) {
    if (vm.slots().byId(slot.id()) != null || overlapsSlot(slot.range())) {
      return Errno.EEXIST;
    }
    long start = gpa(slot.range().start());
    long bytes = gpa(slot.range().pages());
    return call(
        () -> "a memslot " + slot,
        () ->
            slot.userGfn() == slot.range().start()
                ? vm.addMemslot(slot.id(), start, bytes)
                : addOddSlot(slot));
  }

  private int addOddSlot(Memslot slot) {
    long bytes = gpa(slot.range().pages());
    OddMemory memory =
        new OddMemory(
            new SharedBacking(
                vm.host(), SharedBacking.Kind.THP, slot.userGfn(), slot.range().pages()),
            new GuestMemfd(vm.host(), bytes, /* folioOrder= */ 9));
    int errno =
        vm.setMemslot(
            new MemslotRequest(
                slot.id(),
                KvmMemslot.GUEST_MEMFD,
                gpa(slot.range().start()),
                bytes,
                gpa(slot.userGfn()),
                0),
            memory.shared(),
            memory.gmem());
    if (errno == 0) {
      oddMemory.put(slot.id(), memory);
    } else {
      memory.close();
    }
    return errno;
  }

  private boolean overlapsSlot(GfnRange range) {
    return slots().stream().anyMatch(slot -> slot.range().intersection(range) != null);
  }

  int removeSlot(int id) {
    if (vm.slots().byId(id) == null) {
      return Errno.EINVAL;
    }
    int errno = call(() -> "removing memslot " + id, () -> vm.removeMemslot(id));
    OddMemory memory = oddMemory.remove(id);
    if (memory != null) {
      memory.close();
    }
    return errno;
  }

  /**
   * The guest uses a range: it accepts what is private, then touches both ends of each run of equal
   * attributes and the blocks between.
   *
   * @return outcomes and levels in words
   */
  String touch(int vcpu, GfnRange range) {
    StringBuilder seen = new StringBuilder();
    for (Memslot slot : slots()) {
      GfnRange part = slot.range().intersection(range);
      for (long start = part == null ? Long.MAX_VALUE : part.start();
          part != null && start < part.end(); ) {
        long end = truth.runEnd(start, part.end());
        if (vm.spec().isTdx() && PageAttributes.isPrivate(truth.get(start))) {
          long from = start;
          AccessResult accepted =
              call(
                  () -> "an accept from gfn 0x%x to 0x%x".formatted(from, end),
                  () -> vm.accept(vcpu, gpa(from), gpa(end - from)));
          seen.append(accepted).append(' ');
        }
        for (long gfn : places(new GfnRange(start, end))) {
          seen.append(access(vcpu, gfn, truth.get(gfn))).append(' ');
        }
        start = end;
      }
    }
    return seen.toString();
  }

  private static List<Long> places(GfnRange run) {
    List<Long> places = new ArrayList<>();
    places.add(run.start());
    PageLevel level = PageLevel.PG_LEVEL_2M;
    for (long block = level.roundUp(run.start() + 1);
        block < run.end() && places.size() < MOST_TOUCHES;
        block += level.pages()) {
      places.add(block);
    }
    places.add(run.end() - 1);
    return places;
  }

  /**
   * One access with the attribute that the guest believes in; accepts first if it must.
   *
   * @return its outcome, the gfn and the level
   */
  String access(int vcpu, long gfn, int attributes) {
    boolean isPrivate = PageAttributes.isPrivate(attributes);
    return call(
        () -> "an access to gfn 0x%x".formatted(gfn),
        () -> {
          AccessResult result = vm.access(vcpu, gpa(gfn), Access.WRITE, isPrivate);
          if (result.outcome() == AccessOutcome.NOT_ACCEPTED) {
            vm.accept(vcpu, gpa(gfn), gpa(1));
            result = vm.access(vcpu, gpa(gfn), Access.WRITE, isPrivate);
          }
          return "%s 0x%x %d".formatted(result.outcome(), gfn, result.level());
        });
  }

  /** Compares what the machine and its tracker answer with the truth; R2. */
  long compare(Rule rule, long limit, Object after) {
    List<Long> gfns = Probes.gfns(truth, slots(), limit, limit);
    for (long gfn : gfns) {
      int found = call(() -> "attributes(0x%x)".formatted(gfn), () -> vm.attributes(gfn));
      if (found != truth.get(gfn)) {
        throw new RuleViolation(
            rule,
            "after %s attributes(0x%x) in the machine: expected %x, found %x"
                .formatted(after, gfn, truth.get(gfn), found));
      }
    }
    for (Memslot slot : slots()) {
      compareSlot(rule, slot, after);
    }
    return gfns.size();
  }

  private void compareSlot(Rule rule, Memslot slot, Object after) {
    PageAttributeTracker tracker = vm.tracker();
    GfnRange range = slot.range();
    for (long gfn = range.start(); gfn < range.end(); ) {
      long from = gfn;
      int attributes = truth.get(gfn);
      long expected = truth.runEnd(gfn, range.end());
      long found =
          call(
              () -> "firstDifference(0x%x, 0x%x)".formatted(from, range.end()),
              () -> tracker.firstDifference(from, range.end(), attributes));
      if (found != expected) {
        throw new RuleViolation(
            rule,
            "after %s firstDifference(0x%x, 0x%x, %x) in the machine: expected 0x%x, found 0x%x"
                .formatted(after, gfn, range.end(), attributes, expected, found));
      }
      gfn = expected;
    }
    for (PageLevel level : LARGE) {
      for (long block : Probes.blocks(slot, level)) {
        long first = Math.max(block, range.start());
        var found = call(() -> "type", () -> tracker.type(first, level));
        if (found != truth.type(slot, first, level)) {
          throw new RuleViolation(
              rule,
              "after %s type(0x%x, %s) in the machine: expected %s, found %s"
                  .formatted(after, first, level.label(), truth.type(slot, first, level), found));
        }
      }
    }
  }

  /** Every leaf covers one attribute, that of its tree, and lies in one slot; R3. */
  long checkLeaves(Rule rule, Object after) {
    long[] leaves = {0};
    List<Memslot> slots = slots();
    vm.forEachLeaf(
        (mirror, gfn, number, spte) -> {
          leaves[0]++;
          PageLevel level = PageLevel.of(number);
          GfnRange covered = new GfnRange(gfn, gfn + level.pages());
          String found = "";
          if (slots.stream().noneMatch(slot -> slot.range().contains(covered))) {
            found = "leaves its memslot";
          } else if (!truth.isUniform(covered)) {
            found = "is mixed from 0x%x on".formatted(truth.runEnd(gfn, covered.end()));
          } else if (vm.spec().isTdx() && mirror != PageAttributes.isPrivate(truth.get(gfn))) {
            found = "is of the other kind";
          }
          if (!found.isEmpty()) {
            throw new RuleViolation(
                rule,
                "after %s: expected leaves over uniform blocks, found 0x%x in the %s tree at %s, which %s"
                    .formatted(after, gfn, mirror ? "mirror" : "direct", level.label(), found));
          }
        });
    return leaves[0];
  }

  /** Returns the largest level at which the machine would map a gfn of a slot. */
  PageLevel effectiveLevel(long gfn) {
    return call(() -> "maxLevel(0x%x)".formatted(gfn), () -> vm.effectiveLevel(gfn));
  }

  /** The machine's own audit: trees, Secure EPT, PAMT, frames, and the tracker's audit. */
  void audit(Rule rule, Object after) {
    try {
      vm.audit();
    } catch (IllegalStateException e) {
      throw new RuleViolation(
          rule,
          "after %s the machine's audit: expected that it passes, found %s"
              .formatted(after, e.getMessage()),
          e);
    }
  }

  /** Ends the machine. */
  void close() {
    call(
        () -> "the machine's end",
        () -> {
          vm.close();
          return "";
        });
    oddMemory.values().forEach(OddMemory::close);
    oddMemory.clear();
  }

  private static long gpa(long gfn) {
    return gfn << PAGE_SHIFT;
  }

  /** Whatever is thrown inside the machine, which is sound under other trackers, is a finding. */
  private static <T> T call(Supplier<String> what, Supplier<T> body) {
    try {
      return body.get();
    } catch (RuleViolation e) {
      throw e;
    } catch (RuntimeException | Error e) {
      throw new TrackerFailure(what.get() + " in the machine", e);
    }
  }
}
