package dev.broadsheet.conformance;

import dev.broadsheet.api.Conversion;
import dev.broadsheet.api.ConversionOutcome;
import dev.broadsheet.api.Geometry;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.Plan;
import dev.broadsheet.api.TrackerContext;
import dev.broadsheet.api.UnmetRequirementException;
import dev.broadsheet.api.memory.KernelMemory;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import dev.broadsheet.core.memory.CheckingMemory;
import dev.broadsheet.core.memory.FailingMemory;
import dev.broadsheet.core.memory.MemoryMeter;
import dev.broadsheet.core.memory.MeteredMemory;
import dev.broadsheet.core.memory.PlainMemory;
import dev.broadsheet.core.memory.Rcu;
import dev.broadsheet.core.memslot.KvmMemslot;
import dev.broadsheet.core.memslot.LpageInfoWords;
import dev.broadsheet.core.memslot.Memslots;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Memslots, large-page words and kernel memory around one tracker, and the truth beside it. Does
 * what a virtual machine does around a conversion, one thing after the other.
 *
 * <p>The tracker's memory is metered, can run dry, and is checked for use after free; the slots'
 * own words lie elsewhere, so that the meter sees the tracker alone.
 */
final class TestMachine {
  private static final PageLevel[] LARGE = {PageLevel.PG_LEVEL_2M, PageLevel.PG_LEVEL_1G};

  private final Rcu rcu = new Rcu();
  private final MemoryMeter meter = new MemoryMeter();
  private final FailingMemory failing;
  private final KernelMemory memory;
  private final PlainMemory slotMemory = new PlainMemory(rcu);
  private final Memslots slots = new Memslots(Geometry.standard(), /* privateMemory= */ true);
  private final WatchedLpageInfo lpageInfo = new WatchedLpageInfo(new LpageInfoWords(slots));
  private final ToldTransitions transitions = new ToldTransitions();
  private final TrackerContext context;
  private final AssertingTracker tracker;
  private final Truth truth;

  /**
   * Creates the machine and its tracker.
   *
   * @throws KernelOutOfMemoryException as the strategy does
   */
  TestMachine(Subject subject, int initialAttributes) {
    this(subject, initialAttributes, Long.MAX_VALUE);
  }

  /** Creates the machine; the n-th allocation of the tracker's creation fails. */
  TestMachine(Subject subject, int initialAttributes, long failAt) {
    failing = new FailingMemory(new CheckingMemory(new PlainMemory(rcu), rcu));
    memory = new MeteredMemory(failing, rcu, meter);
    context = subject.context(memory, rcu, slots, lpageInfo, transitions, initialAttributes);
    if (failAt != Long.MAX_VALUE) {
      failing.failAt(failAt);
    }
    PageAttributeTracker created;
    try {
      created = subject.create(context);
    } catch (KernelOutOfMemoryException e) {
      throw new CreationFailed(meter.totalFootprint().live(), e);
    } catch (UnmetRequirementException e) {
      throw new CreationRefused(meter.totalFootprint().live(), e);
    }
    tracker = new AssertingTracker(created, subject.description().attributeBits());
    truth = new Truth(tracker.defaultAttributes());
  }

  /** A tracker that could not be created for want of memory. */
  static final class CreationFailed extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final long left;

    CreationFailed(long left, KernelOutOfMemoryException cause) {
      super(cause);
      this.left = left;
    }

    /** Returns how many arrays and objects were left allocated. */
    long left() {
      return left;
    }
  }

  /** A tracker that refuses to be created where something that it needs is missing. */
  static final class CreationRefused extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final long left;

    CreationRefused(long left, UnmetRequirementException cause) {
      super(cause.getMessage(), cause);
      this.left = left;
    }

    /** Returns how many arrays and objects were left allocated. */
    long left() {
      return left;
    }
  }

  AssertingTracker tracker() {
    return tracker;
  }

  TrackerContext context() {
    return context;
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

  Rcu rcu() {
    return rcu;
  }

  Memslots slots() {
    return slots;
  }

  WatchedLpageInfo lpageInfo() {
    return lpageInfo;
  }

  /** Returns what the last operation told of blocks that turned, sorted, in words. */
  List<String> told() {
    return transitions.told();
  }

  /** Runs the whole case. */
  void run(OperationCase operations) {
    for (Operation operation : operations.operations()) {
      apply(operation);
    }
  }

  /**
   * Does one operation and keeps the truth up to date. Slots that cannot be added or removed (after
   * shrinking) are left out; touches and discards need a guest and do nothing here.
   *
   * @return the outcome of a conversion; null for all else
   * @throws TrackerFailure if the tracker throws anything but {@link KernelOutOfMemoryException}
   */
  @Nullable ConversionOutcome apply(Operation operation) {
    ConversionOutcome outcome = null;
    GfnRange range = operation.converted();
    if (range == null) {
      transitions.before();
    } else {
      transitions.before(truth, Probes.slots(slots), range);
    }
    if (operation instanceof Operation.Add add) {
      addSlot(add.slot());
    } else if (operation instanceof Operation.Remove remove) {
      removeSlot(remove.id());
    } else if (operation instanceof Operation.Convert convert) {
      outcome = convert(convert.range(), convert.attributes());
    } else if (operation instanceof Operation.ConvertAtOnce convert) {
      outcome =
          call(operation::toString, () -> tracker.convert(convert.range(), convert.attributes()));
      note(outcome, convert.attributes());
    } else if (operation instanceof Operation.Cancel cancel) {
      cancel(cancel.range(), cancel.attributes());
    }
    if (range == null) {
      transitions.requireSilence(operation);
    } else {
      transitions.after(truth, Probes.slots(slots), range, operation.attributes(), operation);
    }
    settle();
    return outcome;
  }

  void addSlot(Memslot slot) {
    if (slots.byId(slot.id()) != null || overlapsSlot(slot.range())) {
      return;
    }
    KvmMemslot added = new KvmMemslot(slotMemory, slot, 0);
    slots.insert(added);
    try {
      call(
          () -> "memslotAdded(" + slot + ")",
          () -> {
            tracker.memslotAdded(slot);
            return "";
          });
    } catch (KernelOutOfMemoryException e) {
      slots.remove(added);
      lpageInfo.forget(slot.range().start(), slot.range().end());
      added.free();
      throw e;
    }
  }

  private boolean overlapsSlot(GfnRange range) {
    int position = slots.table().firstEndingAfter(range.start());
    return position < slots.table().size() && slots.table().at(position).start() < range.end();
  }

  void removeSlot(int id) {
    KvmMemslot gone = slots.byId(id);
    if (gone == null) {
      return;
    }
    call(
        () -> "memslotRemoved(" + gone + ")",
        () -> {
          tracker.memslotRemoved(gone.slot());
          return "";
        });
    slots.remove(gone);
    lpageInfo.forget(gone.start(), gone.end());
    rcu.call(gone::free);
    settle();
  }

  /** A quiet point: what waits for a grace period runs. */
  private void settle() {
    call(() -> "a callback after a grace period", rcu::quiescent);
  }

  private ConversionOutcome convert(GfnRange range, int attributes) {
    Supplier<String> what = () -> new Operation.Convert(range, attributes).toString();
    Conversion conversion = call(what, () -> tracker.prepare(range, attributes));
    Plan plan = conversion.plan();
    ConversionOutcome outcome;
    if (plan instanceof Plan.Rejected rejected) {
      outcome = new ConversionOutcome.Rejected(rejected.reason(), rejected.detail());
    } else if (plan instanceof Plan.Ready ready) {
      call(
          what,
          () -> {
            long next = ready.range().start();
            while (next < ready.range().end()) {
              next = conversion.store(next);
            }
            transitions.requireSilence(what.get());
            conversion.publish();
            return "";
          });
      outcome =
          ready.range().equals(range)
              ? new ConversionOutcome.Converted(range)
              : new ConversionOutcome.Partial(ready.range(), ready.range().end());
    } else {
      outcome = new ConversionOutcome.Unchanged();
    }
    note(outcome, attributes);
    return outcome;
  }

  private void cancel(GfnRange range, int attributes) {
    call(
        () -> new Operation.Cancel(range, attributes).toString(),
        () -> {
          Conversion conversion = tracker.prepare(range, attributes);
          if (conversion.plan() instanceof Plan.Ready) {
            conversion.cancel();
          }
          return "";
        });
  }

  private void note(ConversionOutcome outcome, int attributes) {
    if (outcome instanceof ConversionOutcome.Converted converted) {
      truth.set(converted.range(), attributes);
    } else if (outcome instanceof ConversionOutcome.Partial partial) {
      truth.set(partial.range(), attributes);
    }
  }

  private static <T> T call(Supplier<String> what, Supplier<T> body) {
    try {
      return body.get();
    } catch (KernelOutOfMemoryException | RuleViolation e) {
      throw e;
    } catch (RuntimeException | Error e) { // whatever a tracker throws is a finding
      throw new TrackerFailure(what.get(), e);
    }
  }

  /** Returns the attributes that the tracker answers, asked inside a read section. */
  int attributes(long gfn) {
    rcu.readLock();
    try {
      return call(() -> "attributes(0x%x)".formatted(gfn), () -> tracker.attributes(gfn));
    } finally {
      rcu.readUnlock();
    }
  }

  /** Returns the largest level at which the MMU would map a gfn of a slot. */
  PageLevel effectiveLevel(long gfn) {
    rcu.readLock();
    try {
      PageLevel allowed = PageLevel.PG_LEVEL_1G;
      while (allowed != PageLevel.PG_LEVEL_4K && !lpageInfo.isAllowed(gfn, allowed)) {
        allowed = allowed.below();
      }
      PageLevel ceiling = allowed;
      return allowed.min(
          call(() -> "maxLevel(0x%x)".formatted(gfn), () -> tracker.maxLevel(gfn, ceiling)));
    } finally {
      rcu.readUnlock();
    }
  }

  /**
   * Returns all that can be observed below a gfn, in words: runs of attributes, words of all slots,
   * types and levels of all blocks. Equal texts mean equal observable states.
   */
  String observableState(long limit) {
    StringBuilder state = new StringBuilder();
    long gfn = 0;
    while (gfn < limit) {
      int attributes = attributes(gfn);
      state.append("0x%x=%x ".formatted(gfn, attributes));
      long from = gfn;
      gfn =
          call(
              () -> "firstDifference(0x%x)".formatted(from),
              () -> tracker.firstDifference(from, limit, attributes));
      if (gfn == from) {
        throw new RuleViolation(
            Rule.R2, "firstDifference from 0x%x to what it answers stays there".formatted(gfn));
      }
    }
    for (int i = 0; i < slots.table().size(); i++) {
      describe(slots.table().at(i), state);
    }
    return state.toString();
  }

  private void describe(KvmMemslot slot, StringBuilder state) {
    state.append(slot);
    for (PageLevel level : LARGE) {
      state.append(' ').append(level.label());
      for (long index = 0; index < slot.lpageInfo().length(level); index++) {
        long block = level.roundDown(slot.start()) + index * level.pages();
        long first = Math.max(block, slot.start());
        state.append(" %x".formatted(slot.lpageInfo().wordAt(level, index)));
        state.append(call(() -> "type", () -> tracker.type(first, level)).name().charAt(0));
        state.append(call(() -> "maxLevel", () -> tracker.maxLevel(first, level)).number());
      }
    }
  }
}
