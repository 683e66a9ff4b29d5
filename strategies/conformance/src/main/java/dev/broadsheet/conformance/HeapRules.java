package dev.broadsheet.conformance;

import dev.broadsheet.api.Geometry;
import dev.broadsheet.api.GfnRange;
import dev.broadsheet.api.Memslot;
import dev.broadsheet.api.PageAttributeTracker;
import dev.broadsheet.api.PageLevel;
import dev.broadsheet.api.TrackerContext;
import dev.broadsheet.core.memory.PlainMemory;
import dev.broadsheet.core.memory.Rcu;
import dev.broadsheet.core.memslot.KvmMemslot;
import dev.broadsheet.core.memslot.LpageInfoWords;
import dev.broadsheet.core.memslot.Memslots;
import dev.broadsheet.core.strategy.StandaloneContext;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** R10: all state is kernel memory. */
final class HeapRules implements RuleGroup {
  private static final long ALLOWANCE = 4096;
  private static final long ALLOWANCE_PER_SLOT = 256;

  /** A scratch object more or less is no growth. */
  private static final long SLACK = 256;

  private static final int FEW_CONVERSIONS = 40;
  private static final int MANY_CONVERSIONS = 400;

  @Override
  public List<Rule> rules() {
    return List.of(Rule.R10);
  }

  @Override
  public RuleVerdict repeat(Rule rule, Subject subject, String what) {
    return judge(rule, subject, Settings.quick().withSeed(seed(what)));
  }

  @Override
  public RuleVerdict judge(Rule rule, Subject subject, Settings settings) {
    List<String> found = ClassScan.scan(subject.configured().strategy().getClass());
    if (!found.isEmpty()) {
      return RuleVerdict.fail(
          rule, 1, "expected state in kernel memory alone, found " + String.join("; ", found), "");
    }
    String repeat = rule + " seed=" + settings.seed();
    try {
      long few = heap(subject, settings.seed(), FEW_CONVERSIONS, 1);
      long many = heap(subject, settings.seed(), MANY_CONVERSIONS, 1);
      long large = heap(subject, settings.seed(), FEW_CONVERSIONS, 16);
      String figures =
          "%d B after %d conversions, %d B after %d, %d B with 16 times the pages"
              .formatted(few, FEW_CONVERSIONS, many, MANY_CONVERSIONS, large);
      boolean grows = many > few + SLACK || large > few + SLACK;
      return grows
          ? RuleVerdict.fail(
              rule, 3, "heap outside kernel memory: expected no growth, found " + figures, repeat)
          : RuleVerdict.pass(rule, 3, "heap outside kernel memory: " + figures);
    } catch (RuleViolation e) {
      return RuleVerdict.fail(rule, 3, String.valueOf(e.getMessage()), repeat);
    } catch (TrackerFailure e) {
      return RuleVerdict.notApplicable(rule, "the tracker fails: " + e.getMessage());
    }
  }

  private static long seed(String what) {
    if (!what.startsWith("seed=")) {
      throw new IllegalArgumentException("'" + what + "'; expected seed=NUMBER");
    }
    return Long.parseLong(what.substring(5));
  }

  /** Returns the bytes that only the tracker reaches, after conversions in a guest of some size. */
  private static long heap(Subject subject, long seed, int conversions, int size) {
    Rcu rcu = new Rcu();
    RetainingMemory memory = new RetainingMemory(new PlainMemory(rcu));
    Memslots slots = new Memslots(Geometry.standard(), /* privateMemory= */ true);
    TrackerContext context =
        subject.context(
            memory,
            rcu,
            slots,
            new LpageInfoWords(slots),
            StandaloneContext.NO_TRANSITIONS,
            /* initialAttributes= */ 0);
    PageAttributeTracker tracker = subject.create(context);
    try {
      long pages = 16L * size * PageLevel.PG_LEVEL_2M.pages();
      addSlots(memory, slots, tracker, pages);
      convert(subject, tracker, rcu, new Random(seed), conversions, pages);
    } catch (RuntimeException e) {
      throw new TrackerFailure("a conversion", e);
    }
    HeapWalk.Held held =
        HeapWalk.exclusive(tracker, context, subject.configured(), subject.configured().strategy());
    long most = ALLOWANCE + 2 * ALLOWANCE_PER_SLOT;
    if (held.bytes() > most) {
      throw new RuleViolation(
          Rule.R10,
          "heap reachable from the tracker alone: expected at most %d B, found %d: %s"
              .formatted(most, held.bytes(), largest(held.byClass())));
    }
    return held.bytes();
  }

  private static void addSlots(
      RetainingMemory memory, Memslots slots, PageAttributeTracker tracker, long pages) {
    for (int id = 0; id < 2; id++) {
      Memslot slot = Memslot.aligned(id, GfnRange.ofPages(id * pages, pages));
      slots.insert(new KvmMemslot(memory, slot, 0));
      tracker.memslotAdded(slot);
    }
  }

  private static void convert(
      Subject subject,
      PageAttributeTracker tracker,
      Rcu rcu,
      Random random,
      int conversions,
      long pages) {
    int[] attributes = CaseGenerator.attributes(subject.description().attributeBits());
    for (int i = 0; i < conversions; i++) {
      long start = random.nextLong(2 * pages);
      long end = Math.min(2 * pages, start + 1 + random.nextInt(1200));
      tracker.convert(new GfnRange(start, end), attributes[random.nextInt(attributes.length)]);
      rcu.quiescent();
    }
  }

  private static List<String> largest(Map<String, Long> byClass) {
    return byClass.entrySet().stream()
        .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder()))
        .limit(4)
        .map(entry -> entry.getKey() + " " + entry.getValue())
        .toList();
  }
}
