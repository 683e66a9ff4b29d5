package dev.broadsheet.conformance.trial;

import dev.broadsheet.api.Conversion;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageAttributes;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.PageType;
import dev.broadsheet.api.Plan;
import dev.broadsheet.api.RejectReason;
import dev.broadsheet.api.StrategyTrait;
import dev.broadsheet.api.TrackerContext;
import dev.broadsheet.api.TrackingStrategy;
import dev.broadsheet.api.Transitions;
import dev.broadsheet.api.memory.KernelOutOfMemoryException;
import dev.broadsheet.core.memory.CheckingMemory;
import dev.broadsheet.core.memory.FailingMemory;
import dev.broadsheet.core.memory.PlainMemory;
import dev.broadsheet.core.memory.Rcu;
import dev.broadsheet.core.memslot.KvmMemslot;
import dev.broadsheet.core.memslot.Memslots;
import dev.broadsheet.core.strategy.ConfiguredStrategy;
import dev.broadsheet.core.strategy.StandaloneContext;
import dev.broadsheet.core.strategy.StrategyRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/**
 * One tracker beside a {@link NaiveTruth}, driven by random but region-shaped steps from a seed.
 *
 * <p>Each step is a conversion in its phases, a conversion that is cancelled, one that converts
 * what already holds, a slot that comes or goes; some are tried first with the first allocation
 * failing, then the second, and so on, and each failure must leave every answer as before. After
 * each step answers are compared where something could have gone wrong: at the edges of the range,
 * of its blocks and of the slots, and at random places. At the end all slots go, everything is
 * converted back, and the memory must be what it was.
 *
 * <p>Not safe for use from many threads.
 */
public final class StrategyTrial {
  private static final int MOST_FAILURES_PER_STEP = 12;

  private final String title;
  private final SplittableRandom random;
  private final RegionShapes shapes;
  private final Rcu rcu = new Rcu();
  private final CheckingMemory checking = new CheckingMemory(new PlainMemory(rcu), rcu);
  private final FailingMemory memory = new FailingMemory(checking);
  private final StandaloneContext context;
  private final PageAttributeTracker tracker;
  private final boolean small;
  private final NaiveTruth truth;
  private final List<Memslot> candidates;
  private final List<Memslot> present = new ArrayList<>();
  private final Map<Integer, KvmMemslot> kvmSlots = new TreeMap<>();
  private final List<String> told = new ArrayList<>();
  private final List<GfnRange> touched = new ArrayList<>();
  private final long highest;
  private String step = "creation";

  /**
   * Creates a trial.
   *
   * @param strategy what is tried
   * @param spec id with options
   * @param initialAttributes what the machine says of gfns that were never converted
   * @param seed of everything random
   * @param highest gfns are below this
   * @param dress puts more into the context, such as page tables
   */
  public StrategyTrial(
      TrackingStrategy strategy,
      String spec,
      int initialAttributes,
      long seed,
      long highest,
      UnaryOperator<TrackerContext> dress) {
    this.title =
        "%s, initially %s, seed %d".formatted(spec, PageAttributes.format(initialAttributes), seed);
    this.random = new SplittableRandom(seed);
    this.shapes = new RegionShapes(random, highest);
    this.highest = highest;
    StrategyRegistry registry = StrategyRegistry.of(List.of(strategy));
    ConfiguredStrategy configured = registry.configure(spec);
    Memslots slots =
        new Memslots(dev.broadsheet.api.Geometry.standard(), /* privateMemory= */ true);
    this.context =
        StandaloneContext.of(memory, rcu, slots, initialAttributes, registry::configure, configured)
            .withTransitions(new Ear());
    this.tracker = strategy.create(dress.apply(context));
    this.small = strategy.description().has(StrategyTrait.POLICY_SMALL_ONLY);
    this.truth = new NaiveTruth(tracker.defaultAttributes());
    this.candidates = shapes.slots();
  }

  /** Runs a trial of a strategy that needs no page tables, gfns up to 2^40. */
  public static void run(
      TrackingStrategy strategy, String spec, int initialAttributes, long seed, int steps) {
    new StrategyTrial(strategy, spec, initialAttributes, seed, 1L << 40, UnaryOperator.identity())
        .run(steps);
  }

  /**
   * Runs a trial of a strategy that keeps its truth in page tables, over a store of 4 levels.
   *
   * @param twoTrees whether private and shared pages have trees of their own
   */
  public static void runOverPageTables(
      TrackingStrategy strategy,
      String spec,
      int initialAttributes,
      long seed,
      int steps,
      boolean twoTrees) {
    new StrategyTrial(
            strategy,
            spec,
            initialAttributes,
            seed,
            1L << 36,
            context -> new TableContext(context, twoTrees))
        .run(steps);
  }

  /**
   * Takes the steps and winds everything up.
   *
   * @throws AssertionError naming seed, step and what was expected, when an answer is wrong
   */
  public void run(int steps) {
    Map<String, Long> empty = checking.live();
    for (int i = 0; i < steps; i++) {
      step = "step " + i;
      try {
        takeStep();
        rcu.quiescent();
        checking.live();
        if (i % 16 == 0) {
          tracker.audit();
        }
      } catch (RuntimeException e) {
        throw new AssertionError(title + ", " + step + ": " + e, e);
      }
    }
    windUp(empty);
  }

  private void takeStep() {
    int choice = random.nextInt(100);
    if (choice < 12 && present.size() < candidates.size()) {
      addSlot();
    } else if (choice < 16 && !present.isEmpty()) {
      removeSlot(random.nextInt(present.size()));
    } else {
      convert();
    }
  }

  private void addSlot() {
    List<Memslot> absent = new ArrayList<>(candidates);
    absent.removeAll(present);
    Memslot slot = absent.get(random.nextInt(absent.size()));
    step += ": add " + slot;
    KvmMemslot kvm = new KvmMemslot(checking, slot, 0);
    for (long n = random.nextInt(3) == 0 ? 1 : 0; ; n++) {
      context.slots().insert(kvm);
      if (n > 0) {
        memory.failAt(n);
      }
      try {
        tracker.memslotAdded(slot);
        memory.disarm();
        break;
      } catch (KernelOutOfMemoryException e) {
        memory.disarm();
        context.slots().remove(kvm);
        checkAll(slot.range());
        requireThat(n > 0, "memory ran dry although nothing failed: " + e);
      }
    }
    kvmSlots.put(slot.id(), kvm);
    present.add(slot);
    checkAll(slot.range());
  }

  private void removeSlot(int position) {
    Memslot slot = present.remove(position);
    step += ": remove " + slot;
    if (random.nextInt(3) == 0) {
      memory.failFrom(1 + random.nextInt(2));
    }
    tracker.memslotRemoved(slot);
    memory.disarm();
    KvmMemslot kvm = Objects.requireNonNull(kvmSlots.remove(slot.id()));
    context.slots().remove(kvm);
    rcu.call(kvm::free);
    checkAll(slot.range());
  }

  private void convert() {
    GfnRange range = shapes.range(present);
    int attributes = random.nextBoolean() ? PageAttributes.PRIVATE : PageAttributes.SHARED;
    step += ": convert " + range + " to " + PageAttributes.format(attributes);
    if (random.nextInt(40) == 0) {
      rejectUnsupported(range);
    }
    boolean fails = random.nextInt(4) == 0;
    long growth = 1;
    for (long n = fails ? 1 : 0; ; n += growth) {
      if (n > MOST_FAILURES_PER_STEP) {
        growth *= 3; // thousands of nodes: not each of them
      }
      if (n > 0) {
        memory.failAt(n);
      }
      Conversion conversion;
      try {
        conversion = tracker.prepare(range, attributes);
      } catch (KernelOutOfMemoryException e) {
        requireThat(n > 0, "memory ran dry although nothing failed: " + e);
        memory.disarm();
        checkAll(range);
        continue;
      }
      memory.disarm();
      if (conversion.plan() instanceof Plan.Rejected rejected
          && rejected.reason() == RejectReason.OUT_OF_MEMORY) {
        requireThat(n > 0, "memory ran dry although nothing failed: " + rejected);
        checkAll(range);
        continue;
      }
      boolean whole = carryOut(conversion, range, attributes);
      if (whole || n == 0) {
        return;
      }
    }
  }

  private void rejectUnsupported(GfnRange range) {
    Plan plan = tracker.prepare(range, 1 << 20).plan();
    requireThat(
        plan instanceof Plan.Rejected rejected
            && rejected.reason() == RejectReason.UNSUPPORTED_ATTRIBUTES,
        "attributes 0x100000 gave " + plan);
    checkAll(range);
  }

  /** Returns whether the whole range was converted, or was not to be. */
  private boolean carryOut(Conversion conversion, GfnRange range, int attributes) {
    boolean changes = truth.firstDifference(range.start(), range.end(), attributes) < range.end();
    Plan plan = conversion.plan();
    requireThat(
        changes == !(plan instanceof Plan.Unchanged),
        "plan " + plan + " although there is " + (changes ? "something" : "nothing") + " to do");
    checkAll(range);
    if (!(plan instanceof Plan.Ready ready)) {
      return true;
    }
    GfnRange planned = ready.range();
    requireThat(
        planned.start() == range.start() && planned.end() <= range.end(),
        "planned " + planned + " for " + range);
    if (random.nextInt(8) == 0) {
      conversion.cancel();
      step += " (cancelled)";
      checkAll(range);
      return true;
    }
    List<String> expected = new ArrayList<>();
    Map<String, GfnRange> mixedBefore = mixedBlocks(planned);
    told.clear();
    for (long next = planned.start(); next < planned.end(); ) {
      long stopped = conversion.store(next);
      requireThat(
          stopped > next && stopped <= planned.end(), "stored from " + next + " to " + stopped);
      next = stopped;
      checkPagesBeside(planned);
    }
    requireThat(told.isEmpty(), "told before publish: " + told);
    truth.set(planned, attributes);
    touched.add(planned);
    conversion.publish();
    Map<String, GfnRange> mixedAfter = mixedBlocks(planned);
    for (String block : mixedBefore.keySet()) {
      if (!mixedAfter.containsKey(block)) {
        expected.add(block + " uniform " + PageAttributes.format(attributes));
      }
    }
    for (String block : mixedAfter.keySet()) {
      if (!mixedBefore.containsKey(block)) {
        expected.add(block + " mixed");
      }
    }
    requireThat(
        new TreeSet<>(expected).equals(new TreeSet<>(told)) && expected.size() == told.size(),
        "transitions told " + told + ", expected " + expected);
    checkAll(planned);
    return planned.equals(range);
  }

  private Map<String, GfnRange> mixedBlocks(GfnRange range) {
    Map<String, GfnRange> mixed = new TreeMap<>();
    for (Memslot slot : present) {
      for (PageLevel level : List.of(PageLevel.PG_LEVEL_2M, PageLevel.PG_LEVEL_1G)) {
        long start = Math.max(level.roundDown(range.start()), level.roundUp(slot.range().start()));
        long end = Math.min(level.roundUp(range.end()), level.roundDown(slot.range().end()));
        for (long block = start; block < end; block += level.pages()) {
          if (!truth.isUniform(block, block + level.pages())) {
            mixed.put(name(block, level), new GfnRange(block, block + level.pages()));
          }
        }
      }
    }
    return mixed;
  }

  private static String name(long block, PageLevel level) {
    return "%s 0x%x".formatted(level.label(), block);
  }

  private void checkPagesBeside(GfnRange range) {
    if (range.start() > 0) {
      checkPage(range.start() - 1);
    }
    checkPage(range.end());
  }

  private void checkAll(GfnRange range) {
    TreeSet<Long> gfns = new TreeSet<>();
    addAround(gfns, range.start());
    addAround(gfns, range.end());
    for (Memslot slot : present) {
      addAround(gfns, slot.range().start());
      addAround(gfns, slot.range().end());
      gfns.add(slot.range().start() + random.nextLong(slot.range().pages()));
    }
    for (int i = 0; i < 6; i++) {
      gfns.add(range.start() + random.nextLong(range.pages()));
    }
    if (!touched.isEmpty()) {
      GfnRange old = touched.get(random.nextInt(touched.size()));
      addAround(gfns, old.start());
      gfns.add(old.end() - 1);
    }
    for (long gfn : gfns) {
      checkPage(gfn);
      checkBlocks(gfn);
    }
    long end = Math.min(GfnRange.GFN_LIMIT, range.end() + random.nextInt(1024));
    for (int attributes : new int[] {PageAttributes.SHARED, PageAttributes.PRIVATE}) {
      long found = tracker.firstDifference(range.start(), end, attributes);
      long expected = truth.firstDifference(range.start(), end, attributes);
      requireThat(
          found == expected,
          "first in [0x%x, 0x%x) that is not %s: 0x%x, expected 0x%x"
              .formatted(range.start(), end, PageAttributes.format(attributes), found, expected));
    }
  }

  private void addAround(Set<Long> gfns, long gfn) {
    for (PageLevel level :
        List.of(PageLevel.PG_LEVEL_4K, PageLevel.PG_LEVEL_2M, PageLevel.PG_LEVEL_1G)) {
      long edge = level.roundDown(gfn);
      for (long near :
          new long[] {edge - 1, edge, edge + level.pages() - 1, edge + level.pages()}) {
        if (near >= 0 && near < highest) {
          gfns.add(near);
        }
      }
    }
  }

  private void checkPage(long gfn) {
    int found = tracker.attributes(gfn);
    requireThat(
        found == truth.get(gfn),
        "0x%x is %s, expected %s"
            .formatted(gfn, PageAttributes.format(found), PageAttributes.format(truth.get(gfn))));
  }

  private void checkBlocks(long gfn) {
    Memslot slot = null;
    for (Memslot each : present) {
      if (each.range().contains(gfn)) {
        slot = each;
      }
    }
    PageLevel largest = PageLevel.PG_LEVEL_4K;
    for (PageLevel level :
        List.of(PageLevel.PG_LEVEL_4K, PageLevel.PG_LEVEL_2M, PageLevel.PG_LEVEL_1G)) {
      PageType expected = PageType.INVALID;
      if (slot != null && slot.holdsBlock(gfn, level)) {
        long start = level.roundDown(gfn);
        boolean uniform = truth.isUniform(start, start + level.pages());
        expected = uniform ? PageAttributes.type(truth.get(start)) : PageType.MIXED;
        boolean congruent = ((slot.userGfn() ^ slot.range().start()) & (level.pages() - 1)) == 0;
        if (uniform && congruent && !small) {
          largest = level;
        }
      }
      PageType found = tracker.type(gfn, level);
      requireThat(
          found == expected,
          "the %s block of 0x%x is %s, expected %s".formatted(level.label(), gfn, found, expected));
    }
    if (slot != null) {
      PageLevel found = effectiveLevel(gfn);
      requireThat(
          found == largest,
          "0x%x may be mapped at %s, expected %s".formatted(gfn, found.label(), largest.label()));
    }
  }

  private PageLevel effectiveLevel(long gfn) {
    PageLevel allowed = PageLevel.PG_LEVEL_1G;
    while (allowed != PageLevel.PG_LEVEL_4K && !context.lpageInfo().isAllowed(gfn, allowed)) {
      allowed = allowed.below();
    }
    return allowed.min(tracker.maxLevel(gfn, allowed));
  }

  private void windUp(Map<String, Long> empty) {
    step = "the end";
    while (!present.isEmpty()) {
      removeSlot(0);
    }
    int attributes = tracker.defaultAttributes();
    for (GfnRange range : touched) {
      long next = range.start();
      while ((next = truth.firstDifference(next, range.end(), attributes)) < range.end()) {
        int other = truth.get(next);
        GfnRange back = new GfnRange(next, truth.firstDifference(next, range.end(), other));
        tracker.convert(back, attributes);
        truth.set(back, attributes);
      }
      checkAll(range);
    }
    tracker.audit();
    rcu.quiescent();
    requireThat(
        checking.live().equals(empty),
        "memory after all was converted back: " + checking.live() + ", empty it was " + empty);
    tracker.close();
    rcu.quiescent();
    requireThat(checking.live().isEmpty(), "memory after close: " + checking.live());
  }

  private void requireThat(boolean condition, String otherwise) {
    if (!condition) {
      throw new AssertionError(title + ", " + step + ": " + otherwise);
    }
  }

  /** Writes down what the tracker tells. */
  private final class Ear implements Transitions {
    @Override
    public void becameMixed(long gfn, PageLevel level) {
      told.add(name(gfn, level) + " mixed");
    }

    @Override
    public void becameUniform(long gfn, PageLevel level, int attributes) {
      told.add(name(gfn, level) + " uniform " + PageAttributes.format(attributes));
    }
  }
}
